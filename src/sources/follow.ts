/**
 * Follows the logs of the DNS containers below a folder: finds them, reads what is new, remembers how far it came.
 *
 * One thread, no streams, no fs.watch: somebody polls.
 */
import { type LogFile, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { createBatch, DEFAULT_LINE_LIMIT } from './batch.ts';
import { readFurthest, toLag, toUnread } from './behind.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type ContainerLog, createContainerLog } from './containerLog.ts';
import { isDue } from './due.ts';
import { type FileStat, type Files, SYSTEM_FILES } from './files.ts';
import type { FollowedFile } from './followedFile.ts';
import { findContainerFolders, type PodOfLogs } from './layout.ts';
import { createMemory, type Remembered } from './memory.ts';
import type { Accept, Reading } from './reading.ts';
import { readSlice } from './slice.ts';
import type { Source, Unsettled } from './source.ts';

export interface FollowerOptions {
  /** The node's folder of all pods, or one pod's own: see layout.ts. */
  readonly dir: string;
  /** Whose folder `dir` is, if it is one pod's own: mounted by a sub-path, it does not tell. */
  readonly own?: PodOfLogs | undefined;
  /** Names of the containers whose logs are read. */
  readonly containers: readonly string[];
  /** Path of the file that remembers positions over restarts. */
  readonly checkpoint: string | undefined;
  /** Most bytes of a line; 64 KiB by default. */
  readonly lineLimit?: number;
  readonly files?: Files;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The log volume as a source, which never ends. */
export interface Follower extends Source {
  state(): FollowerState;
}

export interface FollowerState {
  /** Time of the newest line read, in milliseconds since the epoch; undefined before the first. */
  readonly newestTime: number | undefined;
  /** As of the last poll. */
  readonly unreadBytes: number;
  readonly files: readonly {
    readonly file: LogFile;
    /** Where the first line begins that was not handed over. */
    readonly position: number;
    readonly size: number;
  }[];
}

/** Milliseconds between two searches for containers, which on a node means to list every pod's folder. */
const SEARCH_EVERY = 5_000;
/** The same, as long as there is none. */
const SEARCH_AGAIN = 1_000;

/** What is wrong with a log directory that is none. */
const NO_FOLDER = 'a file where a folder is wanted';

export function createFollower(options: FollowerOptions, self: SourcesSelf): Follower {
  const { dir, containers, files = SYSTEM_FILES, lineLimit = DEFAULT_LINE_LIMIT, now } = options;
  const checkpoint = openCheckpoint(options.checkpoint, files, self);
  const memory = createMemory(checkpoint.loaded ?? []);
  const reading: Reading = { files, batch: createBatch(lineLimit), lineLimit, now };
  /** By folder. */
  const logs = new Map<string, ContainerLog>();
  const labels = new Set<string>();
  let searchedAt = -Infinity;
  let newestTime: number | undefined;
  /** What `dir` is, as of the last look; undefined if nothing is there. */
  let kind: FileStat['kind'] | undefined;

  function failed(path: string, error: unknown): void {
    self.failed('folder', path, error);
  }

  function search(): void {
    const at = now();
    if (!isDue(searchedAt, logs.size === 0 ? SEARCH_AGAIN : SEARCH_EVERY, at)) return;
    searchedAt = at;
    try {
      kind = files.stat(dir)?.kind;
      if (kind !== undefined && kind !== 'folder') failed(dir, NO_FOLDER);
      if (kind === 'folder')
        for (const folder of findContainerFolders(dir, { containers, failed }, files)) add(folder);
      if (logs.size === 0) self.nothingFound({ '--log-dir': dir, '--containers': containers.join(',') });
    } catch (error) {
      failed(dir, error);
    }
  }

  function add(folder: string): void {
    if (logs.has(folder)) return;
    logs.set(folder, createContainerLog({ folder, memory, own: options.own }, reading, self));
  }

  function look(accept: Accept): void {
    search();
    for (const [folder, log] of logs) {
      log.look(accept);
      if (log.isGone) logs.delete(folder);
    }
    judge();
  }

  /** Once everything that is there could be opened: what the checkpoint knows and nobody has found is gone. */
  function judge(): void {
    const expected = memory.expected();
    if (expected.length === 0 || logs.size === 0) return;
    for (const log of logs.values()) if (!log.isComplete) return;
    for (const { isFinished, path } of expected) if (!isFinished) self.possibleLoss('gone', path);
    memory.giveUp();
  }

  const unread = (): number => toUnread(logs.values());

  function noteNewest(): void {
    for (const { newest } of logs.values()) {
      if (newest > (newestTime ?? -Infinity)) newestTime = newest;
    }
  }

  function allFiles(): FollowedFile[] {
    return [...logs.values()].flatMap((log) => log.files);
  }

  function followed(unsettled: Unsettled): Remembered[] {
    return allFiles().flatMap((file) => {
      const remembered = file.toRemembered(file.log === undefined ? undefined : unsettled(file.log.id));
      return remembered === undefined ? [] : [remembered];
    });
  }

  /** Of files that went away: those whose output is pending, and those that may still be found. */
  function remembered(unsettled: Unsettled): Remembered[] {
    const expected = memory.expected();
    return [...memory.all()].flatMap((entry) => {
      const pending = unsettled(entry.id);
      if (pending === undefined) return expected.includes(entry) ? [entry] : [];
      const offset = Math.min(entry.offset, pending);
      return [{ ...entry, offset, isFinished: entry.isFinished && offset === entry.offset }];
    });
  }

  /** The gauge of a DNS pod is of its newest log, whichever file that is by then. */
  function tellPositions(): void {
    for (const log of logs.values()) {
      const label = labelOf(log);
      if (label === undefined || labels.has(label)) continue;
      labels.add(label);
      self.position(label, () => {
        const current = [...logs.values()].find((candidate) => labelOf(candidate) === label);
        return current?.files.at(-1)?.position ?? Number.NaN;
      });
    }
  }

  self.follows({ lag: () => toLag(logs.values(), now()), unread });

  return {
    poll(accept) {
      look(accept);
      readSlice(now, () => readFurthest(logs.values(), accept));
      noteNewest();
      tellPositions();
      return unread() > 0 ? 'more' : 'caughtUp';
    },
    waitingFor() {
      for (const log of logs.values()) if (log.files.length > 0) return undefined;
      const where =
        kind === 'folder' ? dir : `${dir}, which is ${kind === undefined ? 'not there' : NO_FOLDER}`;
      return `a log of the containers ${containers.join(', ')} (--containers) in ${where} (--log-dir)`;
    },
    save(unsettled) {
      if (options.checkpoint === undefined) return;
      checkpoint.save([...followed(unsettled), ...remembered(unsettled)]);
    },
    state() {
      return {
        newestTime,
        unreadBytes: unread(),
        files: allFiles().flatMap(({ log, position, size }) =>
          log === undefined ? [] : [{ file: log, position, size }],
        ),
      };
    },
    stop() {
      for (const log of logs.values()) log.close();
    },
  };
}

function labelOf(log: ContainerLog): string | undefined {
  const newest = log.files.at(-1)?.log;
  return newest === undefined ? undefined : toDnsPodLabel(newest);
}
