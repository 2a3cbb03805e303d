/**
 * What the room holds while queries come in: held queries, open lookups with their steps, and their clients.
 *
 * Tens of thousands of these live at once and each query passes through them, so they are plain objects of one shape
 * that are changed in place and linked to each other, rather than entries of many small maps (measured: a map and an
 * array for every lookup cost as much as everything else the room does).
 */
import type { SearchLevel } from '../dns/searchPath.ts';
import type { Attempt, NxdomainKind } from '../records/lookup.ts';
import type { Peer, Target } from '../records/peer.ts';
import type { Query, Question } from '../records/query.ts';
import type { Timed } from './deadlines.ts';

/** A query on its way through the room. It is the record of an attempt once its lookup closes: nothing changes then. */
export interface HeldQuery extends Attempt {
  readonly query: Query;
  readonly client: Peer;
  readonly target: Target;
  nxdomain: NxdomainKind | undefined;
  /** Lines for the targets of CNAMEs inside this query. */
  inner: readonly Query[];
  /** The same question as CoreDNS saw it, if this one was asked of a NodeLocal DNSCache. */
  hop: Query | undefined;
  isInner: boolean;
  phase: Phase;
  /** The next one of its step. */
  next: HeldQuery | undefined;
}

/** What can still be said of a query: inner lines while it settles, a hop until its lookup closes, then nothing. */
export type Phase = 'settling' | 'open' | 'closed';

/** All queries for one name of the walk: the A/AAAA pair and its retries. */
export interface Step {
  /** Its first query's; all of them are for one name. */
  readonly question: Question;
  /** Where on the search path it stands; undefined until the walk shows it. */
  level: SearchLevel | undefined;
  firstStart: number;
  lastEnd: number;
  /** In the order of their start, linked by `next`: most steps have one or two. */
  readonly first: HeldQuery;
  last: HeldQuery;
  hasA: boolean;
  hasAaaa: boolean;
  hasSuccess: boolean;
  hasDenial: boolean;
  hasError: boolean;
}

export interface OpenLookup extends Timed<OpenLookup> {
  readonly client: ClientState;
  /** Who asks, as of its first query: two pods that held one address never share a lookup. */
  readonly asker: Peer;
  /** Its first query's: how its resolver asks, see `isSameStyle`, and the first label, which all its names share. */
  readonly question: Question;
  /** In the order of the search path once that is known; another array for each, which is as long as they are many. */
  steps: readonly Step[];
  /** Known once two steps of the walk were seen. */
  base: string | undefined;
  /** A bit for each of its names and ports (`toBit`): without that bit it has none such, and no step need be looked at. */
  names: number;
  ports: number;
  attemptCount: number;
  /** Queries that came after the list of attempts was full. */
  surplus: number;
  /** Neighbours among the client's open lookups with the same stem, and among all of them. */
  olderOfStem: OpenLookup | undefined;
  newerOfStem: OpenLookup | undefined;
  olderOfClient: OpenLookup | undefined;
  newerOfClient: OpenLookup | undefined;
}

export interface ClientState {
  readonly address: string;
  /** Whose habits these are; another one may hold the address next. */
  asker: Peer;
  /** The newest open lookup for each first label. */
  readonly newestOfStem: Map<string, OpenLookup>;
  oldest: OpenLookup | undefined;
  newest: OpenLookup | undefined;
  openCount: number;
  /** How A and AAAA were last seen together: getaddrinfo uses one socket (glibc, musl), Go two. */
  pairing: Readonly<Record<'plain' | 'edns', Pairing>>;
}

export type Pairing = 'unknown' | 'one_socket' | 'two_sockets';
