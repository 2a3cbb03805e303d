/** Durations and sizes of all queries, in a few series of low cardinality. */
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import type { Attempt, ResolvedQuery } from '../records/lookup.ts';
import type { TargetClass } from '../records/peer.ts';
import { attachExemplar, observe } from './histogram.ts';
import { boundsOf, createHistograms, type HistogramRow, type Series } from './series.ts';

export interface Queries {
  query(resolved: ResolvedQuery): void;
  /** Links the trace of an exported lookup to the query that decided it. */
  link(attempt: Attempt, traceId: string): void;
  readonly durations: Series<HistogramRow>;
  readonly sizes: Series<HistogramRow>;
}

const RCODE_CLASS = {
  success: 'noerror',
  denial: 'nxdomain',
  error: 'error',
} as const satisfies Record<Outcome, string>;

export function createQueries(): Queries {
  const durations = createHistograms('corespan_query_duration_seconds');
  const sizes = createHistograms('corespan_response_size_bytes');
  const durationBounds = boundsOf('corespan_query_duration_seconds');
  const sizeBounds = boundsOf('corespan_response_size_bytes');
  /** By outcome, then target class, then transport: three short hops instead of one label text a query. */
  const cache: Record<Outcome, Map<TargetClass, Map<string, HistogramRow>>> = {
    success: new Map(),
    denial: new Map(),
    error: new Map(),
  };

  function durationRow({ query, target }: ResolvedQuery): HistogramRow {
    const outcome = toOutcome(query.rcode);
    const { transport } = query.question;
    const byClass = cache[outcome];
    const byTransport = byClass.get(target.class) ?? new Map<string, HistogramRow>();
    byClass.set(target.class, byTransport);
    const known = byTransport.get(transport);
    if (known !== undefined) return known;
    const row = durations.row(RCODE_CLASS[outcome], target.class, transport);
    byTransport.set(transport, row);
    return row;
  }

  return {
    query(resolved) {
      const { query } = resolved;
      observe(durationRow(resolved).histogram, durationBounds, query.duration / 1e9);
      if (query.size !== undefined) {
        observe(sizes.row(query.question.transport).histogram, sizeBounds, query.size);
      }
    },
    link(attempt, traceId) {
      attachExemplar(durationRow(attempt).histogram, durationBounds, {
        traceId,
        value: attempt.query.duration / 1e9,
        time: attempt.query.time / 1e3,
      });
    },
    durations,
    sizes,
  };
}
