/**
 * The hard maximum of spans: so many a second of the log's own clock, with a burst saved up in quiet times.
 *
 *     refill ──► reserve (a quarter) ──► first traces only
 *        └─────► the rest ─────────────► everybody, first traces too once the reserve is used up
 */

export interface TokenBucket {
  /**
   * True if `count` spans may leave at `now` (milliseconds since the epoch). A `first` trace, without which there is none
   * to open, may use the reserve; `more` of the same may not.
   */
  take(count: number, now: number, need: 'first' | 'more'): boolean;
}

/** Seconds of rate that may be saved up for a burst. */
const BURST_SECONDS = 2;
/**
 * Share of the rate that only first traces may use, and of the burst: where nearly everything fails, failures would
 * take every token. What a full reserve does not need goes to all.
 */
const RESERVED_SHARE = 0.25;
/**
 * Lookups close in another order than they end in, by seconds at most. Who is further behind than this (milliseconds)
 * tells of a clock that was set back: without starting anew nothing would refill until it has caught up.
 */
const STEP_BACK_MS = 60_000;

export function createTokenBucket(rate: number): TokenBucket {
  const capacity = rate * BURST_SECONDS;
  const maxReserve = capacity * RESERVED_SHARE;
  let reserve = maxReserve;
  let rest = capacity - maxReserve;
  let filled: number | undefined;

  function refill(tokens: number): void {
    const reserved = Math.min(tokens * RESERVED_SHARE, maxReserve - reserve);
    reserve += reserved;
    rest = Math.min(capacity - maxReserve, rest + tokens - reserved);
  }

  return {
    take(count, now, need) {
      if (filled === undefined || now < filled - STEP_BACK_MS) filled = now;
      if (now > filled) {
        refill(((now - filled) / 1e3) * rate);
        filled = now;
      }
      if (count > (need === 'first' ? reserve + rest : rest)) return false;
      const reserved = need === 'first' ? Math.min(count, reserve) : 0;
      reserve -= reserved;
      rest -= count - reserved;
      return true;
    },
  };
}
