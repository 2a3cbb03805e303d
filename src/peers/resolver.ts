/**
 * Peers: names both ends of a query as of its time. Changes of the cluster go in at one side, queries at the
 * other.
 *
 * A pod asks before the API server knows its address: the kubelet reports it a second or two later. So the
 * queries of an address that looks like a pod's and has no holder yet wait a little (`graceMs`) for the change
 * that names it, and are released under the reason that stands when the wait is over.
 */
import { isLinkLocal, isLoopback, toCanonicalAddress } from '../dns/addresses.ts';
import { type ClusterName, parseClusterName } from '../dns/clusterNames.ts';
import { withTrailingDot } from '../dns/names.ts';
import type { Change, ClusterObject, PodObject, Resource } from '../kube/objects.ts';
import { PEER_RESULTS, type Peer, type PeerResult, type Target } from '../records/peer.ts';
import type { Query } from '../records/query.ts';
import type { PeersSelf } from '../self/peers.ts';
import { createClaims } from './claims.ts';
import { toClassPeer } from './identity.ts';
import { createNodes } from './nodes.ts';
import { createPods } from './pods.ts';
import { createServices } from './services.ts';
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
  /** How long an ended claim is kept for late lines; Infinity for a recording. */
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

/** Ended claims beyond this are forgotten, oldest first: 10,000 pods may end within the time that lines are late. */
const MAX_ENDED = 20_000;

export function createPeers(options: PeersOptions, take: TakeResolved, self: PeersSelf): Peers {
  const claims = createClaims(options.retainMs === Infinity ? Infinity : MAX_ENDED);
  const pods = createPods(claims);
  const nodes = createNodes();
  const services = createServices();
  const synced = new Map<Resource, number>();
  const classPeers = new Map<PeerResult, Peer>(PEER_RESULTS.map((result) => [result, toClassPeer(result)]));
  const targets = createTargets(options, {
    services,
    pods,
    podAt(address, time) {
      const holder = claims.holderAt(address, time);
      if (typeof holder === 'string' || holder.peer.pod === undefined) return undefined;
      const { namespace, name } = holder.peer.pod;
      return { namespace, name, workload: holder.peer.name };
    },
    isSynced: () => synced.has('services'),
  });
  const waiting = createWaitingRoom(options.graceMs);
  /** Arrival of the last change of a pod: what is later was not seen. */
  let lastPodChange = -Infinity;

  function classPeer(result: PeerResult): Peer {
    return classPeers.get(result) ?? toClassPeer(result);
  }

  function clientOf(query: Query): Peer {
    const { client, time } = query;
    const holder = claims.holderAt(client, time);
    if (typeof holder !== 'string') return holder.peer;
    if (holder === 'conflict') return classPeer('conflict');
    if (client === '' || isLoopback(client) || isLinkLocal(client)) return classPeer('loopback');
    const node = nodes.peerAt(client, time, query.question.transport);
    if (node !== undefined) return node;
    if (services.byAddress(client, time) !== undefined) return classPeer('service');
    const since = synced.get('pods');
    if (since === undefined) return classPeer('cold');
    if (holder === 'other_time') return classPeer('stale');
    if (!nodes.isPodRange(client)) return classPeer('external');
    // Before the first sync a holder may have come and gone unseen.
    return classPeer(time < since ? 'stale' : 'snat');
  }

  function letGo(query: Query, client: Peer): void {
    self.resolved(client.result);
    take(query, client, targets.targetAt(query.question, query.time));
  }

  function letAllGo(queries: readonly Query[]): void {
    for (const query of queries) letGo(query, clientOf(query));
  }

  function isUnsettled(result: PeerResult): boolean {
    return result === 'snat' || result === 'stale' || result === 'cold';
  }

  function put(object: ClusterObject, at: number): void {
    switch (object.resource) {
      case 'pods':
        putPod(object, at);
        break;
      case 'services':
        services.putService(object, at);
        break;
      case 'endpointslices':
        services.putSlice(object, at);
        break;
      case 'nodes':
        nodes.putNode(object);
        break;
      case 'namespaces':
        break;
    }
  }

  function putPod(pod: PodObject, at: number): void {
    pods.put(pod, at);
    nodes.putPod(pod, at);
    for (const address of pod.addresses) waiting.call(toCanonicalAddress(address) ?? address);
  }

  function remove(object: ClusterObject, at: number): void {
    switch (object.resource) {
      case 'pods':
        pods.remove(object.uid, { at });
        nodes.removePod(object.uid, at);
        break;
      case 'services':
        services.removeService(object, at);
        break;
      case 'endpointslices':
        services.removeSlice(object, at);
        break;
      case 'nodes':
      case 'namespaces':
        // A node's address stays its own for the late lines of its last minutes.
        break;
    }
  }

  function replace(resource: Resource, objects: readonly ClusterObject[], at: number): void {
    const present = new Set(objects.map((object) => object.uid));
    if (resource === 'pods') {
      for (const uid of [...pods.uids()]) {
        if (!present.has(uid)) pods.remove(uid, { at, sureUntil: lastPodChange });
      }
    } else {
      services.removeMissing(resource, present, at);
    }
    // The first complete state tells of objects that are older than the watch: they count from their creation.
    const isFirst = !synced.has(resource);
    for (const object of objects) put(object, isFirst ? -Infinity : at);
    if (isFirst) synced.set(resource, at);
  }

  self.results(PEER_RESULTS);
  self.holds({
    pods: () => pods.size,
    addresses: () => claims.size,
    services: () => services.size,
    nodes: () => nodes.size,
  });
  self.waits(() => waiting.size);

  return {
    apply(change) {
      switch (change.type) {
        case 'put':
          put(change.object, change.at);
          break;
        case 'delete':
          remove(change.object, change.at);
          break;
        case 'replace':
          replace(change.resource, change.objects, change.at);
          break;
      }
      const resource = change.type === 'replace' ? change.resource : change.object.resource;
      if (resource === 'pods') lastPodChange = Math.max(lastPodChange, change.at);
    },
    accept(queries, now) {
      letAllGo(waiting.due(now));
      for (const query of queries) {
        const client = clientOf(query);
        if (isUnsettled(client.result) && waiting.hold(query, now)) continue;
        letGo(query, client);
      }
    },
    tick(now) {
      claims.forgetBefore(now - options.retainMs);
      letAllGo(waiting.due(now));
    },
    flush: () => letAllGo(waiting.clear()),
    hasCacheAt: (address, time) => nodes.hasCacheAt(address, time),
    waiting: () => waiting.all(),
    serviceAddress(host) {
      const domains = [...options.clusterDomains, '.'];
      const name = domains.map((domain) => parseClusterName(withTrailingDot(host), [domain])).find(isService);
      return name === undefined ? undefined : services.clusterAddressOf(name.namespace, name.service);
    },
    addressOf: (namespace, pod) => pods.byName(namespace, pod)?.pod.addresses[0],
  };
}

function isService(name: ClusterName | undefined): name is Extract<ClusterName, { kind: 'service' }> {
  return name?.kind === 'service';
}
