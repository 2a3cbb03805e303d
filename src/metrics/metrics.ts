/** Metrics: every query counts at once, every lookup when it closes, and a scrape shows them all. */
import type { Lookup, ResolvedQuery } from '../records/lookup.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import type { Registry } from '../self/registry.ts';
import { createDurations } from './durations.ts';
import { type Format, writeCounters, writeHistograms } from './exposition.ts';
import { createGraph, type Edge } from './graph.ts';
import { createSelfExposition, type SelfSnapshot } from './selfExposition.ts';
import { createWorkloads } from './workloads.ts';

export interface MetricsOptions {
  /** `traces`: Tempo draws the graph from our spans, and we must not draw it twice. */
  readonly graphSource: 'metrics' | 'traces';
  readonly maxEdges: number;
}

export interface Metrics {
  /** A query that is a question of a client, or the hop of one; inner lines and probes are nobody's. */
  query(resolved: ResolvedQuery): void;
  lookup(lookup: Lookup): void;
  /** The trace of a lookup was exported: its buckets may point at it. */
  link(lookup: Lookup, traceId: string): void;
  /** Everything in pieces; rows that no scrape has seen before are shown at 0. */
  render(format: Format, now: number): AsyncGenerator<string>;
  /** Shows rows at their full value from now on; for a last look at a finished replay. */
  showAll(): void;
  edges(): Iterable<Edge>;
  tick(now: number): void;
}

/** Value of the `source` label. */
const SOURCE = 'corespan';

export function createMetrics(options: MetricsOptions, registry: Registry, self: MetricsSelf): Metrics {
  const workloads = createWorkloads(self);
  const durations = createDurations();
  const graph = createGraph({ maxEdges: options.maxEdges, source: SOURCE }, self);
  const selfExposition = createSelfExposition(registry);

  const { queries, lookups, bad, nxdomain, distinct } = workloads.series;
  const { total, failed, seconds, info } = graph.series;
  // The page and the summary show the graph in any case.
  const exposesGraph = options.graphSource === 'metrics';
  const counters = [lookups, bad, nxdomain, distinct, ...(exposesGraph ? [total, failed, info] : [])];
  const histograms = [...durations.series, ...(exposesGraph ? [seconds] : [])];

  self.heldBack(() => {
    let held = 0;
    for (const row of queries.rows()) if (!row.isShown) held += row.value;
    return held;
  });

  /** The terms of the ledger belong to one moment: they are read before anything else runs. */
  function takeLedger(format: Format): { readonly self: SelfSnapshot; readonly queries: readonly string[] } {
    return { self: selfExposition.snapshot(), queries: [...writeCounters(queries, format)] };
  }

  return {
    query(resolved) {
      workloads.query(resolved);
      durations.query(resolved);
    },
    lookup(lookup) {
      workloads.lookup(lookup);
      durations.lookup(lookup);
      graph.lookup(lookup);
    },
    link(lookup, traceId) {
      durations.link(lookup, traceId);
      graph.link(lookup, traceId);
    },
    async *render(format, now) {
      const ledger = takeLedger(format);
      yield* ledger.queries;
      yield await selfExposition.write(ledger.self, format);
      workloads.reckon(now);
      for (const series of counters) yield* writeCounters(series, format);
      for (const series of histograms) yield* writeHistograms(series, format);
      if (format === 'openmetrics') yield '# EOF\n';
    },
    showAll() {
      for (const series of [queries, ...counters, ...histograms]) {
        for (const row of series.rows()) row.isShown = true;
      }
    },
    edges: () => graph.edges(),
    tick(now) {
      workloads.tick(now);
      graph.tick(now);
    },
  };
}
