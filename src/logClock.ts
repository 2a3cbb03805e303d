/**
 * The log's own clock: the time of the newest line, and where nothing is unread, the time that has passed since.
 *
 *     lines  ──12:00:00.1──12:00:00.3──┐                     the reader's clock may be minutes ahead or behind:
 *     ticks                            └─ + 0.1 ─ + 0.1 ─▶   only how far it moves counts
 *
 * So a lookup waits as long for its next query as it would on the machine that wrote the lines.
 */

export interface LogClock {
  /** A line of `writer` (one container's log) was written at `time`. */
  read(writer: string, time: number): 'on' | 'set_back';
  /** Nothing is unread at the reader's time `now`; undefined as long as there was no line. */
  tick(now: number): number | undefined;
  time(): number;
}

/** Milliseconds by which lines of one writer may fall back: a clock that is slewed, or two streams in one file. */
const MAX_FALL = 2_000;
/** Writers remembered; beyond it all begin anew, and a fall goes unnoticed once. */
const MAX_WRITERS = 1_000;

interface Writer {
  readonly name: string;
  /** The time of its newest line. */
  newest: number;
}

export function createLogClock(): LogClock {
  const writers = new Map<string, Writer>();
  /** Whose line was read last: lines come file by file. */
  let latest: Writer | undefined;
  let time = -Infinity;
  /** What the two clocks said at the first tick after the newest line. */
  let anchor: { readonly time: number; readonly at: number } | undefined;

  function writerOf(name: string): Writer {
    if (latest?.name === name) return latest;
    const known = writers.get(name);
    if (known === undefined && writers.size >= MAX_WRITERS) writers.clear();
    latest = known ?? { name, newest: -Infinity };
    writers.set(name, latest);
    return latest;
  }

  return {
    read(name, lineTime) {
      const writer = writerOf(name);
      const isSetBack = lineTime < writer.newest - MAX_FALL;
      if (isSetBack || lineTime > writer.newest) writer.newest = lineTime;
      // Whatever was told of a later time is over: nobody may wait for it.
      if (isSetBack || lineTime > time) time = lineTime;
      anchor = undefined;
      return isSetBack ? 'set_back' : 'on';
    },
    tick(now) {
      if (time === -Infinity) return undefined;
      if (anchor === undefined || now < anchor.at) anchor = { time, at: now };
      time = anchor.time + now - anchor.at;
      return time;
    },
    time: () => time,
  };
}
