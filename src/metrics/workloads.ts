/** The metrics of each client workload: its queries, lookups, denials and distinct names. */
import type { Outcome } from '../dns/rcodes.ts';
import {
  isSlow,
  type Lookup,
  NXDOMAIN_KINDS,
  type NxdomainKind,
  type ResolvedQuery,
} from '../records/lookup.ts';
import type { Peer } from '../records/peer.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import { OVERFLOW } from '../self/registry.ts';
import { createBudget } from './budget.ts';
import { createDistinctNames, type DistinctNames } from './distinctNames.ts';
import type { Kind } from './kinds.ts';
import { createQueryRows, type Owner, type QueryRows } from './queryRows.ts';
import { type Births, type CounterRow, createCounters, type Series } from './series.ts';
import { STALE_MS, toHeard } from './staleness.ts';
import { toKey } from './text.ts';

/** What a workload was denied: lookups, by what the denial that decided means. */
export interface Denials {
  readonly client: string;
  readonly clientNamespace: string;
  readonly lookups: number;
  readonly kinds: Readonly<Record<NxdomainKind, number>>;
}

export interface Workloads {
  query(resolved: ResolvedQuery, kind: Kind): void;
  lookup(lookup: Lookup): void;
  /** Gives back the rows of workloads that were silent for a while. */
  tick(now: number): void;
  /** Reckons up the gauge of distinct names. */
  reckon(now: number): void;
  denials(): Iterable<Denials>;
  readonly series: Readonly<
    Record<'queries' | 'lookups' | 'bad' | 'nxdomain' | 'distinct', Series<CounterRow>>
  >;
}

/** Workloads with rows of their own; a cluster has hundreds, a flood of annotations may have any number. */
const MAX_WORKLOADS = 2_000;
/** Rows of corespan_queries_total, and how many of them one workload may have. */
const QUERY_ROWS = { total: 10_000, perOwner: 200 };

const OTHERS_KEY = toKey(OVERFLOW, OVERFLOW);

/** What one workload counts; rows are kept so that no label text is built twice. */
interface Workload {
  readonly key: string;
  readonly owner: Owner;
  readonly queries: QueryRows;
  readonly lookups: Readonly<Record<Outcome, CounterRow>>;
  readonly bad: Readonly<Record<'error' | 'slow', CounterRow>>;
  readonly nxdomain: Readonly<Record<NxdomainKind, CounterRow>>;
  /** Lookups, where `nxdomain` counts queries. */
  readonly denied: Record<NxdomainKind, number>;
  readonly distinct: CounterRow;
  readonly names: DistinctNames;
  /** When it was last heard of, in milliseconds since the epoch. */
  last: number;
  /** True once its rows were given back: peers may still lead here. */
  isForgotten: boolean;
}

