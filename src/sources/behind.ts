/** How far reading is behind, over all logs that are followed at once, and which of them is read next. */
import type { Accept } from './reading.ts';
import type { Polled } from './source.ts';

/** A log, or the runs of a container. */
interface Followed {
  /** Time of its newest line that was read, in milliseconds since the epoch; -Infinity before the first. */
  readonly newest: number;
  /** Bytes that were written and not read. */
  unread(): number;
}

/** Reads one window of the log whose lines are oldest: so all are handed over nearly by time. */
export function readFurthest(
  logs: Iterable<Followed & { read(accept: Accept): void }>,
  accept: Accept,
): Polled {
  const behind = furthestBehind(logs);
  behind?.read(accept);
  return behind === undefined ? 'caughtUp' : 'more';
}

/** Seconds by which the log is behind that is furthest behind; NaN if nothing of it was read yet. */
export function toLag(logs: Iterable<Followed>, now: number): number {
  const behind = furthestBehind(logs);
  if (behind === undefined) return 0;
  return behind.newest === -Infinity ? Number.NaN : Math.max(0, now - behind.newest) / 1000;
}

export function toUnread(logs: Iterable<Followed>): number {
  let bytes = 0;
  for (const log of logs) bytes += log.unread();
  return bytes;
}

/** Of the logs with something unread the one whose lines are oldest. */
function furthestBehind<F extends Followed>(logs: Iterable<F>): F | undefined {
  let behind: F | undefined;
  for (const log of logs) {
    if (log.unread() > 0 && (behind === undefined || log.newest < behind.newest)) behind = log;
  }
  return behind;
}
