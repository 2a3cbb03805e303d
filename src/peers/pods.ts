/** Pods as they come and go: which addresses each one holds, from when to when. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import type { Claims } from './claims.ts';
import { isSameIdentity } from './identity.ts';
import { type KnownPod, toPeer } from './knownPod.ts';
import type { Moment } from './moment.ts';
import { createTimelines, toBeginning } from './timelines.ts';
import { isFirstState, type Told, toTime } from './told.ts';

/** What a pod is found by: its name, and among those of that name its uid. */
type PodKey = Pick<PodObject, 'uid' | 'name'>;

export interface Pods {
  /** Returns the pod's last state, if it was known. */
  put(pod: PodObject, told: Told): PodObject | undefined;
  /** The pod is gone. Returns its last state. */
  remove(pod: PodKey, told: Told): PodObject | undefined;
  /** Who had this name then. */
  byName(namespace: string, name: string, moment: Moment): Peer | undefined;
  /** An address of the pod that has this name now. */
  addressOf(namespace: string, name: string): string | undefined;
  /** The last state of each. */
  all(): Iterable<PodObject>;
  /** Forgets who had a name before `time`. */
  forgetBefore(time: number): void;
  size(): number;
}

/** A state of a pod that was told, and under which identity. */
interface NewState {
  readonly now: KnownPod;
  readonly pod: PodObject;
  /** Those that it holds. */
  readonly addresses: readonly string[];
  readonly told: Told;
}

/** `status.startTime` is cut to the second: a pod may have started up to this much later (milliseconds). */
const START_TIME_RESOLUTION = 1000;

/** Of the names that were given up no more than `maxEnded` are kept. */
export function createPods(claims: Claims, maxEnded: number): Pods {
  // By the name alone, which is a text that is there anyway: the same name in many namespaces is rare enough.
  const names = createTimelines<KnownPod>(maxEnded, ({ pod }) => [pod.name]);
  let size = 0;

  function find({ uid, name }: PodKey): KnownPod | undefined {
    return names.find(name, ({ pod }) => pod.uid === uid);
  }

  function begin(pod: PodObject, told: Told): KnownPod {
    const isFirst = !names.under(pod.name).some((known) => known.pod.namespace === pod.namespace);
    const from = toBeginning({ at: toTime(told), since: pod.started }, isFirst);
    const known = { pod, bareAt: undefined, peer: undefined, from, to: undefined };
    names.begin(known);
    return known;
  }

  function put(pod: PodObject, told: Told): PodObject | undefined {
    const before = find(pod);
    const last = before?.pod;
    const now = before !== undefined && isStill(before, pod) ? before : begin(pod, told);
    if (before === undefined) size++;
    else if (before !== now) names.end(before, told.at);
    const addresses = toHeldAddresses(pod);
    const state = { now, pod, addresses, told };
    if (before !== undefined) closeClaims(before, state);
    openClaims(before, state);
    now.pod = pod;
    now.bareAt = addresses.length === 0 ? told.at : undefined;
    return last;
  }

  /** Ends the claims to addresses that the pod has no more, or has under another identity. */
  function closeClaims(before: KnownPod, { now, addresses, told }: NewState): void {
    const { at } = told;
    for (const address of toHeldAddresses(before.pod)) {
      if (!addresses.includes(address)) claims.close(address, before, told);
      else if (before !== now) claims.close(address, before, { at, sureUntil: at });
    }
  }

  function openClaims(before: KnownPod | undefined, { now, pod, addresses, told }: NewState): void {
    const held = before === undefined ? [] : toHeldAddresses(before.pod);
    for (const address of addresses) {
      const isHeld = held.includes(address);
      if (isHeld && before === now) continue;
      const lastEnd = claims.lastEnd(address);
      // A new identity of the same pod (its owner changed) begins where the old one ended.
      const from = isHeld ? told.at : toClaimStart(pod, told, { known: before, lastEnd });
      claims.open(address, { pod: now, from });
    }
    // `deletionTimestamp` is when the grace period ends; the pod stops from the moment it appears.
    if (pod.deleted === undefined) return;
    for (const address of addresses) claims.markStopping(address, now, told.at);
  }

  return {
    put,
    remove(key, told) {
      const known = find(key);
      if (known === undefined) return undefined;
      for (const address of toHeldAddresses(known.pod)) claims.close(address, known, told);
      names.end(known, told.at);
      size--;
      return known.pod;
    },
    byName(namespace, name, moment) {
      for (const known of names.allAt(name, moment)) {
        if (known.pod.namespace === namespace) return toPeer(known);
      }
      return undefined;
    },
    addressOf: (namespace, name) =>
      names.find(name, ({ pod }) => pod.namespace === namespace)?.pod.addresses[0],
    *all() {
      for (const { pod } of names.living()) yield pod;
    },
    forgetBefore: names.forgetBefore,
    size: () => size,
  };
}

/** True while the pod is who it was. That it gets a node is no new identity to anybody if nobody knew it without. */
function isStill({ pod: before, peer }: KnownPod, pod: PodObject): boolean {
  const isUnmet = before.node === undefined && peer === undefined;
  return isSameIdentity(isUnmet ? { ...before, node: pod.node } : before, pod);
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
  const { started } = pod;
  if (isFirstState(told)) return started ?? 0;
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
  return known.bareAt === undefined || sureUntil < at ? at : known.bareAt;
}
