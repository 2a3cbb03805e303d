/** The service graph: which workload looked up which target, how often, how badly and how long it took. */
import { type DrawnEdge, leadsSomewhere, leadsToItself } from '../records/edges.ts';
import type { Lookup } from '../records/lookup.ts';
import type { Peer, PeerResult, Target } from '../records/peer.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import { OVERFLOW } from '../self/registry.ts';
import { createBudget } from './budget.ts';
import { createEnds, type End, type Named } from './ends.ts';
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
import { STALE_MS, toHeard } from './staleness.ts';

export interface GraphOptions {
  /** Most edges with a target of their own, and most overflow edges: at most twice as many are drawn in all. */
  readonly maxEdges: number;
  /** Value of the `source` label: who drew the edge. */
  readonly source: string;
  readonly births: Births;
}

/** One edge with its rows. */
export interface Edge extends DrawnEdge {
  readonly clientNamespace: string;
  /** How the addresses behind the client were resolved: why it has no name, if it has none. */
  readonly results: ReadonlySet<PeerResult>;
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
  /** Counts a lookup; returns the edge that it is on, if it is on one. */
  lookup(lookup: Lookup): Edge | undefined;
  /** Links the trace of a lookup that was exported to the edge that it is on, unless that was forgotten meanwhile. */
  link(lookup: Lookup, edge: DrawnEdge, traceId: string): void;
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
  /** Put in last: mostly there is no other, and a set need not be asked. */
  newestResult: PeerResult | undefined;
  readonly from: Client;
  readonly to: End;
  /** True if it takes up the client's budget; an overflow row does not. */
  readonly isOwn: boolean;
  /** When it was last used, in milliseconds since the epoch. */
  last: number;
}

interface Client extends End {
  readonly edgeTo: Map<End, HeldEdge>;
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
  const clients = createEnds(createClient);
  const servers = createEnds(createEnd);
  const drawn = new Set<HeldEdge>();
  /** How many of them are overflow edges. */
  let overflows = 0;
  const noEdge: NoEdge = { denied: 0, self: 0, withoutTarget: 0 };
  /** The newest moment that was ticked: what is read late is not idle for that. */
  let clock = -Infinity;

  /** The edge on which the lookups of `client` for `target` are counted; born if it is new. */
  function edgeOf(client: Peer, target: Target): HeldEdge {
    const from = clients.of(client);
    const server = servers.of(target);
    const isFolded = outside.isTooMany(target, server);
    if (isFolded) self.folded();
    const to = isFolded ? servers.of(EXTERNAL) : server;
    const edge = from.edgeTo.get(to) ?? createOwnEdge(from, to) ?? overflowEdge(from);
    if (edge.newestResult !== client.result) {
      edge.newestResult = client.result;
      edge.results.add(client.result);
    }
    return edge;
  }

  function isDrawn(edge: DrawnEdge): edge is HeldEdge {
    return drawn.has(edge as HeldEdge);
  }

  /** Undefined if the client or everybody has used up the budget. */
  function createOwnEdge(from: Client, to: End): HeldEdge | undefined {
    return budget.take(from.key) ? createEdge({ from, to, isOwn: true }) : undefined;
  }

  /** The client keeps its name as long as there is room for one overflow edge a client, beside the one of all others. */
  function overflowEdge(from: Client): HeldEdge {
    self.overflowed(total.name);
    const to = servers.of(OTHER);
    const own = from.edgeTo.get(to);
    if (own !== undefined) return own;
    if (overflows < options.maxEdges - 1) return createEdge({ from, to, isOwn: false });
    const others = clients.of(OTHER);
    return others.edgeTo.get(to) ?? createEdge({ from: others, to, isOwn: false });
  }

  function createEdge({ from, to, isOwn }: Pick<HeldEdge, 'from' | 'to' | 'isOwn'>): HeldEdge {
    const labels = [from.name, from.namespace, to.name, to.namespace, 'virtual_node', options.source];
    const edge: HeldEdge = {
      from,
      to,
      isOwn,
      client: from.name,
      clientNamespace: from.namespace,
      results: new Set(),
      newestResult: undefined,
      server: to.name,
      serverNamespace: to.namespace,
      total: total.row(...labels),
      failed: failed.row(...labels),
      seconds: seconds.row(...labels),
      info: info.row(...labels),
      last: -Infinity,
    };
    edge.info.value = 1;
    drawn.add(edge);
    if (!isOwn) overflows++;
    from.edgeTo.set(to, edge);
    from.edges++;
    to.edges++;
    if (to.edges === 1) outside.took(to);
    return edge;
  }

  function forget(edge: HeldEdge): void {
    const { from, to } = edge;
    drawn.delete(edge);
    from.edgeTo.delete(to);
    from.edges--;
    to.edges--;
    total.remove(edge.total);
    failed.remove(edge.failed);
    seconds.remove(edge.seconds);
    info.remove(edge.info);
    if (edge.isOwn) budget.give(from.key);
    else overflows--;
    if (to.edges === 0) outside.gave(to);
  }

  self.edges(() => drawn.size);

  return {
    lookup(lookup) {
      if (!leadsSomewhere(lookup)) {
        noEdge[lookup.outcome === 'denial' ? 'denied' : 'withoutTarget']++;
        return undefined;
      }
      if (leadsToItself(lookup)) {
        noEdge.self++;
        self.selfEdge();
        return undefined;
      }
      const { client, target, outcome, start, end } = lookup;
      const edge = edgeOf(client, target);
      edge.total.value++;
      if (outcome === 'error') edge.failed.value++;
      observe(edge.seconds.histogram, bounds, (end - start) / 1e3);
      edge.last = Math.max(edge.last, toHeard(end, clock));
      return edge;
    },
    link({ start, end }, edge, traceId) {
      if (!isDrawn(edge)) return;
      const exemplar = { traceId, value: (end - start) / 1e3, time: end / 1e3 };
      attachExemplar(edge.seconds.histogram, bounds, exemplar);
    },
    tick(now) {
      clock = now;
      for (const edge of drawn) if (now - edge.last > STALE_MS) forget(edge);
    },
    edges: () => drawn,
    noEdge,
    series: { total, failed, seconds, info },
  };
}

const OTHER: Named = { name: OVERFLOW, namespace: '' };

function createEnd({ name, namespace }: Named, key: string): End {
  return { name, namespace, key, edges: 0, isForgotten: false };
}

function createClient(named: Named, key: string): Client {
  return { ...createEnd(named, key), edgeTo: new Map() };
}
