/** The service graph: which workload looked up which target, how often, how badly and how long it took. */
import type { Lookup } from '../records/lookup.ts';
import type { Peer, Target } from '../records/peer.ts';
import type { MetricsSelf } from '../self/metrics.ts';
import { createBudget, OVERFLOW } from './budget.ts';
import { attachExemplar, observe } from './histogram.ts';
import { boundsOf, type CounterRow, createCounters, createHistograms, type HistogramRow } from './series.ts';

export interface GraphOptions {
  /** Most edges with rows of their own. */
  readonly maxEdges: number;
  /** Value of the `source` label: who drew the edge. */
  readonly source: string;
}

/** One edge as people see it. */
export interface Edge {
  readonly client: string;
  readonly clientNamespace: string;
  readonly server: string;
  readonly serverNamespace: string;
  readonly total: CounterRow;
  readonly failed: CounterRow;
  readonly seconds: HistogramRow;
  readonly info: CounterRow;
  /** End of the last lookup, in milliseconds since the epoch. */
  last: number;
}

export interface Graph {
  lookup(lookup: Lookup): void;
  /** Links the trace of a lookup that was exported. */
  link(lookup: Lookup, traceId: string): void;
  /** Forgets edges that were not used for a while. */
  tick(now: number): void;
  edges(): Iterable<Edge>;
  readonly series: {
    readonly total: ReturnType<typeof createCounters>;
    readonly failed: ReturnType<typeof createCounters>;
    readonly seconds: ReturnType<typeof createHistograms>;
    readonly info: ReturnType<typeof createCounters>;
  };
}

/** Tempo forgets an edge after the same time (`stale_duration`). */
const STALE_MS = 15 * 60_000;
/** Share of the edges that one client may have: random names must not push everybody else out. */
const CLIENT_SHARE = 0.25;
/** Share of the edges that may lead to different outside domains; the rest lead to `external`. */
const EXTERNAL_SHARE = 0.25;

export function createGraph(options: GraphOptions, self: MetricsSelf): Graph {
  const total = createCounters('traces_service_graph_request_total');
  const failed = createCounters('traces_service_graph_request_failed_total');
  const seconds = createHistograms('traces_service_graph_request_server_seconds');
  const info = createCounters('traces_service_graph_connection_info');
  const bounds = boundsOf('traces_service_graph_request_server_seconds');
  const budget = createBudget({
    total: options.maxEdges,
    perOwner: Math.max(1, Math.ceil(options.maxEdges * CLIENT_SHARE)),
  });
  const edges = new Map<string, Edge>();
  const domains = new Map<string, number>();
  const maxDomains = Math.max(1, Math.floor(options.maxEdges * EXTERNAL_SHARE));

  function createEdge(
    { name: client, namespace: clientNamespace }: Ends,
    { name: server, namespace: serverNamespace }: Ends,
  ): Edge {
    const labels = [client, clientNamespace, server, serverNamespace, 'virtual_node', options.source];
    const edge = {
      client,
      clientNamespace,
      server,
      serverNamespace,
      total: total.row(...labels),
      failed: failed.row(...labels),
      seconds: seconds.row(...labels),
      info: info.row(...labels),
      last: 0,
    };
    edge.info.value = 1;
    edge.info.isShown = true;
    return edge;
  }

  function edgeOf(client: Peer, target: Target): Edge {
    const server = toServer(target);
    const key = toKey(client, server);
    const known = edges.get(key);
    if (known !== undefined) return known;
    const owner = `${client.namespace}/${client.name}`;
    if (budget.take(owner)) return remember(key, client, server);
    self.overflowed('traces_service_graph_request_total');
    // The client keeps its name as long as there is room for one overflow row a client.
    const mine = toKey(client, OTHER);
    const own = edges.get(mine);
    if (own !== undefined) return own;
    if (edges.size < 2 * options.maxEdges) return remember(mine, client, OTHER);
    return edges.get(toKey(OTHER, OTHER)) ?? remember(toKey(OTHER, OTHER), OTHER, OTHER);
  }

  function remember(key: string, client: Ends, server: Ends): Edge {
    const edge = createEdge(client, server);
    edges.set(key, edge);
    if (server.namespace === '') domains.set(server.name, (domains.get(server.name) ?? 0) + 1);
    return edge;
  }

  function toServer(target: Target): Ends {
    const isNewDomain = target.class === 'external' && !domains.has(target.name);
    return isNewDomain && domains.size >= maxDomains ? EXTERNAL : target;
  }

  function forget(key: string, edge: Edge): void {
    edges.delete(key);
    for (const series of [total, failed, info]) series.remove(edge.total);
    seconds.remove(edge.seconds);
    if (edge.server !== OVERFLOW) budget.give(`${edge.clientNamespace}/${edge.client}`);
    if (edge.serverNamespace !== '') return;
    const uses = (domains.get(edge.server) ?? 1) - 1;
    if (uses > 0) domains.set(edge.server, uses);
    else domains.delete(edge.server);
  }

  self.edges(() => edges.size);

  return {
    lookup(lookup) {
      if (!makesEdge(lookup)) return;
      const { client, target, outcome, start, end } = lookup;
      if (client.name === target.name && client.namespace === target.namespace) {
        self.selfEdge();
        return;
      }
      const edge = edgeOf(client, target);
      edge.total.value++;
      if (outcome === 'error') edge.failed.value++;
      observe(edge.seconds.histogram, bounds, (end - start) / 1e3);
      edge.last = Math.max(edge.last, end);
    },
    link(lookup, traceId) {
      if (!makesEdge(lookup)) return;
      const edge = edges.get(toKey(lookup.client, toServer(lookup.target)));
      if (edge === undefined) return;
      const { start, end } = lookup;
      attachExemplar(edge.seconds.histogram, bounds, {
        traceId,
        value: (end - start) / 1e3,
        time: end / 1e3,
      });
    },
    tick(now) {
      for (const [key, edge] of edges) if (now - edge.last > STALE_MS) forget(key, edge);
    },
    edges: () => edges.values(),
    series: { total, failed, seconds, info },
  };
}

interface Ends {
  readonly name: string;
  readonly namespace: string;
}

const OTHER: Ends = { name: OVERFLOW, namespace: '' };
const EXTERNAL: Ends = { name: 'external', namespace: '' };

/** A denied name leads nowhere; what the search path tried on the way is no edge either. */
function makesEdge({ outcome, target }: Lookup): boolean {
  return outcome !== 'denial' && target.name !== '';
}

function toKey(client: Ends, server: Ends): string {
  return `${client.namespace}/${client.name} ${server.namespace}/${server.name}`;
}
