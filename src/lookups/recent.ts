/** Queries that were taken lately, under a key: what a query and its hop look for each other in. */
import type { HeldQuery } from './state.ts';

export interface Recent {
  add(key: string, held: HeldQuery): void;
  /** The oldest of those that are nearest; none that is infinitely far. */
  nearest(key: string, toDistance: (held: HeldQuery) => number): HeldQuery | undefined;
  /** Keeps what came since the last call. */
  forgetOlder(): void;
}

/** Under one key, newest first. */
const MAX_CANDIDATES = 64;

/** In two generations, so that forgetting costs nothing. */
export function createRecent(): Recent {
  let recent = new Map<string, HeldQuery[]>();
  let older = new Map<string, HeldQuery[]>();

  return {
    add(key: string, held: HeldQuery): void {
      const known = recent.get(key);
      if (known === undefined) recent.set(key, [held]);
      else known.push(held);
    },
    nearest(key: string, toDistance: (held: HeldQuery) => number): HeldQuery | undefined {
      const newest = [...(older.get(key) ?? []), ...(recent.get(key) ?? [])].slice(-MAX_CANDIDATES);
      return findNearest(newest, toDistance);
    },
    forgetOlder(): void {
      older = recent;
      recent = new Map();
    },
  };
}

/** The oldest of those that are nearest; none that is infinitely far. */
export function findNearest(
  all: Iterable<HeldQuery>,
  toDistance: (held: HeldQuery) => number,
): HeldQuery | undefined {
  let nearest: HeldQuery | undefined;
  let least = Infinity;
  for (const held of all) {
    const distance = toDistance(held);
    if (distance >= least) continue;
    least = distance;
    nearest = held;
  }
  return nearest;
}
