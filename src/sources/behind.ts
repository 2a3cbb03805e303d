/** How far reading is behind, over all logs that are followed at once. */

/** A log, or the runs of a container. */
interface Followed {
  /** Time of its newest line that was read, in milliseconds since the epoch; -Infinity before the first. */
  readonly newest: number;
  /** Bytes that were written and not read. */
  unread(): number;
}

/** Of the logs with something unread the one whose lines are oldest: so all are handed over nearly by time. */
export function furthestBehind<F extends Followed>(logs: Iterable<F>): F | undefined {
  let behind: F | undefined;
  for (const log of logs) {
    if (log.unread() > 0 && (behind === undefined || log.newest < behind.newest)) behind = log;
  }
  return behind;
}

/** Seconds by which `behind` is behind; NaN if nothing of it was read yet. */
export function toLag(behind: Followed | undefined, now: number): number {
  if (behind === undefined) return 0;
  return behind.newest === -Infinity ? Number.NaN : Math.max(0, now - behind.newest) / 1000;
}

export function toUnread(logs: Iterable<Followed>): number {
  let bytes = 0;
  for (const log of logs) bytes += log.unread();
  return bytes;
}
