/** Pods as they come and go: which addresses each one holds, from when to when. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import type { Claims } from './claims.ts';
import { isSameIdentity, toPodPeer } from './identity.ts';

export interface Pods {
  put(pod: PodObject, at: number): void;
  /** The pod is gone; `sureUntil` is earlier than `at` where nobody saw it go. */
  remove(uid: string, end: { readonly at: number; readonly sureUntil?: number }): void;
  byName(namespace: string, name: string): { readonly peer: Peer; readonly pod: PodObject } | undefined;
  uids(): Iterable<string>;
  readonly size: number;
}

interface KnownPod {
  readonly pod: PodObject;
  readonly peer: Peer;
  readonly addresses: readonly string[];
}

/** `status.startTime` is cut to the second: a pod may have started up to this much later (milliseconds). */
const START_TIME_RESOLUTION = 1000;

export function createPods(claims: Claims): Pods {
  const byUid = new Map<string, KnownPod>();
  const byName = new Map<string, KnownPod>();

  function put(pod: PodObject, at: number): void {
    const known = byUid.get(pod.uid);
    const isSame = known !== undefined && isSameIdentity(known.pod, pod);
    const peer = isSame ? known.peer : toPodPeer(pod);
    const addresses = toHeldAddresses(pod);
    for (const address of known?.addresses ?? []) {
      if (!isSame || !addresses.includes(address)) claims.close(address, pod.uid, { at });
    }
    for (const address of addresses) {
      const isHeld = known?.addresses.includes(address) ?? false;
      if (isHeld && isSame) continue;
      // A new identity of the same pod (its owner changed) begins where the old one ended.
      const from = isHeld ? at : toClaimStart(pod, at, claims.lastOther(address, pod.uid)?.to);
      claims.open(address, { peer, uid: pod.uid, from });
    }
    // `deletionTimestamp` is when the grace period ends; the pod stops from the moment it appears.
    if (pod.deleted !== undefined) {
      for (const address of addresses) claims.markStopping(address, pod.uid, at);
    }
    const now = { pod, peer, addresses };
    byUid.set(pod.uid, now);
    byName.set(`${pod.namespace}/${pod.name}`, now);
  }

  return {
    put,
    remove(uid, end) {
      const known = byUid.get(uid);
      if (known === undefined) return;
      for (const address of known.addresses) claims.close(address, uid, end);
      byUid.delete(uid);
      const name = `${known.pod.namespace}/${known.pod.name}`;
      if (byName.get(name) === known) byName.delete(name);
    },
    byName: (namespace, name) => byName.get(`${namespace}/${name}`),
    uids: () => byUid.keys(),
    get size() {
      return byUid.size;
    },
  };
}

/** A finished pod still lists its address but no longer holds it; a host-network pod never did. */
function toHeldAddresses(pod: PodObject): string[] {
  if (pod.isHostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') return [];
  return pod.addresses.map((address) => toCanonicalAddress(address) ?? address);
}

/**
 * Since when a pod holds an address that its status shows at `at`.
 *
 * The kubelet reports an address seconds after the pod began to use it, so a claim reaches back to the pod's
 * start. If somebody held the address before, it reaches back only to where both the other's end and this pod's
 * start are certain.
 */
function toClaimStart(pod: PodObject, at: number, otherEnd: number | undefined): number {
  const started = pod.started ?? pod.created;
  if (started === undefined) return at === -Infinity ? 0 : at;
  if (at === -Infinity) return started;
  if (otherEnd === undefined) return Math.min(at, started);
  if (otherEnd === Infinity) return at;
  return Math.min(at, Math.max(otherEnd, started + START_TIME_RESOLUTION));
}
