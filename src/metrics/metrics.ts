/** Metrics: every query counts at once, every lookup when it closes, and a scrape shows them all. */
import type { Lookup, ResolvedQuery } from '../records/lookup.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import type { Registry } from '../self/registry.ts';
import { type Format, writeCounters, writeHistograms } from './exposition.ts';
import { createGraph, type Edge } from './graph.ts';
import { attachExemplar, observe } from './histogram.ts';
import { createQueries } from './queries.ts';
import { createSelfExposition } from './selfExposition.ts';
import { boundsOf, createHistograms, type Series } from './series.ts';
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
  const queries = createQueries();
  const graph = createGraph({ maxEdges: options.maxEdges, source: SOURCE }, self);
  const durations = createHistograms('corespan_lookup_duration_seconds');
  const perLookup = createHistograms('corespan_lookup_queries');
  const durationBounds = boundsOf('corespan_lookup_duration_seconds');
  const perLookupBounds = boundsOf('corespan_lookup_queries');
  const selfExposition = createSelfExposition(registry);

  const counters = [workloads.lookups, workloads.bad, workloads.nxdomain];
  const histograms = [queries.durations, queries.sizes, durations, perLookup];
  const { total, failed, seconds, info } = graph.series;
  const drawsGraph = options.graphSource === 'metrics';
  const allSeries: Series<{ readonly labelText: string; isShown: boolean }>[] = [
    workloads.queries,
    ...counters,
    ...histograms,
    total,
    failed,
    seconds,
    info,
  ];

  self.heldBack(() => {
    let held = 0;
    for (const row of workloads.queries.rows()) if (!row.isShown) held += row.value;
    return held;
  });

  /** The terms of the ledger belong to one moment: they are read before anything else runs. */
  function takeLedger(format: Format): {
    snapshot: ReturnType<typeof selfExposition.snapshot>;
    queries: string;
  } {
    const snapshot = selfExposition.snapshot();
    return { snapshot, queries: [...writeCounters(workloads.queries, format)].join('') };
  }

  return {
    query(resolved) {
      workloads.query(resolved);
      queries.query(resolved);
    },
    lookup(lookup) {
      workloads.lookup(lookup);
      const { outcome, start, end } = lookup;
      observe(durations.row(outcome).histogram, durationBounds, (end - start) / 1e3);
      observe(perLookup.row().histogram, perLookupBounds, lookup.queries);
      if (drawsGraph) graph.lookup(lookup);
    },
    link(lookup, traceId) {
      const { outcome, start, end, decided } = lookup;
      const exemplar = { traceId, value: (end - start) / 1e3, time: end / 1e3 };
      attachExemplar(durations.row(outcome).histogram, durationBounds, exemplar);
      queries.link(decided, traceId);
      if (drawsGraph) graph.link(lookup, traceId);
    },
    async *render(format, now) {
      const ledger = takeLedger(format);
      yield ledger.queries;
      yield await selfExposition.write(ledger.snapshot, format);
      for (const series of counters) yield* writeCounters(series, format);
      yield* writeCounters(workloads.distinct(now), format);
      for (const series of histograms) yield* writeHistograms(series, format);
      if (drawsGraph) {
        for (const series of [total, failed, info]) yield* writeCounters(series, format);
        yield* writeHistograms(seconds, format);
      }
      if (format === 'openmetrics') yield '# EOF\n';
    },
    showAll() {
      for (const series of allSeries) for (const row of series.rows()) row.isShown = true;
    },
    edges: () => graph.edges(),
    tick: (now) => graph.tick(now),
  };
}
