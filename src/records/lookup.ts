/** A lookup: all queries of one wish of a client, from the first try to the one that decided. */
import type { Outcome } from '../dns/rcodes.ts';
import type { Peer, Target } from './peer.ts';
import type { Query } from './query.ts';

/** A query with its two ends named as of the time of the query. */
export interface ResolvedQuery {
  readonly query: Query;
  readonly client: Peer;
  readonly target: Target;
}

/** Why a query is no question of a client; a closed set, because it becomes a metric label. */
export const SKIP_REASONS = [
  /** CoreDNS asking itself for the target of a CNAME or ExternalName. */
  'inner',
  /** The loop plugin's HINFO or a forwarder's health check. */
  'probe',
  /** corespan's own lookups. */
  'self',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What became of a query once its neighbours were known. */
export type QueryRole = 'question' | 'hop' | SkipReason;

/** Why a name was denied; a closed set, because it becomes a metric label. */
export const NXDOMAIN_KINDS = [
  /** A step of the search path on the way to the answer, or to the last try. */
  'search',
  /** It used to resolve. */
  'was_valid',
  'never_valid',
  /** The Service exists, in another namespace. */
  'other_namespace',
] as const;
export type NxdomainKind = (typeof NXDOMAIN_KINDS)[number];

/** One query of a lookup, with what belongs to it. */
export interface Attempt extends ResolvedQuery {
  /** Set on NXDOMAIN only. */
  readonly nxdomain: NxdomainKind | undefined;
  /** Lines of the same query for the targets of CNAMEs, in the order they were chased. */
  readonly inner: readonly Query[];
  /** The same question as CoreDNS saw it behind a NodeLocal DNSCache. */
  readonly hop: Query | undefined;
}

/** Every line that the attempt was made of. */
export function linesOf({ query, inner, hop }: Pick<Attempt, 'query' | 'inner' | 'hop'>): readonly Query[] {
  return hop === undefined ? [query, ...inner] : [query, ...inner, hop];
}

export interface Lookup {
  readonly client: Peer;
  /** Name by name along the search path, and for one name in the order of their start; at least one. */
  readonly attempts: readonly Attempt[];
  /** The attempt whose answer the client went by. */
  readonly decided: Attempt;
  readonly outcome: Outcome;
  /** As the program asked, no search suffix, no trailing dot. */
  readonly name: string;
  /** Where the question led: the target of the deciding query. */
  readonly target: Target;
  /** All queries, more than there are attempts if a storm was cut. */
  readonly queries: number;
  /** Queries that only walked the search path. */
  readonly expansions: number;
  /** First start and last end, in milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/** Milliseconds. */
const SLOW = 250;

/**
 * Whether it took so long that it was bad for whoever waited for it, and is worth a look: alerts and traces agree on it. While
 * no cluster is known, one address may be the cache of a whole node, and what seems to be one slow lookup the wishes of many.
 */
export function isSlow({ client, start, end }: Lookup): boolean {
  return end - start > SLOW && client.result !== 'cold';
}
