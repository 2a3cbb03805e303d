/** Metrics: every query counts at once, every lookup when it closes, and a scrape shows them all. */
import type { DrawnEdge } from '../records/edges.ts';
import type { Lookup, ResolvedQuery } from '../records/lookup.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import type { Registry } from '../self/registry.ts';
import { createDurations } from './durations.ts';
import { type Format, type Writing, writeCounters, writeHistograms } from './exposition.ts';
import { createGraph, type Edge, type NoEdge } from './graph.ts';
import { toKind } from './kinds.ts';
import { createScrapers } from './scrapers.ts';
import { createSelfExposition, type SelfSnapshot } from './selfExposition.ts';
import type { Births } from './series.ts';
import { createWorkloads, type Denials } from './workloads.ts';

export interface MetricsOptions {
  /** `traces`: Tempo draws the graph from our spans, and we must not draw it twice. */
  readonly graphSource: 'metrics' | 'traces';
  readonly maxEdges: number;
}

export interface Metrics {
  /** A query that is a question of a client, or the hop of one; inner lines and probes are nobody's. */
  query(resolved: ResolvedQuery): void;
  /** Returns the edge that the lookup is on, if it is on one. */
  lookup(lookup: Lookup): DrawnEdge | undefined;
  /** The trace of a lookup was exported: its buckets, and those of its edge, may point at it. */
  link(lookup: Lookup, edge: DrawnEdge | undefined, traceId: string): void;
  /**
   * Everything in pieces. Rows that `scraper` has not seen before are shown at 0; undefined: nobody who comes back, and
   * nothing is held back.
   */
  render(format: Format, now: number, scraper: string | undefined): AsyncGenerator<string>;
  edges(): Iterable<Edge>;
  readonly noEdge: Readonly<NoEdge>;
  /** Of each workload that was denied a lookup. */
  denials(): Iterable<Denials>;
  tick(now: number): void;
}

/** A look at every edge and workload, ten times a second, kept an idle process awake for rows that live 15 minutes. */
const TICK_EVERY_MS = 10_000;
/** Value of the `source` label. */
const SOURCE = 'corespan';

export function createMetrics(options: MetricsOptions, registry: Registry, self: MetricsSelf): Metrics {
  const births: Births = { newest: 0 };
  const scrapers = createScrapers(births);
  const workloads = createWorkloads(births, self);
  const durations = createDurations(births);
  const graph = createGraph({ maxEdges: options.maxEdges, source: SOURCE, births }, self);
  const selfExposition = createSelfExposition(registry);

  const { queries, lookups, bad, nxdomain, distinct } = workloads.series;
  const { total, failed, seconds, info } = graph.series;
  // The page and the summary show the graph in any case.
  const exposesGraph = options.graphSource === 'metrics';
  const counters = [lookups, bad, nxdomain, distinct, ...(exposesGraph ? [total, failed, info] : [])];
  const histograms = [...durations.series, ...(exposesGraph ? [seconds] : [])];

  self.families([queries, lookups, bad, nxdomain, total].map(({ name }) => name));

  let ticked = -Infinity;
  /** What the scraper at hand knows: what is held back from it is pending in its scrape. */
  let known = Infinity;
  self.heldBack(() => {
    let held = 0;
    for (const row of queries.rows()) if (row.number > known) held += row.value;
    return held;
  });

  /** The terms of the ledger belong to one moment and one scraper: they are read before anything else runs. */
  function takeLedger(writing: Writing): {
    readonly self: SelfSnapshot;
    readonly queries: readonly string[];
  } {
    known = writing.known;
    return { self: selfExposition.snapshot(), queries: [...writeCounters(queries, writing)] };
  }

  return {
    query(resolved) {
      const kind = toKind(resolved);
      workloads.query(resolved, kind);
      durations.query(resolved, kind);
    },
    lookup(lookup) {
      workloads.lookup(lookup);
      durations.lookup(lookup);
      return graph.lookup(lookup);
    },
    link(lookup, edge, traceId) {
      durations.link(lookup, traceId);
      if (edge !== undefined) graph.link(lookup, edge, traceId);
    },
    async *render(format, now, scraper) {
      const scrape = scrapers.begin(scraper);
      const writing = { format, known: scrape.known };
      const ledger = takeLedger(writing);
      yield* ledger.queries;
      yield await selfExposition.write(ledger.self, format);
      workloads.reckon(now);
      for (const series of counters) yield* writeCounters(series, writing);
      for (const series of histograms) yield* writeHistograms(series, writing);
      if (format === 'openmetrics') yield '# EOF\n';
      scrape.end();
    },
    edges: () => graph.edges(),
    noEdge: graph.noEdge,
    denials: () => workloads.denials(),
    tick(now) {
      if (now >= ticked && now - ticked < TICK_EVERY_MS) return;
      ticked = now;
      workloads.tick(now);
      graph.tick(now);
    },
  };
}
