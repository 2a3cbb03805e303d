/** The rows of corespan_queries_total that belong to one workload, found without building a text for each query. */
import { toRcodeLabel } from '../dns/rcodes.ts';
import { toTypeLabel } from '../dns/types.ts';
import type { ResolvedQuery } from '../records/lookup.ts';
import type { Kind } from './kinds.ts';
import type { CounterRow, Series } from './series.ts';

export interface QueryRows {
  /** The row that queries of `kind` count in, if it exists already. */
  find(kind: Kind): CounterRow | undefined;
  create(resolved: ResolvedQuery, kind: Kind): CounterRow;
  all(): Iterable<CounterRow>;
}

/** Whose rows they are; the two first labels. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
}

export function createQueryRows(series: Series<CounterRow>, { namespace, name }: Owner): QueryRows {
  /** One table for each workload: of three nested ones, most were not in the processor's cache. */
  const byKind = new Map<Kind, CounterRow>();
  return {
    find: (kind) => byKind.get(kind),
    create({ query, target }, kind) {
      const type = toTypeLabel(query.question.qtype);
      const rcode = toRcodeLabel(query.rcode);
      const row = series.row(namespace, name, type, rcode, target.class);
      byKind.set(kind, row);
      return row;
    },
    all: () => byKind.values(),
  };
}
