/**
 * Joins what CoreDNS saw behind a NodeLocal DNSCache to that cache's own line.
 *
 *     pod ──udp──▶ node-local-dns ──tcp──▶ coredns        29604 "AAAA … udp 54 false 512"     the client's query
 *                  (miss)                                 60347 "AAAA … tcp 54 false 65535"   its hop, new id
 *
 * The same name and type, asked from the cache's address, within the time of the cache's own query. The
 * connections are few and long-lived, so the port tells nothing; the size changes with EDNS cookies. By tcp it is
 * the cache that asks; by udp it may be any process of the node, which steps back where a hop by tcp is in sight.
 */
import type { DnsPod, LogFile } from '../records/line.ts';
import { type Query, startOf } from '../records/query.ts';
import type { LookupsSelf } from '../self/lookups.ts';
import { createRecent, findNearest } from './recent.ts';
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
  /** The same for a hop that surely is one: it stays for a cache's line that is read later. */
  joinLater(hop: HeldQuery): void;
  /** Counts hops that nobody came for. */
  tick(clock: number): void;
  /** The same for all that are left; for the end of the input. */
  flush(): void;
  /** Hops that somebody may still come for. */
  unclaimed(): readonly Query[];
}

/** What is known of the writer of a log. */
interface KnownCache {
  readonly file: LogFile;
  /** Undefined: no NodeLocal DNSCache, as far as anybody knew when it was asked for. */
  readonly address: string | undefined;
  readonly asked: number;
}

/**
 * Milliseconds by which the lines of two processes may disagree about one moment: whoever stamps them may come to it late
 * (measured on a busy machine: up to 14, and 95 of 100 within 6).
 */
const TOLERANCE = 50;
/** The same where somebody else may have asked. */
const DOUBTFUL_TOLERANCE = 5;
/** Nanoseconds: a cache that answers sooner has asked nobody (measured on one machine: 168 µs with a hop, 13 without). */
const FASTEST_HOP = 50_000;
/** Milliseconds for which a query and a hop look out for each other after they were read. */
const MEMORY = 1_000;
/** Milliseconds after which an unknown pod is asked for again. */
const ASK_AGAIN = 5_000;
/** Most hops that stay: what the caches of many nodes ask in a second. Where their logs are not read, nobody comes. */
const MAX_UNCLAIMED = 20_000;

export function createHops(options: HopsOptions, self: LookupsSelf): Hops {
  /** Queries asked of caches, by cache and question. */
  const asked = createRecent();
  /** Queries that surely are a cache's own, by the same; only where a cache's log is read too. */
  const certain = createRecent();
  let readsCaches = false;
  let turned = -Infinity;
  /** Hops that nobody came for yet, by cache and question; a Set of each keeps the order in which they came. */
  const unclaimed = new Map<string, Set<HeldQuery>>();
  const byAge = new Set<HeldQuery>();
  const caches = new WeakMap<LogFile, KnownCache>();
  /** The one that was asked for last: lines come file by file. */
  let latest: KnownCache | undefined;

  function cacheAddress({ file, time }: Query): string | undefined {
    if (file.pod === undefined) return undefined;
    const known = latest?.file === file ? latest : caches.get(file);
    latest = known;
    if (known !== undefined && (known.address !== undefined || time - known.asked < ASK_AGAIN)) {
      return known.address;
    }
    const address = options.cacheAddressOf(file.pod, time);
    latest = { file, address, asked: time };
    caches.set(file, latest);
    return address;
  }

  function give(hop: HeldQuery, held: HeldQuery): void {
    held.hop = hop.query;
    self.hop('joined');
  }

  function takeAway(hop: HeldQuery): void {
    byAge.delete(hop);
    const key = toKey(hop.query.client, hop.query);
    const same = unclaimed.get(key);
    same?.delete(hop);
    if (same?.size === 0) unclaimed.delete(key);
  }

  function giveUp(hop: HeldQuery): void {
    takeAway(hop);
    self.hop('unjoined');
  }

  /** Whether a hop that is surely one is on its way to the same query. */
  function isLeftToAnother(held: HeldQuery, key: string): boolean {
    const other = certain.nearest(key, (hop) =>
      hop.phase === 'settling' ? toDistance(hop, held) : Infinity,
    );
    return other !== undefined;
  }

  return {
    expect(held) {
      const { query } = held;
      if (readsCaches && isCertain(held)) certain.add(toKey(query.client, query), held);
      const cache = cacheAddress(query);
      if (cache === undefined) return;
      readsCaches = true;
      if (query.duration < FASTEST_HOP) return;
      const key = toKey(cache, query);
      const hop = findNearest(unclaimed.get(key) ?? [], (one) => toDistance(one, held));
      if (hop === undefined) {
        asked.add(key, held);
      } else {
        takeAway(hop);
        give(hop, held);
      }
    },
    join(hop) {
      const key = toKey(hop.query.client, hop.query);
      const mayBeOther = !isCertain(hop);
      const held = asked.nearest(key, (one) =>
        mayBeOther && isLeftToAnother(one, key) ? Infinity : toDistance(hop, one),
      );
      if (held === undefined) return false;
      give(hop, held);
      return true;
    },
    joinLater(hop) {
      const key = toKey(hop.query.client, hop.query);
      const same = unclaimed.get(key);
      if (same === undefined) unclaimed.set(key, new Set([hop]));
      else same.add(hop);
      byAge.add(hop);
      const [oldest] = byAge;
      if (byAge.size > MAX_UNCLAIMED && oldest !== undefined) giveUp(oldest);
    },
    tick(clock) {
      if (clock - turned >= MEMORY || clock < turned) {
        asked.forgetOlder();
        certain.forgetOlder();
        turned = clock;
      }
      if (byAge.size === 0) return;
      for (const hop of byAge) {
        if (hop.query.time >= clock - MEMORY) break;
        giveUp(hop);
      }
    },
    flush() {
      for (const hop of byAge) giveUp(hop);
    },
    unclaimed: () => Array.from(byAge, ({ query }) => query),
  };
}

function isCertain({ client }: HeldQuery): boolean {
  return client.result === 'node_local_dns';
}

/** Milliseconds by which `hop` stands out of the time of `held`; Infinity if it cannot be its hop. */
function toDistance(hop: HeldQuery, held: HeldQuery): number {
  if (held.hop !== undefined || held.phase === 'closed') return Infinity;
  const distance = Math.max(0, startOf(held.query) - startOf(hop.query), hop.query.time - held.query.time);
  return distance <= (isCertain(hop) ? TOLERANCE : DOUBTFUL_TOLERANCE) ? distance : Infinity;
}

/** What a hop and its query have in common. */
function toKey(cacheAddress: string, { question }: Query): string {
  return `${cacheAddress} ${question.qtype} ${question.qname}`;
}