export function createWorkloads(births: Births, self: MetricsSelf): Workloads {
  const queries = createCounters('corespan_queries_total', births);
  const lookups = createCounters('corespan_lookups_total', births);
  const bad = createCounters('corespan_lookups_bad_total', births);
  const nxdomain = createCounters('corespan_nxdomain_total', births);
  const distinct = createCounters('corespan_distinct_names', births);
  const budget = createBudget(QUERY_ROWS);
  const byPeer = new WeakMap<Peer, Workload>();
  const byKey = new Map<string, Workload>();
  /** For whom there was no room; nobody, once a workload is forgotten. */
  let refused = new WeakSet<Peer>();
  /** Who has no room for rows of its own. */
  let others: Workload | undefined;
  /** The newest moment that was ticked: what is read late is not idle for that. */
  let clock = -Infinity;

  function createWorkload(key: string, owner: Owner): Workload {
    const { namespace, name } = owner;
    const row = (series: Series<CounterRow>, label: string): CounterRow => series.row(namespace, name, label);
    const kinds = NXDOMAIN_KINDS.map((kind) => [kind, row(nxdomain, kind)] as const);
    return {
      key,
      owner,
      queries: createQueryRows(queries, owner),
      lookups: {
        success: row(lookups, 'success'),
        denial: row(lookups, 'denial'),
        error: row(lookups, 'error'),
      },
      bad: { error: row(bad, 'error'), slow: row(bad, 'slow') },
      nxdomain: Object.fromEntries(kinds) as Record<NxdomainKind, CounterRow>,
      denied: { search: 0, was_valid: 0, never_valid: 0, other_namespace: 0 },
      distinct: distinct.row(namespace, name),
      names: createDistinctNames(),
      last: -Infinity,
      isForgotten: false,
    };
  }

  /** `at`: the moment at which the workload was heard of. */
  function workloadOf(peer: Peer, at: number): Workload {
    const cached = byPeer.get(peer);
    const isKnown = cached !== undefined && !cached.isForgotten;
    const workload = isKnown ? cached : findWorkload(peer);
    workload.last = Math.max(workload.last, toHeard(at, clock));
    return workload;
  }

  function findWorkload(peer: Peer): Workload {
    if (refused.has(peer)) return theOthers();
    const key = toKey(peer.namespace, peer.name);
    const known = byKey.get(key);
    // An annotation may bear the name of our own row.
    if (key === OTHERS_KEY || (known === undefined && byKey.size >= MAX_WORKLOADS)) {
      refused.add(peer);
      return theOthers();
    }
    const workload = known ?? createWorkload(key, peer);
    byKey.set(key, workload);
    byPeer.set(peer, workload);
    return workload;
  }

  function theOthers(): Workload {
    others ??= createWorkload(OTHERS_KEY, { namespace: OVERFLOW, name: OVERFLOW });
    return others;
  }

  function countQuery(workload: Workload, resolved: ResolvedQuery, kind: Kind): void {
    const known = workload.queries.find(kind);
    if (known !== undefined && workload !== others) {
      known.value++;
      return;
    }
    if (workload !== others && budget.take(workload.key)) {
      workload.queries.create(resolved, kind).value++;
      return;
    }
    self.overflowed(queries.name);
    const rows = theOthers().queries;
    const row = rows.find(kind) ?? rows.create(resolved, kind);
    row.value++;
  }

  function count(workload: Workload, series: Series<CounterRow>, row: CounterRow): void {
    row.value++;
    if (workload === others) self.overflowed(series.name);
  }

  function forget(workload: Workload): void {
    byKey.delete(workload.key);
    refused = new WeakSet();
    workload.isForgotten = true;
    let counted = 0;
    for (const row of workload.queries.all()) {
      counted += row.value;
      queries.remove(row);
      budget.give(workload.key);
    }
    // The ledger goes on without the rows.
    self.forgot(counted);
    for (const row of Object.values(workload.lookups)) lookups.remove(row);
    for (const row of Object.values(workload.bad)) bad.remove(row);
    for (const row of Object.values(workload.nxdomain)) nxdomain.remove(row);
    distinct.remove(workload.distinct);
  }

  function all(): readonly Workload[] {
    return [...byKey.values(), ...(others === undefined ? [] : [others])];
  }

  return {
    query(resolved, kind) {
      countQuery(workloadOf(resolved.client, resolved.query.time), resolved, kind);
    },
    lookup(lookup) {
      const { client, attempts, outcome, end, decided } = lookup;
      const workload = workloadOf(client, end);
      count(workload, lookups, workload.lookups[outcome]);
      if (outcome === 'error') count(workload, bad, workload.bad.error);
      else if (isSlow(lookup)) count(workload, bad, workload.bad.slow);
      for (const attempt of attempts) {
        if (attempt.nxdomain !== undefined) count(workload, nxdomain, workload.nxdomain[attempt.nxdomain]);
      }
      if (decided.nxdomain !== undefined) workload.denied[decided.nxdomain]++;
      workload.names.add(decided.query.question.nameHash, toHeard(end, clock));
    },
    tick(now) {
      clock = now;
      for (const workload of byKey.values()) if (now - workload.last > STALE_MS) forget(workload);
    },
    reckon(now) {
      for (const workload of all()) {
        workload.distinct.value = workload.names.estimate(now);
      }
    },
    *denials() {
      for (const { owner, lookups: rows, denied } of all()) {
        if (rows.denial.value === 0) continue;
        const { name: client, namespace: clientNamespace } = owner;
        yield { client, clientNamespace, lookups: rows.denial.value, kinds: denied };
      }
    },
    series: { queries, lookups, bad, nxdomain, distinct },
  };
}
