/**
 * All logs of one container in the order they were written: found, told apart, read one after another.
 *
 * A file is known by its inode while it is open and by its content else, never by its name:
 *
 *     0.log ──renamed──▶ 0.log.20261121-120104 ──compressed──▶ 0.log.20261121-120104.gz
 *            the same inode: read to its end           another inode, the same content:
 *            before the new 0.log                      only what is missing is read
 */
import { basename } from 'node:path';
import type { SourcesSelf } from '../self/sources.ts';
import { isDue } from './due.ts';
import { type FollowedFile, followFile } from './followedFile.ts';
import { createIdentify } from './identify.ts';
import { type PodOfLogs, toDnsPod } from './layout.ts';
import { comparePlaces, listPlaces, type Place } from './listing.ts';
import type { Memory, Remembered } from './memory.ts';
import type { Accept, Reading } from './reading.ts';
import { createTwins } from './twins.ts';

export interface ContainerLog {
  readonly files: readonly FollowedFile[];
  /** Time of the newest line handed over; -Infinity before the first. */
  readonly newest: number;
  /** True if at the last listing every file could be opened. */
  readonly isComplete: boolean;
  /** True if its folder is gone, and nothing is left to be read. */
  readonly isGone: boolean;
  /** Finds out what was written, renamed, removed; rests of lines of finished files are handed over. */
  look(accept: Accept): void;
  /** Bytes not read. */
  unread(): number;
  /** Reads one window of the oldest file that has something unread. */
  read(accept: Accept): void;
  close(): void;
}

export interface ContainerLogOptions {
  /** May go away, and come back. */
  readonly folder: string;
  readonly memory: Memory;
  /** See FollowerOptions. */
  readonly own: PodOfLogs | undefined;
}

/** Milliseconds between two listings; in between, only the newest file is looked at. */
const LIST_EVERY = 1_000;

