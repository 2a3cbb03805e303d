/** What the sources tell of themselves: lines and bytes read, what happens to log files, what may have been lost. */
import { toErrorText } from '../text/errors.ts';
import { rememberCells } from './cells.ts';
import type { Log, LogFields } from './log.ts';
import type { Registry } from './registry.ts';

export interface SourcesSelf {
  /** `count` lines of `pod` were read; each of them is parsed or rejected, here or by the parser. */
  read(pod: string, count: number): void;
  /** One line of `pod` was read and not handed on; `sample` is the start of its text. */
  rejected(pod: string, reason: string, sample: string): void;
  bytes(count: number): void;
  /** A log is read from byte `offset` on. */
  opened(path: string, offset: number): void;
  /** A log is left out: it holds nothing that another one of its name does not hold. */
  repeated(path: string): void;
  /** Times of a log had to be made up. */
  timeless(path: string): void;
  /** A log was renamed or removed, and another one stands in its place. */
  rotated(path: string): void;
  /** A log became shorter (`truncated`), or holds something else than what was read (`refilled`). */
  truncated(path: string, reason: 'truncated' | 'refilled'): void;
  /** Lines may be gone unread; the reasons of truncation are counted with it. */
  possibleLoss(reason: 'gap' | 'gone' | 'missed', path: string): void;
  failed(reason: Exclude<SourceError, 'gzip'>, path: string, error: unknown): void;
  /** A compressed log cannot be unpacked to its end: an error, and a possible loss. */
  damaged(path: string, error: unknown): void;
  /** There is no log of the named containers yet; `where` was looked, in the words of the options. */
  nothingFound(where: LogFields): void;
  checkpoint(result: CheckpointResult, path: string, error?: unknown): void;
  /** Tells how far reading is, whenever somebody looks: seconds and bytes. */
  follows(read: { readonly lag: () => number; readonly unread: () => number }): void;
  /** Tells the position in the newest log of `pod`, whenever somebody looks; NaN when there is none. */
  position(pod: string, read: () => number): void;
}

/** Why lines may have been lost before they could be read; a closed set, because it becomes a metric label. */
export const LOSS_REASONS = [
  /** The file became shorter. */
  'truncated',
  /** It was truncated, and grew beyond what had been read. */
  'refilled',
  /** The newest log vanished: others may have come and gone before the next one that was found. */
  'gap',
  /** A log that the checkpoint knows is not there any more, or one that went with its pod before its end was read. */
  'gone',
  /** A log that is followed through the API goes on behind the line that was read last. */
  'missed',
  /** A compressed log cannot be unpacked to its end. */
  'damaged',
] as const;

/** What keeps a log from being read; a closed set, because it becomes a metric label. */
export const SOURCE_ERRORS = [
  /** The log directory or a folder in it cannot be listed. */
  'folder',
  'open',
  'read',
  /** A symbolic link leads nowhere: Docker's own folder is not mounted. */
  'link',
  /** The compressed log is damaged. */
  'gzip',
  /** The API server does not list the DNS pods. */
  'list',
  /** The API server, or the kubelet behind it, does not send a log. */
  'stream',
  /** There are more containers than can be followed through the API. */
  'limit',
] as const;
export type SourceError = (typeof SOURCE_ERRORS)[number];

/** What became of an attempt to save or load positions; a closed set, because it becomes a metric label. */
export const CHECKPOINT_RESULTS = ['saved', 'save_failed', 'loaded', 'refused'] as const;
export type CheckpointResult = (typeof CHECKPOINT_RESULTS)[number];

const ERROR_MESSAGES: Readonly<Record<SourceError, string>> = {
  folder: 'A folder of the log volume cannot be listed',
  open: 'A log cannot be opened',
  read: 'A log cannot be read',
  link: 'A log is a symbolic link that leads nowhere: the volume it points into is not mounted',
  gzip: 'A compressed log is damaged: what it holds behind that is lost',
  list: 'The DNS pods cannot be listed',
  stream: 'A log cannot be followed; it is asked for again',
  limit: 'There are too many DNS containers to follow through the API: install corespan as a DaemonSet',
};

