/** Durations and sizes of all queries and lookups, in a few series of low cardinality. */
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import type { Attempt, Lookup, ResolvedQuery } from '../records/lookup.ts';
import type { Question } from '../records/query.ts';
import { attachExemplar, observe } from './histogram.ts';
import { type Kind, toKind } from './kinds.ts';
import { type Births, boundsOf, createHistograms, type HistogramRow, type Series } from './series.ts';

export interface Durations {
  query(resolved: ResolvedQuery, kind: Kind): void;
  lookup(lookup: Lookup): void;
  /** Links the trace of an exported lookup to its duration and to the query that decided it. */
  link(lookup: Lookup, traceId: string): void;
  readonly series: readonly Series<HistogramRow>[];
}

const RCODE_CLASS = {
  success: 'noerror',
  denial: 'nxdomain',
  error: 'error',
} as const satisfies Record<Outcome, string>;

export function createDurations(births: Births): Durations {
  const ofQueries = createHistograms('corespan_query_duration_seconds', births);
  const sizes = createHistograms('corespan_response_size_bytes', births);
  const ofLookups = createHistograms('corespan_lookup_duration_seconds', births);
  const perLookup = createHistograms('corespan_lookup_queries', births);
  const queryBounds = boundsOf('corespan_query_duration_seconds');
  const sizeBounds = boundsOf('corespan_response_size_bytes');
  const lookupBounds = boundsOf('corespan_lookup_duration_seconds');
  const perLookupBounds = boundsOf('corespan_lookup_queries');
  /** The text of their labels is built once for each kind. */
  const queryRows: Readonly<Record<Question['transport'], Map<Kind, HistogramRow>>> = {
    udp: new Map(),
    tcp: new Map(),
    unknown: new Map(),
  };
  const sizeRows = new Map<string, HistogramRow>();
  const lookupRows: Readonly<Record<Outcome, HistogramRow>> = {
    success: ofLookups.row('success'),
    denial: ofLookups.row('denial'),
    error: ofLookups.row('error'),
  };
  const perLookupRow = perLookup.row();

  function queryRow({ query, target }: ResolvedQuery, kind: Kind): HistogramRow {
    const { transport } = query.question;
    const known = queryRows[transport].get(kind);
    if (known !== undefined) return known;
    const row = ofQueries.row(RCODE_CLASS[toOutcome(query.rcode)], target.class, transport);
    queryRows[transport].set(kind, row);
    return row;
  }

  function sizeRow(transport: string): HistogramRow {
    const known = sizeRows.get(transport);
    if (known !== undefined) return known;
    const row = sizes.row(transport);
    sizeRows.set(transport, row);
    return row;
  }

  function linkQuery(attempt: Attempt, traceId: string): void {
    const { duration, time } = attempt.query;
    attachExemplar(queryRow(attempt, toKind(attempt)).histogram, queryBounds, {
      traceId,
      value: duration / 1e9,
      time: time / 1e3,
    });
  }

  return {
    query(resolved, kind) {
      const { query } = resolved;
      observe(queryRow(resolved, kind).histogram, queryBounds, query.duration / 1e9);
      if (query.size !== undefined) {
        observe(sizeRow(query.question.transport).histogram, sizeBounds, query.size);
      }
    },
    lookup({ outcome, start, end, queries }) {
      observe(lookupRows[outcome].histogram, lookupBounds, (end - start) / 1e3);
      observe(perLookupRow.histogram, perLookupBounds, queries);
    },
    link({ outcome, start, end, decided }, traceId) {
      const exemplar = { traceId, value: (end - start) / 1e3, time: end / 1e3 };
      attachExemplar(lookupRows[outcome].histogram, lookupBounds, exemplar);
      linkQuery(decided, traceId);
    },
    series: [ofQueries, sizes, ofLookups, perLookup],
  };
}
