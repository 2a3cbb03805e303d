/**
 * Who held an address when: every pod's claim to an address as an interval of time.
 *
 *     10.244.1.9   ──[debug-75bb…     )······[crawler-64f4…
 *                    from          to        from
 *
 * An address is handed on within milliseconds, and lines come late; so nothing is ever looked up in "the present".
 */
import type { Peer } from '../records/peer.ts';
import { type Moment, narrow, readFrom } from './moment.ts';
import { createQueue } from './queue.ts';

export interface Claim {
  readonly peer: Peer;
  readonly uid: string;
  readonly from: number;
  /** Infinity while the claim is held. */
  to: number;
  /** Before `to` if nobody saw the end: the pod was there then, and was gone at `to`. */
  sureUntil: number;
  /** When the pod was told to stop; a newer claim beats one that is stopping. */
  stopping: number;
}

/** The claim at a time; or why there is none. */
export type Holder = Claim | 'conflict' | 'other_time' | 'never';

export interface Claims {
  open(address: string, claim: Omit<Claim, 'to' | 'sureUntil' | 'stopping'>): void;
  /** Ends the claim of `uid`; `sureUntil` is earlier than `at` where the end went unseen. */
  close(address: string, uid: string, end: { readonly at: number; readonly sureUntil: number }): void;
  markStopping(address: string, uid: string, at: number): void;
  /** When the last of all claims ended: Infinity if one is held, undefined if there was none. */
  lastEnd(address: string): number | undefined;
  holderAt(address: string, time: number): Holder;
  /** The same, for an answer that is kept. */
  holderAtMoment(address: string, moment: Moment): Holder;
  /** Forgets claims that ended before `time`, and the oldest beyond the bound. */
  forgetBefore(time: number): void;
  readonly size: number;
}

export function createClaims(maxEnded: number): Claims {
  const byAddress = new Map<string, Claim[]>();
  const source = { generation: 0 };
  /** Ended claims, oldest first. */
  const ended = createQueue<{ readonly address: string; readonly claim: Claim }>();

  function find(address: string, uid: string): Claim | undefined {
    return byAddress.get(address)?.findLast((claim) => claim.uid === uid && claim.to === Infinity);
  }

  function forgetOldest(): void {
    const oldest = ended.take();
    if (oldest === undefined) return;
    source.generation++;
    const rest = (byAddress.get(oldest.address) ?? []).filter((claim) => claim !== oldest.claim);
    if (rest.length === 0) byAddress.delete(oldest.address);
    else byAddress.set(oldest.address, rest);
  }

  function holderAt(address: string, time: number): Holder {
    const claims = byAddress.get(address);
    return claims === undefined ? 'never' : toHolder(claims, time);
  }

  return {
    open(address, { peer, uid, from }) {
      const claims = byAddress.get(address) ?? [];
      claims.push({ peer, uid, from, to: Infinity, sureUntil: Infinity, stopping: Infinity });
      byAddress.set(address, claims);
      source.generation++;
    },
    close(address, uid, { at, sureUntil }) {
      const claim = find(address, uid);
      if (claim === undefined) return;
      claim.to = at;
      claim.sureUntil = sureUntil;
      ended.push({ address, claim });
      if (ended.size > maxEnded) forgetOldest();
      source.generation++;
    },
    markStopping(address, uid, at) {
      const claim = find(address, uid);
      if (claim === undefined || claim.stopping <= at) return;
      claim.stopping = at;
      source.generation++;
    },
    lastEnd(address) {
      return byAddress.get(address)?.reduce((last, { to }) => Math.max(last, to), -Infinity);
    },
    holderAt,
    holderAtMoment(address, moment) {
      readFrom(moment, source);
      for (const { from, sureUntil, stopping } of byAddress.get(address) ?? []) {
        narrow(moment, from);
        narrow(moment, sureUntil);
        narrow(moment, stopping);
      }
      return holderAt(address, moment.time);
    },
    forgetBefore(time) {
      while ((ended.first()?.claim.to ?? Infinity) < time) forgetOldest();
    },
    get size() {
      return byAddress.size;
    },
  };
}

/** Of several claims at a time the one of a pod that is not stopping counts; two of a kind are a conflict. */
function toHolder(claims: readonly Claim[], time: number): Holder {
  let holder: Claim | undefined;
  let isContested = false;
  for (const claim of claims) {
    if (time < claim.from || time >= claim.sureUntil) continue;
    const isRunning = time < claim.stopping;
    const isOtherRunning = holder !== undefined && time < holder.stopping;
    if (holder === undefined || (isRunning && !isOtherRunning)) {
      holder = claim;
      isContested = false;
    } else if (isRunning === isOtherRunning) isContested = true;
  }
  if (holder === undefined) return 'other_time';
  return isContested ? 'conflict' : holder;
}