const LOSS_MESSAGES: Readonly<Record<'gap' | 'gone' | 'missed', string>> = {
  gap: 'The newest log vanished: lines written before the next one may be lost',
  gone: 'A log vanished before its end was read: lines may be lost',
  missed: 'A log goes on behind the last line that was read: lines between may be lost',
};

const TIMELESS =
  'Lines of a log have no time: their order is the clock, and clients may be named for a pod that got the address later. `kubectl logs --timestamps`, or the log volume, has the times';

export function createSourcesSelf(registry: Registry, log: Log): SourcesSelf {
  const read = rememberCells((pod) => registry.cell('corespan_lines_read_total', pod));
  const bytes = registry.cell('corespan_read_bytes_total');
  const rotations = registry.cell('corespan_rotations_total');
  const truncations = registry.cell('corespan_truncations_total');
  for (const reason of LOSS_REASONS) registry.show('corespan_possible_loss_total', reason);
  for (const reason of SOURCE_ERRORS) registry.show('corespan_source_errors_total', reason);
  for (const result of CHECKPOINT_RESULTS) registry.show('corespan_checkpoints_total', result);

  function failed(reason: SourceError, path: string, error: unknown): void {
    registry.cell('corespan_source_errors_total', reason).value++;
    log.often('warn', ERROR_MESSAGES[reason], { path, error: toErrorText(error) });
  }

  return {
    read(pod, count) {
      read(pod).value += count;
    },
    rejected(pod, reason, sample) {
      registry.cell('corespan_lines_rejected_total', pod, reason).value++;
      // The parser's own sentence: the two share one count a minute.
      log.often('warn', 'A line was not understood', { reason, pod, line: sample });
    },
    bytes(count) {
      bytes.value += count;
    },
    opened(path, offset) {
      log.debug('A log is read', { path, offset });
    },
    repeated(path) {
      log.often('info', 'A log is left out: it is a copy of another one that is read', { path });
    },
    timeless(path) {
      log.often('warn', TIMELESS, { path });
    },
    rotated(path) {
      rotations.value++;
      log.debug('A log was rotated', { path });
    },
    truncated(path, reason) {
      truncations.value++;
      registry.cell('corespan_possible_loss_total', reason).value++;
      log.often('warn', 'A log was truncated: lines may be lost', { path, reason });
    },
    possibleLoss(reason, path) {
      registry.cell('corespan_possible_loss_total', reason).value++;
      log.often('warn', LOSS_MESSAGES[reason], { path });
    },
    failed,
    damaged(path, error) {
      registry.cell('corespan_possible_loss_total', 'damaged').value++;
      failed('gzip', path, error);
    },
    nothingFound(where) {
      log.often('warn', 'There is no log of the named containers yet', where);
    },
    checkpoint(result, path, error) {
      registry.cell('corespan_checkpoints_total', result).value++;
      const fields = { path, error: error === undefined ? undefined : toErrorText(error) };
      switch (result) {
        case 'saved':
          return;
        case 'loaded':
          log.info('Reading goes on where the checkpoint says', fields);
          return;
        case 'refused':
          log.warn(
            'The checkpoint cannot be used: all logs that exist are read from their beginning',
            fields,
          );
          return;
        case 'save_failed':
          log.often('warn', 'The checkpoint cannot be saved; reading goes on', fields);
          return;
        default:
          result satisfies never;
      }
    },
    follows({ lag, unread }) {
      registry.observe('corespan_lag_seconds', [], lag);
      registry.observe('corespan_unread_bytes', [], unread);
    },
    position(pod, value) {
      registry.observe('corespan_read_offset_bytes', [pod], value);
    },
  };
}
