/**
 * One log file that is followed: where reading is, whether what was read is still there, and what the file is.
 *
 *     0                    position             seen              size
 *     │ lines handed over    │ begun line         │ not looked at    │
 */
import { type DnsPod, type LogFile, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { type Content, openContent } from './content.ts';
import { createClosedExtent, createExtent, type Extent } from './extent.ts';
import { isSameHead, toFingerprint, toFirstLine } from './head.ts';
import type { Held, Identity } from './identity.ts';
import { createLineClock } from './lineClock.ts';
import { createLineReader, type LineReader } from './lineReader.ts';
import type { Place } from './listing.ts';
import { type Remembered, toRememberedCopy } from './memory.ts';
import type { Accept, Reading } from './reading.ts';
import { createWitness } from './witness.ts';

export interface FollowedFile {
  readonly place: Place;
  /** Undefined as long as its first line is unfinished, or the file is held. */
  readonly log: LogFile | undefined;
  readonly head: Buffer;
  /** What stands in it now, whether it is open or not. */
  readonly extent: Extent;
  /** Where the first line begins that was not handed over. */
  readonly position: number;
  /** Bytes it had when it was looked at last; of a compressed one, until it has been read, those of its archive. */
  readonly size: number;
  readonly isPacked: boolean;
  /** Time of the newest line handed over; -Infinity before the first. */
  readonly newest: number;
  /** True until everything was read that will be written. */
  readonly isOpen: boolean;
  /** True while another file with the same content is followed. */
  readonly isHeld: boolean;
  /** False if the listing does not show it any more. */
  isListed: boolean;
  /** True if the file at `place` is this one, which may have grown or got another name: it is taken up then. */
  moved(place: Place): boolean;
  /** Looks whether it has grown, and whether what was read is still there; after a failure it is tried again. */
  look(): void;
  /** Somebody else has seen that it has `size` bytes. */
  sized(size: number): void;
  /** Bytes not looked at; 0 too for a file that cannot be read at the moment. */
  unread(): number;
  /** Hands over the lines of one window; what `accept` throws goes through, and its lines do not come again. */
  read(accept: Accept): void;
  /** Hands over what has no line break as a line, and closes the file. */
  finish(accept: Accept): void;
  /** True if it is not expected to grow: it is as it is for a while. */
  readonly isSettled: boolean;
  /** True if it has been read to its end and has not grown for a while. */
  isQuiet(): boolean;
  /** Leaves what is not read yet to a file that holds all that this one holds. */
  hold(): void;
  /** True once no name leads to it any more. */
  isDeleted(): boolean;
  /** What a checkpoint keeps; `unsettled`: the lowest byte whose output is not settled yet, undefined if there is none. */
  toRemembered(unsettled: number | undefined): Remembered | undefined;
  close(): void;
}

export interface FollowedFileOptions {
  readonly place: Place;
  readonly pod: DnsPod | undefined;
  readonly identify: (file: FollowedFile, firstLine: Buffer) => Identity;
  /** Called when its content is gone, before it is followed anew from its beginning. */
  readonly forgotten: (former: Remembered) => void;
}

/**
 * Milliseconds without growth after which a file that is not the newest may be closed. The runtime goes on writing to
 * a renamed file until the kubelet has made it reopen its log, which takes seconds at most.
 */
const LINGER = 10_000;

/** Throws if the file cannot be opened. */
export function followFile(options: FollowedFileOptions, reading: Reading, self: SourcesSelf): FollowedFile {
  const { pod, identify, forgotten } = options;
  const { files, now } = reading;
  let { place } = options;
  let content: Content | undefined = openContent(place.path, files);
  const witness = createWitness(content.head());
  const head = (): Buffer => witness.head;
  let extent = createExtent(content, head);
  let size = content.size();
  let seen = 0;
  let log: LogFile | undefined;
  let reader = startReader(0);
  let grew = now();
  let hasFailed = false;
  let held: Held | undefined;
  if (content.damage() !== undefined) {
    self.damaged(place.path, content.damage());
    close();
  }

  function startReader(position: number): LineReader {
    const label = (): string => toDnsPodLabel(log ?? { path: place.path, id: '', pod });
    const clock = createLineClock({ made: now, now, timeless: () => self.timeless(place.path) });
    return createLineReader({ ...reading, position, clock, label }, self);
  }

  /** Does what touches the file; a failure ends this attempt, and the next listing allows another. */
  function attempt(touch: (open: Content) => void): void {
    if (content === undefined) return;
    try {
      touch(content);
    } catch (error) {
      hasFailed = true;
      self.failed('read', place.path, error);
    }
  }

  function sized(found: number): void {
    if (found > size) grew = now();
    size = found;
  }

  function check(open: Content): void {
    sized(open.size());
    const known = witness.head;
    if (!witness.isKept(open, reader) || (size < seen && !open.isPacked)) beginAgain(open, known);
    if (log === undefined) recognise(open);
  }

  function beginAgain(open: Content, known: Buffer): void {
    self.truncated(place.path, size < seen ? 'truncated' : 'refilled');
    const former = toRemembered(undefined, known);
    if (former !== undefined) forgotten(former);
    log = undefined;
    extent = createExtent(open, head);
    reader = startReader(0);
    seen = 0;
  }

  function recognise(open: Content): void {
    const firstLine = toFirstLine(witness.head, (into, at) => (open.isPacked ? 0 : open.read(into, at)));
    // A compressed file does not grow: what it begins with is all there will be.
    if (firstLine !== undefined || open.isPacked) become(firstLine ?? witness.head);
    else seen = size;
  }

  function become(firstLine: Buffer): void {
    const identity = identify(file, firstLine);
    held = 'copyOf' in identity ? identity : undefined;
    if ('copyOf' in identity) {
      seen = size;
      return;
    }
    const { id, offset } = identity;
    log = { path: place.path, id, pod };
    reader = startReader(offset);
    seen = offset;
    self.opened(place.path, offset);
    if (!identity.isRead) return;
    size = offset;
    close();
  }

  function unread(): number {
    if (content === undefined || hasFailed) return 0;
    // Where a compressed file ends only unpacking tells.
    return content.isPacked && log !== undefined ? Math.max(1, size - seen) : Math.abs(size - seen);
  }

  function finish(accept: Accept): void {
    attempt((open) => {
      // A first line that nobody will finish.
      if (log === undefined && witness.head.length > 0) become(witness.head);
      const filled = reader.fill(open);
      if (open.isPacked) size = reader.position + filled;
      seen = reader.position + filled;
      if (open.damage() !== undefined) self.damaged(place.path, open.damage());
    });
    close();
    if (log !== undefined) reader.deliver(log, 'end', accept);
  }

  function close(): void {
    if (content === undefined) return;
    content.close();
    content = undefined;
    extent = createClosedExtent(() => place.path, files, head);
  }

  function toRemembered(unsettled: number | undefined, known = witness.head): Remembered | undefined {
    if (log === undefined) return toRememberedCopy(held?.copyOf, { path: place.path, size, head: known });
    const offset = Math.min(reader.position, reader.begun(), unsettled ?? Infinity);
    const isFinished = content === undefined && offset >= size;
    return { id: log.id, path: place.path, offset, size, isFinished, fingerprint: toFingerprint(known) };
  }

  const file: FollowedFile = {
    isListed: true,
    get place() {
      return place;
    },
    get log() {
      return log;
    },
    get head() {
      return witness.head;
    },
    get position() {
      return reader.position;
    },
    get size() {
      return size;
    },
    get extent() {
      return extent;
    },
    get isPacked() {
      return content?.isPacked === true;
    },
    get isSettled() {
      // Waiting begins anew when the clock is set back.
      grew = Math.min(grew, now());
      return now() - grew >= LINGER;
    },
    get newest() {
      return reader.newest;
    },
    get isHeld() {
      return held !== undefined;
    },
    get isOpen() {
      return content !== undefined;
    },
    moved(found) {
      const isSame = content !== undefined || isUnchanged(found) || reopen(found);
      // Of a compressed file this alone tells.
      if (isSame && found.size !== place.size) grew = now();
      if (isSame) place = found;
      return isSame;
    },
    look() {
      if (hasFailed) seen = reader.position;
      hasFailed = false;
      attempt(check);
    },
    sized,
    unread,
    read(accept) {
      let filled = 0;
      let isAtEnd = false;
      attempt((open) => {
        check(open);
        if (log === undefined) return;
        filled = reader.fill(open);
        isAtEnd = open.isPacked && !open.isComing(reader.position + filled);
      });
      const end = reader.position + filled;
      if (log !== undefined && filled > 0) reader.deliver(log, 'more', accept);
      // Only now: what `accept` throws leaves the rest of the window unread.
      seen = Math.max(seen, end);
      if (isAtEnd) finish(accept);
    },
    finish,
    isQuiet: () =>
      content !== undefined && held === undefined && !hasFailed && unread() === 0 && file.isSettled,
    hold() {
      // Whatever it becomes, somebody has to look at it.
      if (content === undefined) reopen(place);
      held = { copyOf: file.isPacked ? undefined : log?.id };
      log = undefined;
      seen = size;
    },
    isDeleted: () => content?.isDeleted() === true,
    toRemembered: (unsettled) => toRemembered(unsettled),
    close,
  };

  function isUnchanged(found: Place): boolean {
    return found.size === place.size && found.modified === place.modified;
  }

  /** A file that was finished has changed: it goes on, or its inode was given to another one. */
  function reopen(found: Place): boolean {
    try {
      const opened = openContent(found.path, files);
      const isLongEnough = opened.isPacked || opened.size() >= reader.position;
      if (isLongEnough && isSameHead(witness.head, opened.head())) {
        content = opened;
        extent = createExtent(opened, head);
        return true;
      }
      opened.close();
    } catch (error) {
      self.failed('open', found.path, error);
    }
    return false;
  }

  return file;
}
