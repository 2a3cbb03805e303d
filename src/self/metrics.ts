/** What the metrics room tells of itself: budgets that ran out, edges that were not drawn, counts held back. */
import { rememberCells } from './cells.ts';
import type { Registry } from './registry.ts';

export interface MetricsSelf {
  /** Names the closed set of families that have an overflow row, so that every series exists from the start. */
  families(all: readonly string[]): void;
  /** An increment went to the overflow row of `family`. */
  overflowed(family: string): void;
  /** A lookup of a name outside the cluster was counted as one of `external`: there are too many such names. */
  folded(): void;
  /** A client looked up itself. */
  selfEdge(): void;
  edges(read: () => number): void;
  /** Queries counted in rows that the scraper at hand has not seen yet. */
  heldBack(read: () => number): void;
  /** Rows were given back in which so many queries had been counted. */
  forgot(queries: number): void;
}

export function createMetricsSelf(registry: Registry): MetricsSelf {
  const selfEdges = registry.cell('corespan_self_edges_total');
  const folded = registry.cell('corespan_external_folded_total');
  const forgotten = registry.cell('corespan_queries_forgotten_total');
  const overflowed = rememberCells((family) => registry.cell('corespan_series_overflow_total', family));
  return {
    families(all) {
      for (const family of all) registry.show('corespan_series_overflow_total', family);
    },
    overflowed(family) {
      overflowed(family).value++;
    },
    folded() {
      folded.value++;
    },
    selfEdge() {
      selfEdges.value++;
    },
    edges(read) {
      registry.observe('corespan_graph_edges', [], read);
    },
    heldBack(read) {
      registry.observe('corespan_pending', ['metrics'], read);
    },
    forgot(queries) {
      forgotten.value += queries;
    },
  };
}
