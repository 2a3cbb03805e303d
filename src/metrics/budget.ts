/** Bounds how many rows a metric may have, in all and for each client; what does not fit shares an overflow row. */

export interface Budget {
  /** True if `owner` may have one more row; counted at once. */
  take(owner: string): boolean;
  give(owner: string): void;
}

/** Time without use after which rows are given back, in milliseconds; Tempo's `stale_duration` for an edge. */
export const STALE_MS = 15 * 60_000;
/** Milliseconds by which a line may be ahead of the newest tick. */
const MAX_AHEAD = 60_000;

/** When something that a line tells was heard of: one line that is stamped years ahead must not keep its rows for years. */
export function toHeard(at: number, clock: number): number {
  return clock === -Infinity ? at : Math.max(clock, Math.min(at, clock + MAX_AHEAD));
}

export function createBudget(limits: { readonly total: number; readonly perOwner: number }): Budget {
  const byOwner = new Map<string, number>();
  let used = 0;
  return {
    take(owner) {
      if (used >= limits.total) return false;
      const owned = byOwner.get(owner) ?? 0;
      if (owned >= limits.perOwner) return false;
      byOwner.set(owner, owned + 1);
      used++;
      return true;
    },
    give(owner) {
      const owned = (byOwner.get(owner) ?? 1) - 1;
      if (owned > 0) byOwner.set(owner, owned);
      else byOwner.delete(owner);
      used--;
    },
  };
}
