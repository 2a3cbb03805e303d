/**
 * Who held an address when: every pod's claim to an address as an interval of time.
 *
 *     10.244.1.9   ──[debug-75bb…     )······[crawler-64f4…
 *                    from          to        from
 *
 * An address is handed on within milliseconds, and lines come late; so nothing is ever looked up in "the present".
 */
import type { KnownPod } from './knownPod.ts';
import { type Moment, narrow, readFrom } from './moment.ts';
import { createQueue } from './queue.ts';
import { createShelves, isList, type Several, toList } from './shelves.ts';

/** What has not happened is undefined: as a number it would have a box of its own, 16 bytes in each of 50,000 claims. */
export interface Claim {
  readonly pod: KnownPod;
  readonly from: number;
  /** Undefined while the claim is held. */
  end: ClaimEnd | undefined;
  /** When the pod was told to stop; a newer claim beats one that is stopping. */
  stopping: number | undefined;
}

export interface ClaimEnd {
  readonly at: number;
  /** Before `at` if nobody saw the end: the pod was there then, and was gone at `at`. */
  readonly sureUntil: number;
}

/** The claim at a time; or why there is none. */
export type Holder = Claim | 'conflict' | 'other_time' | 'never';

export interface Claims {
  open(address: string, claim: Pick<Claim, 'pod' | 'from'>): void;
  /** Ends the pod's claim. */
  close(address: string, pod: KnownPod, end: ClaimEnd): void;
  markStopping(address: string, pod: KnownPod, at: number): void;
  /** When the last of all claims ended: Infinity if one is held, undefined if there was none. */
  lastEnd(address: string): number | undefined;
  holderAt(address: string, time: number): Holder;
  /** The same, for an answer that is kept. */
  holderAtMoment(address: string, moment: Moment): Holder;
  /** Forgets claims that ended before `time`, and the oldest beyond the bound. */
  forgetBefore(time: number): void;
  size(): number;
}

export function createClaims(maxEnded: number): Claims {
  const claims = createShelves<Claim>();
  const source = { generation: 0 };
  /** Ended claims, oldest first. */
  const ended = createQueue<{ readonly address: string; readonly claim: Claim }>();

  function find(address: string, pod: KnownPod): Claim | undefined {
    return toList(claims.get(address)).findLast((claim) => claim.pod === pod && claim.end === undefined);
  }

  function forgetOldest(): void {
    const oldest = ended.take();
    if (oldest === undefined) return;
    source.generation++;
    claims.remove(oldest.address, oldest.claim);
  }

  function holderAt(address: string, time: number): Holder {
    const known = claims.get(address);
    return known === undefined ? 'never' : toHolder(known, time);
  }

  return {
    open(address, { pod, from }) {
      claims.add(address, { pod, from, end: undefined, stopping: undefined });
      source.generation++;
    },
    close(address, pod, { at, sureUntil }) {
      const claim = find(address, pod);
      if (claim === undefined) return;
      claim.end = { at, sureUntil };
      ended.push({ address, claim });
      if (ended.size() > maxEnded) forgetOldest();
      source.generation++;
    },
    markStopping(address, pod, at) {
      const claim = find(address, pod);
      if (claim === undefined || (claim.stopping ?? Infinity) <= at) return;
      claim.stopping = at;
      source.generation++;
    },
    lastEnd(address) {
      const known = claims.get(address);
      if (known === undefined) return undefined;
      return toList(known).reduce((last, { end }) => Math.max(last, end?.at ?? Infinity), -Infinity);
    },
    holderAt,
    holderAtMoment(address, moment) {
      readFrom(moment, source);
      for (const { from, end, stopping } of toList(claims.get(address))) {
        narrow(moment, from);
        if (end !== undefined) narrow(moment, end.sureUntil);
        if (stopping !== undefined) narrow(moment, stopping);
      }
      return holderAt(address, moment.time);
    },
    forgetBefore(time) {
      while ((ended.first()?.claim.end?.at ?? Infinity) < time) forgetOldest();
    },
    size: claims.size,
  };
}

/** Of several claims at a time the one of a pod that is not stopping counts; two of a kind are a conflict. */
function toHolder(known: Several<Claim>, time: number): Holder {
  if (!isList(known)) return isHeld(known, time) ? known : 'other_time';
  let holder: Claim | undefined;
  let isContested = false;
  for (const claim of known) {
    if (!isHeld(claim, time)) continue;
    if (holder === undefined || (isRunning(claim, time) && !isRunning(holder, time))) {
      holder = claim;
      isContested = false;
    } else if (isRunning(claim, time) === isRunning(holder, time)) isContested = true;
  }
  if (holder === undefined) return 'other_time';
  return isContested ? 'conflict' : holder;
}

function isHeld({ from, end }: Claim, time: number): boolean {
  return time >= from && (end === undefined || time < end.sureUntil);
}

function isRunning({ stopping }: Claim, time: number): boolean {
  return stopping === undefined || time < stopping;
}
