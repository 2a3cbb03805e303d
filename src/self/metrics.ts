/** What the metrics room tells of itself: budgets that ran out, edges that were not drawn, counts held back. */
import type { Registry } from './registry.ts';

export interface MetricsSelf {
  /** An increment went to the overflow row of `family`. */
  overflowed(family: string): void;
  /** A client looked up itself. */
  selfEdge(): void;
  edges(read: () => number): void;
  /** Queries counted in rows that no scrape has seen yet. */
  heldBack(read: () => number): void;
}

export function createMetricsSelf(registry: Registry): MetricsSelf {
  const selfEdges = registry.cell('corespan_self_edges_total');
  return {
    overflowed(family) {
      registry.cell('corespan_series_overflow_total', family).value++;
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
  };
}
