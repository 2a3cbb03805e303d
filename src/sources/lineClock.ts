/** Gives lines a time that say none themselves: one behind that of their neighbours, else one that the source makes up. */

export interface LineClock {
  /** Fills in NaN among `time[0..count)`, which continue the lines of the last call. */
  fill(time: Float64Array, count: number): void;
  /** What `fill` would note, where every line has a time: `last` is the last one's. */
  passed(last: number): void;
}

export interface LineClockOptions {
  /** Asked for the time of a line as long as no line of the file has any. */
  readonly made: () => number;
  /** The clock of lines that are read as they are written: none of them is later. */
  readonly now?: () => number;
  /** Called once, when a time had to be made up, or when many lines in a row had none. */
  readonly timeless: () => void;
}

/** Milliseconds: two lines are not of one moment. */
const STEP = 1;
/** Lines in a row without a time that are no message of several lines, such as a stack trace. */
const LONG_RUN = 100;

/**
 * A line without time is a step behind the previous one, but not behind the next one that has a time, if that stands in
 * the same batch: nobody knows how fast they came. Before the first line that has a time, they get the first one's.
 * Behind a long run, what is read as it is written is of now.
 */
export function createLineClock({ made, now, timeless }: LineClockOptions): LineClock {
  /** Of the previous line; NaN as long as no line had any. */
  let last = Number.NaN;
  /** Lines since the last one that had a time. */
  let run = 0;
  let isTold = false;

  function tell(): void {
    if (!isTold) timeless();
    isTold = true;
  }

  function toNext(later: number): number {
    if (Number.isNaN(last) && Number.isNaN(later)) {
      tell();
      return made();
    }
    run++;
    if (run >= LONG_RUN) tell();
    if (Number.isNaN(last)) return later;
    const latest = Number.isNaN(later) ? (now?.() ?? Infinity) : later;
    const next = run > LONG_RUN ? (now?.() ?? last + STEP) : last + STEP;
    last = Math.max(last, Math.min(next, latest));
    return last;
  }

  return {
    fill(time, count) {
      let timed = findTimed(time, 0, count);
      for (let row = 0; row < count; row++) {
        if (row < timed) {
          time[row] = toNext(time[timed] ?? Number.NaN);
          continue;
        }
        last = time[row] ?? Number.NaN;
        run = 0;
        timed = findTimed(time, row + 1, count);
      }
    },
    passed(time) {
      last = time;
      run = 0;
    },
  };
}

/** The next row that has a time; beyond all rows if there is none. */
function findTimed(time: Float64Array, from: number, count: number): number {
  for (let row = from; row < count; row++) if (!Number.isNaN(time[row] ?? Number.NaN)) return row;
  return time.length;
}

/** The clock of a file that is replayed and knows no time: the order of its lines, a step apart, from `start()` on. */
export function createOrderClock(start: () => number): () => number {
  let time: number | undefined;
  return () => {
    time = time === undefined ? start() : time + STEP;
    return time;
  };
}
