/** The metrics of each client workload: its queries, lookups, denials and distinct names. */
import { type Outcome, RCODES, toRcodeLabel } from '../dns/rcodes.ts';
import { toTypeLabel } from '../dns/types.ts';
import { type Lookup, NXDOMAIN_KINDS, type NxdomainKind, type ResolvedQuery } from '../records/lookup.ts';
import type { Peer } from '../records/peer.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import { type Budget, createBudget, OVERFLOW } from './budget.ts';
import { createDistinctNames, type DistinctNames } from './distinctNames.ts';
import { type CounterRow, createCounters, type Series } from './series.ts';

export interface Workloads {
  query(resolved: ResolvedQuery): void;
  lookup(lookup: Lookup): void;
  readonly queries: Series<CounterRow>;
  readonly lookups: Series<CounterRow>;
  readonly bad: Series<CounterRow>;
  readonly nxdomain: Series<CounterRow>;
  distinct(now: number): Series<CounterRow>;
}

/** A lookup that took longer is bad for whoever waits for it (seconds). */
const SLOW = 0.25;
/** Workloads with rows of their own; a cluster has hundreds, a flood of annotations may have any number. */
const MAX_WORKLOADS = 2_000;
/** Rows of corespan_queries_total, and how many of them one workload may have. */
const QUERY_ROWS = { total: 10_000, perOwner: 200 };

/** What one workload counts; rows are kept so that no label text is built twice. */
interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** By type, response code and target class, joined. */
  readonly queries: Map<string, CounterRow>;
  readonly lookups: Readonly<Record<Outcome, CounterRow>>;
  readonly bad: Readonly<Record<'error' | 'slow', CounterRow>>;
  readonly nxdomain: Readonly<Record<NxdomainKind, CounterRow>>;
  readonly names: DistinctNames;
}

export function createWorkloads(self: MetricsSelf): Workloads {
  const queries = createCounters('corespan_queries_total');
  const lookups = createCounters('corespan_lookups_total');
  const bad = createCounters('corespan_lookups_bad_total');
  const nxdomain = createCounters('corespan_nxdomain_total');
  const distinct = createCounters('corespan_distinct_names');
  const queryRows: Budget = createBudget(QUERY_ROWS);
  const byPeer = new WeakMap<Peer, Workload>();
  const byLabels = new Map<string, Workload>();
  let overflow: Workload | undefined;

  function createWorkload(namespace: string, name: string): Workload {
    const row = (series: Series<CounterRow>, key: string): CounterRow => series.row(namespace, name, key);
    const kinds = NXDOMAIN_KINDS.map((kind) => [kind, row(nxdomain, kind)] as const);
    return {
      namespace,
      name,
      queries: new Map(),
      lookups: {
        success: row(lookups, 'success'),
        denial: row(lookups, 'denial'),
        error: row(lookups, 'error'),
      },
      bad: { error: row(bad, 'error'), slow: row(bad, 'slow') },
      nxdomain: Object.fromEntries(kinds) as Record<NxdomainKind, CounterRow>,
      names: createDistinctNames(),
    };
  }

  function workloadOf(peer: Peer): Workload {
    const cached = byPeer.get(peer);
    if (cached !== undefined) return cached;
    const workload = findWorkload(peer);
    byPeer.set(peer, workload);
    return workload;
  }

  function findWorkload({ namespace, name }: Peer): Workload {
    const key = `${namespace}/${name}`;
    const known = byLabels.get(key);
    if (known !== undefined) return known;
    if (byLabels.size >= MAX_WORKLOADS) {
      self.overflowed('corespan_lookups_total');
      overflow ??= createWorkload(OVERFLOW, OVERFLOW);
      return overflow;
    }
    const workload = createWorkload(namespace, name);
    byLabels.set(key, workload);
    return workload;
  }

  function queryRow(workload: Workload, { query, target }: ResolvedQuery): CounterRow {
    const { qtype } = query.question;
    const key = `${qtype} ${query.rcode} ${target.class}`;
    const known = workload.queries.get(key);
    if (known !== undefined) return known;
    const fits = queryRows.take(`${workload.namespace}/${workload.name}`);
    if (!fits) self.overflowed('corespan_queries_total');
    const { namespace, name } = fits ? workload : { namespace: OVERFLOW, name: OVERFLOW };
    const row = queries.row(namespace, name, toTypeLabel(qtype), toRcodeLabel(query.rcode), target.class);
    // Types and codes outside the closed sets share a row, but not without bound a place in this table.
    if (workload.queries.size < MAX_KEYS) workload.queries.set(key, row);
    return row;
  }

  return {
    query(resolved) {
      queryRow(workloadOf(resolved.client), resolved).value++;
    },
    lookup({ client, attempts, outcome, start, end, decided }) {
      const workload = workloadOf(client);
      workload.lookups[outcome].value++;
      if (outcome === 'error') workload.bad.error.value++;
      else if ((end - start) / 1e3 > SLOW) workload.bad.slow.value++;
      for (const attempt of attempts) {
        if (attempt.nxdomain !== undefined) workload.nxdomain[attempt.nxdomain].value++;
      }
      workload.names.add(decided.query.question.qname, end);
    },
    queries,
    lookups,
    bad,
    nxdomain,
    distinct(now) {
      for (const { namespace, name, names } of byLabels.values()) {
        const row = distinct.row(namespace, name);
        row.value = names.estimate(now);
        row.isShown = true;
      }
      return distinct;
    },
  };
}

/** Every combination of known types, codes and classes; more can only come from junk. */
const MAX_KEYS = 32 * RCODES.length * 8;
