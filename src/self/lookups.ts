/** What the lookups room tells of itself: what closed and when, which hops were joined, what it holds. */
import { rememberCells } from './cells.ts';
import type { Registry } from './registry.ts';

export interface LookupsSelf {
  /** A lookup closed; `early` if there was no room to wait. */
  closed(when: 'due' | 'early'): void;
  /** Names the closed set of reasons, so that every series exists from the start. */
  skipReasons(all: readonly string[]): void;
  /** A query line is no question of a client. */
  skipped(reason: string): void;
  hop(result: 'joined' | 'unjoined'): void;
  /** Tells how many queries and lookups are held, whenever somebody looks. */
  holds(read: { readonly queries: () => number; readonly lookups: () => number }): void;
}

export function createLookupsSelf(registry: Registry): LookupsSelf {
  const early = registry.cell('corespan_lookups_closed_early_total');
  const hops = {
    joined: registry.cell('corespan_hops_total', 'joined'),
    unjoined: registry.cell('corespan_hops_total', 'unjoined'),
  };
  const skipped = rememberCells((reason) => registry.cell('corespan_queries_skipped_total', reason));
  const acked = registry.cell('corespan_acked_total', 'lookups');
  return {
    closed(when) {
      acked.value++;
      if (when === 'early') early.value++;
    },
    skipReasons(all) {
      for (const reason of all) registry.show('corespan_queries_skipped_total', reason);
    },
    skipped(reason) {
      skipped(reason).value++;
    },
    hop(result) {
      hops[result].value++;
    },
    holds({ queries, lookups }) {
      registry.observe('corespan_pending', ['queries'], queries);
      registry.observe('corespan_pending', ['lookups'], lookups);
    },
  };
}
