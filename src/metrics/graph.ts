/** The service graph: which workload looked up which target, how often, how badly and how long it took. */
import { createEdgeCache, leadsSomewhere, leadsToItself, makesEdge } from '../records/edges.ts';
import type { Lookup } from '../records/lookup.ts';
import type { Peer, PeerResult, Target } from '../records/peer.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import { OVERFLOW } from '../self/registry.ts';
import { createBudget, STALE_MS } from './budget.ts';
import { attachExemplar, observe } from './histogram.ts';
import { createOutsideNames, EXTERNAL } from './outsideNames.ts';
import {
  type Births,
  boundsOf,
  type CounterRow,
  createCounters,
  createHistograms,
  type HistogramRow,
} from './series.ts';
import { toKey } from './text.ts';

export interface GraphOptions {
  /** Most edges with rows of their own. */
  readonly maxEdges: number;
  /** Value of the `source` label: who drew the edge. */
  readonly source: string;
  readonly births: Births;
}

/** One edge as people see it. */
export interface Edge {
  readonly client: string;
  readonly clientNamespace: string;
  /** How the addresses behind the client were resolved: why it has no name, if it has none. */
  readonly results: ReadonlySet<PeerResult>;
  readonly server: string;
  readonly serverNamespace: string;
  readonly total: CounterRow;
  readonly failed: CounterRow;
  readonly seconds: HistogramRow;
  readonly info: CounterRow;
}

/** Lookups that are on no edge, by the reason. */
export interface NoEdge {
  denied: number;
  /** The client looked up itself. */
  self: number;
  /** The name has no target: the root, an address that nobody has. */
  withoutTarget: number;
}

export interface Graph {
  lookup(lookup: Lookup): void;
  /** Links the trace of a lookup that was exported. */
  link(lookup: Lookup, traceId: string): void;
  /** Forgets edges that were not used for a while. */
  tick(now: number): void;
  edges(): Iterable<Edge>;
  readonly noEdge: Readonly<NoEdge>;
  readonly series: {
    readonly total: ReturnType<typeof createCounters>;
    readonly failed: ReturnType<typeof createCounters>;
    readonly seconds: ReturnType<typeof createHistograms>;
    readonly info: ReturnType<typeof createCounters>;
  };
}

/** Share of the edges that one client may have: random names must not push everybody else out. */
const CLIENT_SHARE = 0.25;
/** Share of the edges that may lead to different names outside the cluster; the rest lead to `external`. */
const EXTERNAL_SHARE = 0.25;

interface HeldEdge extends Edge {
  readonly results: Set<PeerResult>;
  readonly key: string;
  /** The client whose budget the edge takes up; undefined for an overflow row. */
  readonly owner: string | undefined;
  /** When it was last used, in milliseconds since the epoch. */
  last: number;
  /** True once its rows were given back: a route may still lead here. */
  isForgotten: boolean;
}

/** Where the lookups of a client for a target are counted, and why there. */
interface Route {
  readonly edge: HeldEdge;
  /** The name is one outside the cluster too many. */
  readonly isFolded: boolean;
  /** The budget is used up. */
  readonly isOverflow: boolean;
  /** Rows that had been given back when the route was found; more mean that there may be room now. */
  readonly given: number;
}

interface Ends {
  readonly name: string;
  readonly namespace: string;
}

