/** The hard maximum of spans: so many a second of the log's own clock, with a burst saved up in quiet times. */

export interface TokenBucket {
  /** True if `count` spans may leave at `now` (milliseconds since the epoch). */
  take(count: number, now: number): boolean;
}

/** Seconds of rate that may be saved up for a burst. */
const BURST_SECONDS = 2;
/**
 * Lookups close in another order than they end in, by seconds at most. Who is further behind than this (milliseconds)
 * tells of a clock that was set back: without starting anew nothing would refill until it has caught up.
 */
const STEP_BACK_MS = 60_000;

export function createTokenBucket(rate: number): TokenBucket {
  const capacity = rate * BURST_SECONDS;
  let tokens = capacity;
  let filled: number | undefined;
  return {
    take(count, now) {
      if (filled === undefined || now < filled - STEP_BACK_MS) filled = now;
      if (now > filled) {
        tokens = Math.min(capacity, tokens + ((now - filled) / 1e3) * rate);
        filled = now;
      }
      if (tokens < count) return false;
      tokens -= count;
      return true;
    },
  };
}
