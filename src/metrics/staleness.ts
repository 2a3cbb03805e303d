/** When rows were last heard of, and when that is too long ago to show them. */

/** Time without use after which rows are given back, in milliseconds; Tempo's `stale_duration` for an edge. */
export const STALE_MS = 15 * 60_000;
/** Milliseconds by which a line may be ahead of the newest tick. */
const MAX_AHEAD = 60_000;

/** When something that a line tells was heard of: one line that is stamped years ahead must not keep its rows for years. */
export function toHeard(at: number, clock: number): number {
  return clock === -Infinity ? at : Math.max(clock, Math.min(at, clock + MAX_AHEAD));
}
