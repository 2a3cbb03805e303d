/** Bounds how many rows a metric may have, in all and for each client; what does not fit shares an overflow row. */

export interface Budget {
  /** True if `owner` may have one more row; counted at once. */
  take(owner: string): boolean;
  give(owner: string): void;
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
