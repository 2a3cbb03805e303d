/** What is left of a line when the container runtime's wrapping is off. */

/** One object for all lines: it tells of the line read last, whose time is in the batch (NaN if it has none). */
export interface Unwrapped {
  /**
   * `bare`: without wrapping. `whole`: the line, or the last part of a cut one; `part`: of a cut one, more follows.
   * `broken`: begins like a wrapping but is none.
   */
  kind: 'bare' | 'whole' | 'part' | 'broken';
  stream: 'stdout' | 'stderr';
  /** The text is `bytes[start..end)`. */
  start: number;
  end: number;
}
