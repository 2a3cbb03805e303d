/**
 * Joins what CoreDNS saw behind a NodeLocal DNSCache to that cache's own line.
 *
 *     pod ──udp──▶ node-local-dns ──tcp──▶ coredns        29604 "AAAA … udp 54 false 512"     the client's query
 *                  (miss)                                 60347 "AAAA … tcp 54 false 65535"   its hop, new id
 *
 * The same name and type, asked from the cache's address, within the time of the cache's own query. The
 * connections are few and long-lived, so the port tells nothing; the size changes with EDNS cookies.
 */
import type { DnsPod, LogFile } from '../records/line.ts';
import type { Query } from '../records/query.ts';
import type { LookupsSelf } from '../self/lookups.ts';
import type { HeldQuery } from './state.ts';

export interface HopsOptions {
  /** The node's address, if `pod` is a NodeLocal DNSCache. */
  readonly cacheAddressOf: (pod: DnsPod, time: number) => string | undefined;
}

export interface Hops {
  /** Every query on its way in: it may be the one that a hop belongs to. */
  expect(held: HeldQuery): void;
  /** Gives the hop to the query it belongs to; false if that is not in sight. */
  join(hop: HeldQuery): boolean;
  /** The same for a hop that surely is one: it waits for a cache's line that is read later. */
  joinLater(hop: HeldQuery): void;
  /** Counts hops that nobody came for. */
  tick(clock: number): void;
  /** The same for all that still wait; for the end of the input. */
  flush(): void;
}

/** Milliseconds by which the clocks of two processes' lines may disagree about one moment. */
const TOLERANCE = 5;
/** Milliseconds for which a query and a hop look out for each other after they were read. */
const MEMORY = 1_000;
/** Milliseconds after which an unknown pod is asked for again. */
const ASK_AGAIN = 5_000;

export function createHops(options: HopsOptions, self: LookupsSelf): Hops {
  /** Queries asked of caches, by question; in two generations, so that forgetting costs nothing. */
  let recent = new Map<string, HeldQuery[]>();
  let older = new Map<string, HeldQuery[]>();
  let turned = -Infinity;
  const waiting: HeldQuery[] = [];
  const caches = new Map<LogFile, { readonly address: string | undefined; readonly asked: number }>();

  function cacheAddress({ file, time }: Query): string | undefined {
    if (file.pod === undefined) return undefined;
    const known = caches.get(file);
    if (known !== undefined && (known.address !== undefined || time - known.asked < ASK_AGAIN)) {
      return known.address;
    }
    const address = options.cacheAddressOf(file.pod, time);
    caches.set(file, { address, asked: time });
    return address;
  }

  function belongsTo(hop: HeldQuery, held: HeldQuery): boolean {
    const inside = hop.query;
    const outside = held.query;
    return (
      held.hop === undefined &&
      hop.start >= held.start - TOLERANCE &&
      inside.time <= outside.time + TOLERANCE &&
      inside.client === cacheAddress(outside)
    );
  }

  function give(hop: HeldQuery, held: HeldQuery): void {
    held.hop = hop.query;
    self.hop('joined');
  }

  return {
    expect(held) {
      const { query } = held;
      if (cacheAddress(query) === undefined) return;
      const at = waiting.findIndex((hop) => isSameQuestion(hop, held) && belongsTo(hop, held));
      const hop = waiting[at];
      if (hop !== undefined) {
        waiting.splice(at, 1);
        give(hop, held);
        return;
      }
      const key = toKey(query);
      const known = recent.get(key);
      if (known === undefined) recent.set(key, [held]);
      else known.push(held);
    },
    join(hop) {
      const key = toKey(hop.query);
      for (const generation of [older, recent]) {
        const held = generation.get(key)?.find((candidate) => belongsTo(hop, candidate));
        if (held === undefined) continue;
        give(hop, held);
        return true;
      }
      return false;
    },
    joinLater(hop) {
      waiting.push(hop);
    },
    tick(clock) {
      if (clock - turned >= MEMORY) {
        older = recent;
        recent = new Map();
        turned = clock;
      }
      while (waiting[0] !== undefined && waiting[0].query.time < clock - MEMORY) {
        waiting.shift();
        self.hop('unjoined');
      }
    },
    flush() {
      for (const _ of waiting.splice(0)) self.hop('unjoined');
    },
  };
}

function isSameQuestion(a: HeldQuery, b: HeldQuery): boolean {
  return toKey(a.query) === toKey(b.query);
}

function toKey({ question }: Query): string {
  return `${question.qtype} ${question.qname}`;
}
