/** What the peers room tells of itself: how clients were resolved, and how much it holds. */
import type { Cell, Registry } from './registry.ts';

export interface PeersSelf {
  /** Names the closed set of results, so that every series exists from the start. */
  results(all: readonly string[]): void;
  resolved(result: string): void;
  /** Tells how many objects of each kind are held, whenever somebody looks. */
  holds(kinds: Readonly<Record<string, () => number>>): void;
  /** Tells how many queries wait for their client's identity. */
  waits(read: () => number): void;
}

export function createPeersSelf(registry: Registry): PeersSelf {
  const cells = new Map<string, Cell>();
  function cellOf(result: string): Cell {
    const known = cells.get(result);
    if (known !== undefined) return known;
    const cell = registry.cell('corespan_peer_resolutions_total', result);
    cells.set(result, cell);
    return cell;
  }
  return {
    results(all) {
      for (const result of all) cellOf(result);
    },
    resolved(result) {
      cellOf(result).value++;
    },
    holds(kinds) {
      for (const [kind, read] of Object.entries(kinds)) {
        registry.observe('corespan_peer_cache_entries', [kind], read);
      }
    },
    waits(read) {
      registry.observe('corespan_pending', ['peers'], read);
    },
  };
}