export function createGraph(options: GraphOptions, self: MetricsSelf): Graph {
  const { births } = options;
  const total = createCounters('traces_service_graph_request_total', births);
  const failed = createCounters('traces_service_graph_request_failed_total', births);
  const seconds = createHistograms('traces_service_graph_request_server_seconds', births);
  const info = createCounters('traces_service_graph_connection_info', births);
  const bounds = boundsOf(seconds.name);
  const budget = createBudget({
    total: options.maxEdges,
    perOwner: Math.max(1, Math.ceil(options.maxEdges * CLIENT_SHARE)),
  });
  const outside = createOutsideNames(Math.max(1, Math.floor(options.maxEdges * EXTERNAL_SHARE)));
  const byKey = new Map<string, HeldEdge>();
  const routes = createEdgeCache<Route>();
  const noEdge: NoEdge = { denied: 0, self: 0, withoutTarget: 0 };
  let given = 0;
  /** The newest moment that was ticked: what is read late is not idle for that. */
  let clock = -Infinity;

  function routeOf(client: Peer, target: Target): Route {
    const known = routes.get(client, target);
    if (known !== undefined && isCurrent(known)) return known;
    const server = outside.fold(target);
    const key = toEdgeKey(client, server);
    const own = byKey.get(key) ?? createOwnEdge(key, client, server);
    const edge = own ?? overflowEdge(client);
    const route = { edge, isFolded: server === EXTERNAL, isOverflow: own === undefined, given };
    routes.set(client, target, route);
    // Once for each peer is enough: equal peers are one object.
    edge.results.add(client.result);
    return route;
  }

  function isCurrent({ edge, isFolded, isOverflow, given: then }: Route): boolean {
    return isFolded || isOverflow ? then === given : !edge.isForgotten;
  }

  /** Undefined if the client or everybody has used up the budget. */
  function createOwnEdge(key: string, client: Ends, server: Ends): HeldEdge | undefined {
    const owner = toKey(client.namespace, client.name);
    return budget.take(owner) ? createEdge(key, { client, server, owner }) : undefined;
  }

  /** The client keeps its name as long as there is room for one overflow row a client. */
  function overflowEdge(client: Ends): HeldEdge {
    const key = toEdgeKey(client, OTHER);
    const own = byKey.get(key);
    if (own !== undefined) return own;
    if (byKey.size < 2 * options.maxEdges) return createEdge(key, { client, server: OTHER });
    return byKey.get(OTHERS_KEY) ?? createEdge(OTHERS_KEY, { client: OTHER, server: OTHER });
  }

  function createEdge(key: string, ends: { client: Ends; server: Ends; owner?: string }): HeldEdge {
    const { client, server, owner } = ends;
    const labels = [
      client.name,
      client.namespace,
      server.name,
      server.namespace,
      'virtual_node',
      options.source,
    ];
    const edge = {
      key,
      owner,
      client: client.name,
      clientNamespace: client.namespace,
      results: new Set<PeerResult>(),
      server: server.name,
      serverNamespace: server.namespace,
      total: total.row(...labels),
      failed: failed.row(...labels),
      seconds: seconds.row(...labels),
      info: info.row(...labels),
      last: -Infinity,
      isForgotten: false,
    };
    edge.info.value = 1;
    byKey.set(key, edge);
    outside.took(edge.server, edge.serverNamespace);
    return edge;
  }

  function forget(edge: HeldEdge): void {
    byKey.delete(edge.key);
    edge.isForgotten = true;
    given++;
    total.remove(edge.total);
    failed.remove(edge.failed);
    seconds.remove(edge.seconds);
    info.remove(edge.info);
    if (edge.owner !== undefined) budget.give(edge.owner);
    outside.gave(edge.server, edge.serverNamespace);
  }

  self.edges(() => byKey.size);

  return {
    lookup(lookup) {
      if (!leadsSomewhere(lookup)) {
        noEdge[lookup.outcome === 'denial' ? 'denied' : 'withoutTarget']++;
        return;
      }
      if (leadsToItself(lookup)) {
        noEdge.self++;
        self.selfEdge();
        return;
      }
      const { client, target, outcome, start, end } = lookup;
      const { edge, isFolded, isOverflow } = routeOf(client, target);
      if (isFolded) self.folded();
      if (isOverflow) self.overflowed(total.name);
      edge.total.value++;
      if (outcome === 'error') edge.failed.value++;
      observe(edge.seconds.histogram, bounds, (end - start) / 1e3);
      edge.last = Math.max(edge.last, clock, end);
    },
    link(lookup, traceId) {
      if (!makesEdge(lookup)) return;
      const { client, target, start, end } = lookup;
      const edge = routes.get(client, target)?.edge;
      if (edge === undefined || edge.isForgotten) return;
      const exemplar = { traceId, value: (end - start) / 1e3, time: end / 1e3 };
      attachExemplar(edge.seconds.histogram, bounds, exemplar);
    },
    tick(now) {
      clock = now;
      for (const edge of byKey.values()) if (now - edge.last > STALE_MS) forget(edge);
    },
    edges: () => byKey.values(),
    noEdge,
    series: { total, failed, seconds, info },
  };
}

const OTHER: Ends = { name: OVERFLOW, namespace: '' };
const OTHERS_KEY = toEdgeKey(OTHER, OTHER);

function toEdgeKey(client: Ends, server: Ends): string {
  return toKey(client.namespace, client.name, server.namespace, server.name);
}
