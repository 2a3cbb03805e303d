/**
 * Who held an address when: every pod's claim to an address as an interval of time.
 *
 *     10.244.1.9   ──[debug-75bb…     )······[crawler-64f4…
 *                    from          to        from
 *
 * An address is handed on within milliseconds, and lines come late; so nothing is ever looked up in "the present".
 */
import type { Peer } from '../records/peer.ts';

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
  close(address: string, uid: string, end: { readonly at: number; readonly sureUntil?: number }): void;
  markStopping(address: string, uid: string, at: number): void;
  /** The last claim of anyone but `uid`. */
  lastOther(address: string, uid: string): Claim | undefined;
  holderAt(address: string, time: number): Holder;
  /** Forgets claims that ended before `time`, and the oldest beyond the bound. */
  forgetBefore(time: number): void;
  readonly size: number;
}

export function createClaims(maxEnded: number): Claims {
  const byAddress = new Map<string, Claim[]>();
  /** Ended claims, oldest first. */
  const ended: { readonly address: string; readonly claim: Claim }[] = [];

  function find(address: string, uid: string): Claim | undefined {
    return byAddress.get(address)?.findLast((claim) => claim.uid === uid && claim.to === Infinity);
  }

  function forgetOldest(): void {
    const oldest = ended.shift();
    if (oldest === undefined) return;
    const rest = (byAddress.get(oldest.address) ?? []).filter((claim) => claim !== oldest.claim);
    if (rest.length === 0) byAddress.delete(oldest.address);
    else byAddress.set(oldest.address, rest);
  }

  return {
    open(address, { peer, uid, from }) {
      const claims = byAddress.get(address) ?? [];
      claims.push({ peer, uid, from, to: Infinity, sureUntil: Infinity, stopping: Infinity });
      byAddress.set(address, claims);
    },
    close(address, uid, { at, sureUntil = at }) {
      const claim = find(address, uid);
      if (claim === undefined) return;
      claim.to = at;
      claim.sureUntil = sureUntil;
      ended.push({ address, claim });
      if (ended.length > maxEnded) forgetOldest();
    },
    markStopping(address, uid, at) {
      const claim = find(address, uid);
      if (claim !== undefined) claim.stopping = Math.min(claim.stopping, at);
    },
    lastOther(address, uid) {
      return byAddress.get(address)?.findLast((claim) => claim.uid !== uid);
    },
    holderAt(address, time) {
      const claims = byAddress.get(address);
      return claims === undefined ? 'never' : toHolder(claims, time);
    },
    forgetBefore(time) {
      while (ended[0] !== undefined && ended[0].claim.to < time) forgetOldest();
    },
    get size() {
      return byAddress.size;
    },
  };
}

function toHolder(claims: readonly Claim[], time: number): Holder {
  // Nearly always the newest claim is the holder; the loop below is for the hand-over of an address.
  const newest = claims.at(-1);
  if (claims.length === 1 && newest !== undefined) {
    return newest.from <= time && time < newest.sureUntil ? newest : 'other_time';
  }
  const holders = claims.filter((claim) => claim.from <= time && time < claim.sureUntil);
  const running = holders.filter((claim) => time < claim.stopping);
  const [only, second] = running.length > 0 ? running : holders;
  if (only === undefined) return 'other_time';
  return second === undefined ? only : 'conflict';
}
