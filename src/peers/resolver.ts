/**
 * Peers: names both ends of a query as of its time. Changes of the cluster go in at one side, queries at the
 * other.
 *
 * A pod asks before the API server knows its address: the kubelet reports it a second or two later. So the
 * queries of an address that looks like a pod's and has no holder yet wait a little (`graceMs`) for the change
 * that names it, and are released under the reason that stands when the wait is over.
 */
import { type ClusterName, parseClusterName } from '../dns/clusterNames.ts';
import { withTrailingDot } from '../dns/names.ts';
import type { Change } from '../kube/objects.ts';
import { PEER_RESULTS, type Peer, type PeerResult, type Target } from '../records/peer.ts';
import type { Query } from '../records/query.ts';
import type { PeersSelf } from '../self/peers.ts';
import { createClients } from './clients.ts';
import { createCluster } from './cluster.ts';
import { toMoment } from './moment.ts';
import { toServiceKey } from './services.ts';
import { createTargets } from './targets.ts';
import { createWaitingRoom } from './waitingRoom.ts';

/** Takes a query with its two ends, as of the time of the query. */
export type TakeResolved = (query: Query, client: Peer, target: Target) => void;

export interface PeersOptions {
  /** With a trailing dot. */
  readonly clusterDomains: readonly string[];
  readonly targetLabel: 'service' | 'workload';
  /** How long a query may wait for its client's identity; 0 where the whole history is known. */
  readonly graceMs: number;
  /** How long ended identities are kept for late lines; Infinity for a recording. */
  readonly retainMs: number;
}

export interface Peers {
  apply(change: Change): void;
  /** Names the ends of `queries`, in order, with whatever earlier queries need wait no longer in front. */
  accept(queries: readonly Query[], now: number): void;
  /** Lets queries go whose wait is over. */
  tick(now: number): void;
  /** Lets everything go that still waits; for the end of the input. */
  flush(): void;
  /** True if a NodeLocal DNSCache ran on the node with this address then. */
  hasCacheAt(address: string, time: number): boolean;
  /** Queries that wait for their client's identity. */
  waiting(): Iterable<Query>;
  /** The cluster address of a Service by a host name `<name>.<namespace>.svc[.<cluster domain>]`. */
  serviceAddress(host: string): string | undefined;
  /** The address of a pod by its name; for naming the DNS server of a log. */
  addressOf(namespace: string, pod: string): string | undefined;
}

export function createPeers(options: PeersOptions, take: TakeResolved, self: PeersSelf): Peers {
  const waiting = createWaitingRoom(options.graceMs);
  const cluster = createCluster({ retainMs: options.retainMs, onAddress: waiting.call });
  const { claims, pods, nodes, services } = cluster;
  const { clientOf } = createClients(cluster);
  const { targetOf } = createTargets(options, cluster);

  function letGo(query: Query, client: Peer): void {
    self.resolved(client.result);
    take(query, client, targetOf(query));
  }

  function letAllGo(queries: readonly Query[]): void {
    for (const query of queries) letGo(query, clientOf(query));
  }

  self.results(PEER_RESULTS);
  self.holds({
    pods: pods.size,
    addresses: claims.size,
    services: services.size,
    nodes: nodes.size,
  });
  self.waits(waiting.size);

  return {
    apply: cluster.apply,
    accept(queries, now) {
      letAllGo(waiting.due(now));
      for (const query of queries) {
        const client = clientOf(query);
        if (isUnsettled(client.result) && waiting.hold(query, now)) continue;
        letGo(query, client);
      }
    },
    tick(now) {
      cluster.tick(now);
      letAllGo(waiting.due(now));
    },
    flush: () => letAllGo(waiting.clear()),
    hasCacheAt: (address, time) => nodes.hasCacheAt(address, toMoment(time)),
    waiting: () => waiting.all(),
    serviceAddress(host) {
      const domains = [...options.clusterDomains, '.'];
      const name = domains.map((domain) => parseClusterName(withTrailingDot(host), [domain])).find(isService);
      if (name === undefined) return undefined;
      return services.clusterAddressOf(toServiceKey({ namespace: name.namespace, name: name.service }));
    },
    addressOf: pods.addressOf,
  };
}

function isUnsettled(result: PeerResult): boolean {
  return result === 'snat' || result === 'stale' || result === 'cold';
}

function isService(name: ClusterName | undefined): name is Extract<ClusterName, { kind: 'service' }> {
  return name?.kind === 'service';
}
