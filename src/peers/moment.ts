/** A moment at which something is looked up, and the stretch around it in which the answer stays the same. */

/** What answers are read from; its generation counts up with every change. */
export interface Source {
  readonly generation: number;
}

export interface Moment {
  readonly time: number;
  /** Whoever asks for a time from here on … */
  from: number;
  /** … and before this one gets the same answer … */
  to: number;
  /** … as long as nothing that it was read from changes. */
  readonly sources: Source[];
}

export function toMoment(time: number): Moment {
  return { time, from: -Infinity, to: Infinity, sources: [] };
}

/** Says that the answer may be another one on the other side of `boundary`; a beginning lies at it, an end before it. */
export function narrow(moment: Moment, boundary: number): void {
  if (boundary <= moment.time) {
    if (boundary > moment.from) moment.from = boundary;
  } else if (boundary < moment.to) moment.to = boundary;
}

/** Says that the answer was read from `source`. */
export function readFrom(moment: Moment, source: Source): void {
  if (!moment.sources.includes(source)) moment.sources.push(source);
}
