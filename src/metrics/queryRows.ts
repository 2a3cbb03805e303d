/** The rows of corespan_queries_total that belong to one workload, found without building a text for each query. */
import { toRcodeLabel } from '../dns/rcodes.ts';
import { toTypeLabel } from '../dns/types.ts';
import type { ResolvedQuery } from '../records/lookup.ts';
import type { TargetClass } from '../records/peer.ts';
import type { CounterRow, Series } from './series.ts';

export interface QueryRows {
  /** The row that `resolved` counts in, if it exists already. */
  find(resolved: ResolvedQuery): CounterRow | undefined;
  create(resolved: ResolvedQuery): CounterRow;
  all(): Iterable<CounterRow>;
}

/** Whose rows they are; the two first labels. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
}

export function createQueryRows(series: Series<CounterRow>, { namespace, name }: Owner): QueryRows {
  /** By target class, type and response code as they are labelled: all kinds of junk are one row. */
  const byClass = new Map<TargetClass, Map<string, Map<string, CounterRow>>>();
  const rows: CounterRow[] = [];
  return {
    find({ query: { question, rcode }, target }) {
      const byType = byClass.get(target.class);
      // What has a label of its own is found under itself; only junk has to be looked up twice.
      const byRcode = byType?.get(question.qtype) ?? byType?.get(toTypeLabel(question.qtype));
      return byRcode?.get(rcode) ?? byRcode?.get(toRcodeLabel(rcode));
    },
    create({ query, target }) {
      const type = toTypeLabel(query.question.qtype);
      const rcode = toRcodeLabel(query.rcode);
      const row = series.row(namespace, name, type, rcode, target.class);
      const byType = byClass.get(target.class) ?? new Map<string, Map<string, CounterRow>>();
      const byRcode = byType.get(type) ?? new Map<string, CounterRow>();
      byClass.set(target.class, byType.set(type, byRcode.set(rcode, row)));
      rows.push(row);
      return row;
    },
    all: () => rows,
  };
}