export function createContainerLog(
  { folder, memory, own }: ContainerLogOptions,
  reading: Reading,
  self: SourcesSelf,
): ContainerLog {
  const pod = toDnsPod(folder, own);
  const owner = `${pod?.uid ?? ''}/${basename(folder)}`;
  const twins = createTwins();
  /** In reading order. */
  let files: FollowedFile[] = [];
  let listedAt = -Infinity;
  let isFirstListing = true;
  let isThere = true;
  let newestTime = -Infinity;
  /** The newest file, if it was deleted and no other has been found since. */
  let lost: FollowedFile | undefined;
  /** Files that could not be opened, by key. */
  let refused = new Set<string>();
  const identify = createIdentify({ owner, memory, twins, files: () => files, seenAgain });

  function relist(): void {
    listedAt = reading.now();
    const listing = listPlaces(folder, reading.files, self);
    if (listing === 'failed') return;
    isThere = listing !== 'missing';
    const newest = newestListed();
    const before = newest?.place.name.rotation;
    const unknown = match(listing === 'missing' ? [] : listing);
    if (newest !== undefined && before === '') noteRotation(newest);
    forget();
    refused = new Set();
    // Before others are compared with them; copies last: what their original has become may be among the new ones.
    const held = files.filter((file) => file.isHeld).toSorted(compareExtents);
    for (const file of files) if (!file.isHeld) file.look();
    adopt(unknown);
    for (const file of held) file.look();
    files.sort(compareFiles);
    isFirstListing = false;
  }

  /** Finds the files that are followed among `places`; returns the others. */
  function match(places: readonly Place[]): Place[] {
    const followed = new Map(files.map((file) => [file.place.key, file]));
    for (const file of files) file.isListed = false;
    return places.filter((place) => {
      const file = followed.get(place.key);
      // A file with two names is one file.
      if (file === undefined || (!file.isListed && !file.moved(place))) return true;
      file.isListed = true;
      return false;
    });
  }

  /** A link whose target was renamed elsewhere (Docker's own rotation) is not listed, but not deleted either. */
  function noteRotation(former: FollowedFile): void {
    const isRenamed = former.isListed ? former.place.name.rotation !== '' : !former.isDeleted();
    if (isRenamed) self.rotated(former.place.path);
    else if (!former.isListed) lost = former;
  }

  /** What is closed and not listed is remembered: it may come back compressed. */
  function forget(): void {
    // A copy holds nothing of its own: it need not wait until it is quiet.
    for (const file of files)
      if (!file.isListed && file.isHeld && twins.originalOf(file) !== undefined) file.close();
    const gone = files.filter((file) => !file.isListed && !file.isOpen);
    files = files.filter((file) => !gone.includes(file));
    for (const file of gone) {
      const remembered = file.toRemembered(undefined);
      if (remembered !== undefined) memory.keep(remembered);
    }
  }

  /** Those with most in them first: whatever is a copy of another one then finds it. */
  function adopt(places: readonly Place[]): void {
    const found = places.flatMap(open);
    for (const file of found.toSorted(compareContents)) {
      files.push(file);
      file.look();
    }
    if (!isFirstListing) for (const file of found) noteNew(file);
  }

  function open(place: Place): FollowedFile[] {
    const forgotten = (former: Remembered): void => memory.keep(former);
    try {
      return [followFile({ place, pod, identify, forgotten }, reading, self)];
    } catch (error) {
      refused.add(place.key);
      self.failed('open', place.path, error);
      return [];
    }
  }

  function noteNew({ isHeld, place, log, position }: FollowedFile): void {
    if (isHeld) return;
    const isRotated = place.name.rotation !== '' && log !== undefined && position === 0;
    if (lost !== undefined) self.possibleLoss('gap', place.path);
    else if (isRotated) self.rotated(place.path);
    lost = undefined;
  }

  /** What one of these holds was not deleted, but compressed or copied. */
  function seenAgain(found: readonly FollowedFile[]): void {
    if (lost !== undefined && found.includes(lost)) lost = undefined;
  }

  function newestListed(): FollowedFile | undefined {
    return files.findLast((file) => file.isListed);
  }

  /** One call of stat tells whether the newest file has grown, and whether its name is another's by now. */
  function isNewestChanged(): boolean {
    const newest = newestListed();
    if (newest === undefined) return false;
    try {
      const stat = reading.files.stat(newest.place.path);
      if (stat?.key === newest.place.key) newest.sized(stat.size);
      return stat === undefined || (stat.key !== newest.place.key && !refused.has(stat.key));
    } catch {
      // The next listing tells what is wrong.
      return false;
    }
  }

  function finishQuiet(accept: Accept): void {
    const newest = newestListed();
    for (const file of files) if (file !== newest && file.isQuiet()) file.finish(accept);
  }

  return {
    get files() {
      return files;
    },
    get newest() {
      return newestTime;
    },
    get isComplete() {
      return refused.size === 0 && !isFirstListing;
    },
    get isGone() {
      return !isThere && files.length === 0;
    },
    look(accept) {
      if (isDue(listedAt, LIST_EVERY, reading.now()) || isNewestChanged()) relist();
      finishQuiet(accept);
    },
    unread: () => files.reduce((sum, file) => sum + file.unread(), 0),
    read(accept) {
      const file = files.find((candidate) => candidate.unread() > 0);
      file?.read(accept);
      newestTime = Math.max(newestTime, file?.newest ?? newestTime);
    },
    close() {
      for (const file of files) file.close();
    },
  };
}

/** Plain ones first, whose beginnings can be compared with what an archive says of itself; the newest among equals. */
function compareContents(a: FollowedFile, b: FollowedFile): number {
  return Number(a.isPacked) - Number(b.isPacked) || b.size - a.size || comparePlaces(b.place, a.place);
}

/** Those that hold most first, as far as they tell: what is left to be read of a log that is gone stands there. */
function compareExtents(a: FollowedFile, b: FollowedFile): number {
  return lengthOf(b) - lengthOf(a) || Number(a.isPacked) - Number(b.isPacked);
}

function lengthOf({ extent }: FollowedFile): number {
  try {
    return extent.length() ?? -1;
  } catch {
    // Whoever reads it tells.
    return -1;
  }
}

/** What has lost its name was written before what has one. */
function compareFiles(a: FollowedFile, b: FollowedFile): number {
  if (a.isListed !== b.isListed) return a.isListed ? 1 : -1;
  return comparePlaces(a.place, b.place);
}
