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
  put(pod: PodObject, told: Told): PodObject | undefined;
  /** The pod is gone. Returns its last state. */
  remove(uid: string, told: Told): PodObject | undefined;
  /** Who had this name then. */
  byName(namespace: string, name: string, moment: Moment): Peer | undefined;
  /** An address of the pod that has this name now. */
  addressOf(namespace: string, name: string): string | undefined;
  uids(): Iterable<string>;
  /** Forgets who had a name before `time`. */
  forgetBefore(time: number): void;
  readonly size: number;
}

/** When a state of a pod was told. */
export interface Told {
  readonly at: number;
  /**
   * Until when the state before surely held: earlier than `at` where nobody saw it change (a relist), -Infinity
   * where nothing was told before (the first complete state).
   */
  readonly sureUntil: number;
}

interface KnownPod {
  readonly pod: PodObject;
  readonly peer: Peer;
  readonly addresses: readonly string[];
  /** When its last state was told. */
  readonly at: number;
}

/** `status.startTime` is cut to the second: a pod may have started up to this much later (milliseconds). */
const START_TIME_RESOLUTION = 1000;

/** Of the names that were given up no more than `maxEnded` are kept. */
export function createPods(claims: Claims, maxEnded: number): Pods {
  const byUid = new Map<string, KnownPod>();
  const byName = createLives<Peer>(maxEnded);

  function put(pod: PodObject, told: Told): PodObject | undefined {
    const { at } = told;
    const known = byUid.get(pod.uid);
    const isSame = known !== undefined && isSameIdentity(known.pod, pod);
    const peer = isSame ? known.peer : toPodPeer(pod);
    const addresses = toHeldAddresses(pod);
    for (const address of known?.addresses ?? []) {
      if (!addresses.includes(address)) claims.close(address, pod.uid, told);
      else if (!isSame) claims.close(address, pod.uid, { at, sureUntil: at });
    }
    for (const address of addresses) {
      const isHeld = known?.addresses.includes(address) ?? false;
      if (isHeld && isSame) continue;
      // A new identity of the same pod (its owner changed) begins where the old one ended.
      const from = isHeld ? at : toClaimStart(pod, told, { known, lastEnd: claims.lastEnd(address) });
      claims.open(address, { peer, uid: pod.uid, from });
    }
    // `deletionTimestamp` is when the grace period ends; the pod stops from the moment it appears.
    if (pod.deleted !== undefined) {
      for (const address of addresses) claims.markStopping(address, pod.uid, at);
    }
    if (!isSame) {
      if (known !== undefined) byName.release(toName(pod), known.peer, at);
      byName.hold(toName(pod), peer, {
        at: isFirst(told) ? -Infinity : at,
        since: pod.started ?? pod.created,
      });
    }
    byUid.set(pod.uid, { pod, peer, addresses, at });
    return known?.pod;
  }

  return {
    put,
    remove(uid, told) {
      const known = byUid.get(uid);
      if (known === undefined) return undefined;
      for (const address of known.addresses) claims.close(address, uid, told);
      byName.release(toName(known.pod), known.peer, told.at);
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
  // Once each: two spellings of one address are no two holders.
  return [...new Set(pod.addresses.map((address) => toCanonicalAddress(address) ?? address))];
}

/**
 * Since when a pod holds an address that its status shows from now on.
 *
 * The kubelet reports an address seconds after the pod began to use it, so a claim reaches back to the pod's
 * start. If somebody held the address before, it reaches back only to where both the other's end and this pod's
 * start are certain; and never to before a state of the pod without the address.
 */
function toClaimStart(pod: PodObject, told: Told, before: Before): number {
  const { at } = told;
  const started = pod.started ?? pod.created;
  if (isFirst(told)) return started ?? 0;
  if (started === undefined || before.lastEnd === Infinity) return at;
  // Where nobody watched, the holder before may have come and gone unseen.
  const isAlone = before.lastEnd === undefined && told.sureUntil === at;
  const surelyStarted = isAlone ? started : started + START_TIME_RESOLUTION;
  return Math.min(
    at,
    Math.max(surelyStarted, before.lastEnd ?? -Infinity, toWithoutUntil(before.known, told)),
  );
}

/** What was known of a pod and of an address before the one had the other. */
interface Before {
  readonly known: KnownPod | undefined;
  /** When the last claim to the address ended. */
  readonly lastEnd: number | undefined;
}

/**
 * Until when a pod was without an address that it has now. One that had none yet was getting it; one that had
 * another kept that for nobody knows how long, and so did one that nobody watched.
 */
function toWithoutUntil(known: KnownPod | undefined, { at, sureUntil }: Told): number {
  if (known === undefined) return -Infinity;
  return known.addresses.length > 0 || sureUntil < at ? at : known.at;
}

function isFirst({ sureUntil }: Told): boolean {
  return sureUntil === -Infinity;
}
