/** What the peers room tells of itself: how clients were resolved, and how much it holds. */
import { rememberCells } from './cells.ts';
import type { Registry } from './registry.ts';

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
  const resolved = rememberCells((result) => registry.cell('corespan_peer_resolutions_total', result));
  return {
    results(all) {
      for (const result of all) registry.show('corespan_peer_resolutions_total', result);
    },
    resolved(result) {
      resolved(result).value++;
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
