/** Pods as they come and go: which addresses each one holds, from when to when. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import type { Claims } from './claims.ts';
import { isSameIdentity, toPodPeer } from './identity.ts';
import { createLives } from './lives.ts';
import type { Moment } from './moment.ts';

export interface Pods {
  /** Returns the pod's last state, if it was known. */
  put(pod: PodObject, at: number): PodObject | undefined;
  /** The pod is gone; `sureUntil` is earlier than `at` where nobody saw it go. Returns its last state. */
  remove(uid: string, end: { readonly at: number; readonly sureUntil?: number }): PodObject | undefined;
  /** Who had this name then. */
  byName(namespace: string, name: string, moment: Moment): Peer | undefined;
  /** An address of the pod that has this name now. */
  addressOf(namespace: string, name: string): string | undefined;
  uids(): Iterable<string>;
  /** Forgets who had a name before `time`. */
  forgetBefore(time: number): void;
  readonly size: number;
}

interface KnownPod {
  readonly pod: PodObject;
  readonly peer: Peer;
  readonly addresses: readonly string[];
}

/** `status.startTime` is cut to the second: a pod may have started up to this much later (milliseconds). */
const START_TIME_RESOLUTION = 1000;

/** Of the names that were given up no more than `maxEnded` are kept. */
export function createPods(claims: Claims, maxEnded: number): Pods {
  const byUid = new Map<string, KnownPod>();
  const byName = createLives<Peer>(maxEnded);

  function put(pod: PodObject, at: number): PodObject | undefined {
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
    if (!isSame) {
      if (known !== undefined) byName.release(toName(pod), known.peer, at);
      byName.hold(toName(pod), peer, { at, since: pod.started ?? pod.created });
    }
    byUid.set(pod.uid, { pod, peer, addresses });
    return known?.pod;
  }

  return {
    put,
    remove(uid, end) {
      const known = byUid.get(uid);
      if (known === undefined) return undefined;
      for (const address of known.addresses) claims.close(address, uid, end);
      byName.release(toName(known.pod), known.peer, end.at);
      byUid.delete(uid);
      return known.pod;
    },
    byName: (namespace, name, moment) => byName.at(toName({ namespace, name }), moment)?.value,
    addressOf(namespace, name) {
      const uid = byName.now(toName({ namespace, name }))?.value.pod?.uid;
      return uid === undefined ? undefined : byUid.get(uid)?.pod.addresses[0];
    },
    uids: () => byUid.keys(),
    forgetBefore: byName.forgetBefore,
    get size() {
      return byUid.size;
    },
  };
}

function toName({ namespace, name }: Pick<PodObject, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
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
