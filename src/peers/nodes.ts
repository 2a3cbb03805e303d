/** Nodes: their addresses, the ranges their pods get addresses from, and which run a NodeLocal DNSCache. */
import { createAddressRanges, toCanonicalAddress } from '../dns/addresses.ts';
import type { NodeObject, PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import { tellDifferences } from './differences.ts';
import { toNodePeer } from './identity.ts';
import { createLives } from './lives.ts';
import { type Moment, readFrom } from './moment.ts';
import type { Present } from './present.ts';

export interface Nodes {
  put(node: NodeObject, at: number): void;
  remove(node: NodeObject, at: number): void;
  /** Ends every node whose uid is not `present` in a complete state. */
  removeMissing(present: Present, at: number): void;
  /** A pod tells its node's addresses, and by its own address a range that pods live in. */
  putPod(pod: PodObject, before: PodObject | undefined, at: number): void;
  removePod(pod: PodObject, at: number): void;
  /**
   * Who asks from a node's address: over tcp its NodeLocal DNSCache if it has one, else the node. The address stays
   * the node's for late lines until it is forgotten or another's.
   */
  byAddress(address: string, moment: Moment): NodeClients | undefined;
  /** True if a NodeLocal DNSCache ran then on the node that has `address`. */
  hasCacheAt(address: string, moment: Moment): boolean;
  isPodRange(address: string, moment: Moment): boolean;
  /** Forgets what had ended before `time`. */
  forgetBefore(time: number): void;
  size(): number;
}

export interface NodeClients {
  readonly tcp: Peer;
  readonly other: Peer;
}

/** A node as somebody tells of it: its own object, or any of its pods. */
interface KnownNode {
  readonly name: string;
  readonly host: Peer;
  readonly cache: Peer;
  tellers: number;
}

/** Whoever tells of a node's address did not make it: it was the node's before, as far as anybody knows. */
const ALWAYS = -Infinity;
/** How a NodeLocal DNSCache pod is recognised: the label of the upstream manifest, also on every distribution. */
const CACHE_LABEL = 'node-local-dns';

/**
 * Nobody tells when a range is no pods' any more, so they are kept until there are more than this of one length. Then the
 * one that was told longest ago goes: nodes tell theirs with each state, a pod tells its own where none is known. Until
 * one of them speaks again, strangers in it are `external` instead of `snat`, and what they ask does not wait for a pod.
 */
const MAX_RANGES = 20_000;

/** Of what has ended no more than `maxEnded` of a kind is kept. */
export function createNodes(maxEnded: number): Nodes {
  const objects = new Map<string, NodeObject>();
  const known = new Map<string, KnownNode>();
  const addresses = createLives<KnownNode>(maxEnded);
  /** The uids of a node's caches, by its name. */
  const caches = createLives<string>(maxEnded);
  const ranges = createAddressRanges(MAX_RANGES);
  const rangesSource = { generation: 0 };

  function tell(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>, at: number): void {
    tellDifferences(before, now, {
      came(address, name) {
        const node = known.get(name) ?? createNode(name);
        known.set(name, node);
        node.tellers++;
        addresses.hold(address, node, { at, since: ALWAYS });
      },
      went(address, name) {
        const node = known.get(name);
        if (node === undefined) return;
        addresses.release(address, node, at);
        node.tellers--;
        if (node.tellers === 0) known.delete(name);
      },
    });
  }

  function addRange(range: string): void {
    if (ranges.add(range)) rangesSource.generation++;
  }

  function remove(node: NodeObject, at: number): void {
    tell(toNodeAddresses(objects.get(node.name)), new Map(), at);
    objects.delete(node.name);
  }

  function nodeAt(address: string, moment: Moment): KnownNode | undefined {
    return addresses.at(address, moment) ?? addresses.lastBefore(address, moment);
  }

  function hasCache({ name }: KnownNode, moment: Moment): boolean {
    return caches.at(name, moment) !== undefined;
  }

  return {
    put(node, at) {
      tell(toNodeAddresses(objects.get(node.name)), toNodeAddresses(node), at);
      objects.set(node.name, node);
      for (const range of node.podRanges) addRange(range);
    },
    remove,
    removeMissing(present, at) {
      for (const node of [...objects.values()]) if (!present.has(node.uid)) remove(node, at);
    },
    putPod(pod, before, at) {
      tell(toHostAddresses(before), toHostAddresses(pod), at);
      tellDifferences(toCaches(before), toCaches(pod), {
        came: (uid, node) => caches.hold(node, uid, { at, since: pod.started }),
        went: (uid, node) => caches.release(node, uid, at),
      });
      if (pod.isHostNetwork || pod.node === undefined) return;
      for (const address of pod.addresses) if (!ranges.has(address)) addRange(toNeighbourhood(address));
    },
    removePod(pod, at) {
      tell(toHostAddresses(pod), new Map(), at);
      for (const [uid, node] of toCaches(pod)) caches.release(node, uid, at);
    },
    byAddress(address, moment) {
      const node = nodeAt(address, moment);
      if (node === undefined) return undefined;
      return { tcp: hasCache(node, moment) ? node.cache : node.host, other: node.host };
    },
    hasCacheAt(address, moment) {
      const node = nodeAt(address, moment);
      return node !== undefined && hasCache(node, moment);
    },
    isPodRange(address, moment) {
      readFrom(moment, rangesSource);
      return ranges.has(address);
    },
    forgetBefore(time) {
      addresses.forgetBefore(time);
      caches.forgetBefore(time);
    },
    size: () => known.size,
  };
}

/** True for a pod of a NodeLocal DNSCache, wherever it has its address from. */
export function isNodeCache(pod: PodObject): boolean {
  return pod.labels.get('k8s-app') === CACHE_LABEL;
}

function createNode(name: string): KnownNode {
  return {
    name,
    host: toNodePeer('host_network', name),
    cache: toNodePeer('node_local_dns', name),
    tellers: 0,
  };
}

/** Address → node. */
function toNodeAddresses(node: NodeObject | undefined): ReadonlyMap<string, string> {
  return node === undefined ? new Map() : toAddresses(node.addresses, node.name);
}

function toHostAddresses(pod: PodObject | undefined): ReadonlyMap<string, string> {
  if (pod?.node === undefined) return new Map();
  const own = pod.isHostNetwork ? pod.addresses : [];
  return toAddresses([...pod.nodeAddresses, ...own], pod.node);
}

function toAddresses(texts: readonly string[], node: string): ReadonlyMap<string, string> {
  return new Map(texts.flatMap((text) => toCanonicalAddress(text) ?? []).map((address) => [address, node]));
}

/** Uid → node, of a cache that runs: one that has finished is not coming back. */
function toCaches(pod: PodObject | undefined): ReadonlyMap<string, string> {
  if (pod?.node === undefined || !pod.isHostNetwork || !isNodeCache(pod)) return new Map();
  return new Map(pod.phase === 'Succeeded' || pod.phase === 'Failed' ? [] : [[pod.uid, pod.node]]);
}

/**
 * The range around a pod's address that is taken for pods' where nodes may not be read: /24 and /64 are what
 * kubeadm, flannel and most clouds give a node; a narrower block (Calico's /26) lies inside.
 */
function toNeighbourhood(address: string): string {
  return address.includes(':') ? `${address}/64` : `${address}/24`;
}
