/**
 * The hard maximum of spans: so many a second of the log's own clock, with a burst saved up in quiet times.
 *
 *     empty ── a quarter ──────── half ───────────────── full
 *       │        │                  │ ordinary traces end here
 *       │        │ failures and slow lookups end here
 *       │ whatever has no fresh trace ends here
 *
 * So neither a share of the ordinary nor an outage, in which everything is a failure, takes what the rarer kinds need.
 */

/** What a trace is to show: something that has none to open, something that went wrong, or one more of the ordinary. */
export type Need = 'first' | 'notable' | 'ordinary';

export interface TokenBucket {
  /** True if a trace of `count` spans may leave at `now` (milliseconds since the epoch). */
  take(count: number, now: number, need: Need): boolean;
}

/** Seconds of rate that may be saved up for a burst. */
const BURST_SECONDS = 2;
/** Shares of the burst, for each need: what it leaves to others, and from where on it may take more than there is. */
const LEVELS = {
  first: { floor: 0, credit: 0.25 },
  notable: { floor: 0.25, credit: 0.5 },
  ordinary: { floor: 0.5, credit: Infinity },
} as const satisfies Record<Need, { readonly floor: number; readonly credit: number }>;
/**
 * Lookups close in another order than they end in, by seconds at most. Who is further behind than this (milliseconds)
 * tells of a clock that was set back: without starting anew nothing would refill until it has caught up.
 */
const STEP_BACK_MS = 60_000;

/** `rate`: spans a second. */
export function createTokenBucket(rate: number): TokenBucket {
  const capacity = rate * BURST_SECONDS;
  let tokens = capacity;
  let filled: number | undefined;

  return {
    take(count, now, need) {
      if (filled === undefined || now < filled - STEP_BACK_MS) filled = now;
      if (now > filled) {
        tokens = Math.min(capacity, tokens + ((now - filled) / 1e3) * rate);
        filled = now;
      }
      const { floor, credit } = LEVELS[need];
      // A trace leaves whole or not at all. A large one that matters leaves on credit and is paid for afterwards: small
      // ones would take every token before enough were saved up.
      if (tokens < Math.min(floor * capacity + count, credit * capacity)) return false;
      tokens -= count;
      return true;
    },
  };
}
