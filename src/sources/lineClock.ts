/** Gives lines a time that say none themselves: that of their neighbours, else one that the source makes up. */

export interface LineClock {
  /** Fills in NaN among `time[0..count)`, which continue the lines of the last call. */
  fill(time: Float64Array, count: number): void;
  /** What `fill` would note, where every line has a time: `last` is the last one's. */
  passed(last: number): void;
}

/**
 * A line without time gets the previous line's; before the first line that has one, the first one's. `made` is asked
 * for the time of a line as long as no line of the file has any.
 */
export function createLineClock(made: () => number): LineClock {
  let last = Number.NaN;
  return {
    fill(time, count) {
      if (Number.isNaN(last)) last = firstTime(time, count);
      const isKnown = !Number.isNaN(last);
      for (let index = 0; index < count; index++) {
        const own = time[index] ?? Number.NaN;
        if (!Number.isNaN(own)) last = own;
        else time[index] = isKnown ? last : made();
      }
    },
    passed(time) {
      last = time;
    },
  };
}

function firstTime(time: Float64Array, count: number): number {
  for (let index = 0; index < count; index++) {
    const own = time[index] ?? Number.NaN;
    if (!Number.isNaN(own)) return own;
  }
  return Number.NaN;
}

/** The clock of a file that is replayed and knows no time: the order of its lines, a millisecond apart. */
export function createOrderClock(start: number): () => number {
  let time = start;
  return () => time++;
}
