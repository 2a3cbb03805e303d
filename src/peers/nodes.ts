/** Nodes: their addresses, the ranges their pods get addresses from, and which run a NodeLocal DNSCache. */
import { createAddressRanges, toCanonicalAddress } from '../dns/addresses.ts';
import type { NodeObject, PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import { toNodePeer } from './identity.ts';

export interface Nodes {
  putNode(node: NodeObject): void;
  /** A pod tells its node's addresses, and by its own address a range that pods live in. */
  putPod(pod: PodObject, at: number): void;
  removePod(uid: string, at: number): void;
  /** The peer behind a node's address: its NodeLocal DNSCache if the query came over tcp, else the node. */
  peerAt(address: string, time: number, transport: string): Peer | undefined;
  /** True if a NodeLocal DNSCache ran at `time` on the node that has `address`. */
  hasCacheAt(address: string, time: number): boolean;
  isPodRange(address: string): boolean;
  readonly size: number;
}

interface Stay {
  readonly uid: string;
  readonly from: number;
  to: number;
}

/** How a NodeLocal DNSCache pod is recognised: the label of the upstream manifest, also on every distribution. */
const CACHE_LABEL = 'node-local-dns';

export function createNodes(): Nodes {
  const byAddress = new Map<string, { readonly host: Peer; readonly cache: Peer }>();
  const peers = new Map<string, { readonly host: Peer; readonly cache: Peer }>();
  const cachesByNode = new Map<string, Stay[]>();
  const ranges = createAddressRanges();

  function putAddress(text: string, node: string): void {
    const address = toCanonicalAddress(text);
    if (address === undefined) return;
    const known = peers.get(node) ?? {
      host: toNodePeer('host_network', node),
      cache: toNodePeer('node_local_dns', node),
    };
    peers.set(node, known);
    byAddress.set(address, known);
  }

  function hasCache(node: string, time: number): boolean {
    return cachesByNode.get(node)?.some((stay) => stay.from <= time && time < stay.to) ?? false;
  }

  return {
    putNode(node) {
      for (const address of node.addresses) putAddress(address, node.name);
      for (const range of node.podRanges) ranges.add(range);
    },
    putPod(pod, at) {
      if (pod.node === undefined) return;
      for (const address of pod.nodeAddresses) putAddress(address, pod.node);
      if (!pod.isHostNetwork) {
        for (const address of pod.addresses) ranges.add(toNeighbourhood(address));
        return;
      }
      for (const address of pod.addresses) putAddress(address, pod.node);
      if (pod.labels.get('k8s-app') !== CACHE_LABEL) return;
      const stays = cachesByNode.get(pod.node) ?? [];
      if (stays.some((stay) => stay.uid === pod.uid)) return;
      stays.push({ uid: pod.uid, from: Math.min(at, pod.started ?? pod.created ?? at), to: Infinity });
      // Restarted caches pile up over months; the last few are enough for late lines.
      cachesByNode.set(pod.node, stays.slice(-4));
    },
    removePod(uid, at) {
      for (const stays of cachesByNode.values()) {
        for (const stay of stays) if (stay.uid === uid) stay.to = at;
      }
    },
    peerAt(address, time, transport) {
      const known = byAddress.get(address);
      if (known === undefined) return undefined;
      const node = known.host.node ?? '';
      return transport === 'tcp' && hasCache(node, time) ? known.cache : known.host;
    },
    hasCacheAt(address, time) {
      const node = byAddress.get(address)?.host.node;
      return node !== undefined && hasCache(node, time);
    },
    isPodRange: (address) => ranges.has(address),
    get size() {
      return peers.size;
    },
  };
}

/**
 * The range around a pod's address that is taken for pods' where nodes may not be read: /24 and /64 are what
 * kubeadm, flannel and most clouds give a node; a narrower block (Calico's /26) lies inside.
 */
function toNeighbourhood(address: string): string {
  return address.includes(':') ? `${address}/64` : `${address}/24`;
}
