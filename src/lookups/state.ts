/** What the room holds while queries come in: held queries, open lookups with their steps, and their clients. */
import type { SearchLevel } from '../dns/searchPath.ts';
import type { ResolvedQuery } from '../records/lookup.ts';
import type { Query } from '../records/query.ts';

/** A query on its way through the room. */
export interface HeldQuery {
  readonly resolved: ResolvedQuery;
  readonly start: number;
  /** Where it stands in the queue: its start, but a long query does not jump the queue by its whole duration. */
  readonly place: number;
  /** Lines for the targets of CNAMEs inside this query. */
  inner: readonly Query[];
  isInner: boolean;
  /** The same question as CoreDNS saw it, if this one was asked of a NodeLocal DNSCache. */
  hop: Query | undefined;
  /** The query before it with the same port and message id. */
  sibling: HeldQuery | undefined;
}

/** All queries for one name of the walk: the A/AAAA pair and its retries. */
export interface Step {
  readonly qname: string;
  /** Where on the search path it stands; undefined until the walk shows it. */
  level: SearchLevel | undefined;
  firstStart: number;
  lastStart: number;
  lastEnd: number;
  readonly attempts: HeldQuery[];
  hasA: boolean;
  hasAaaa: boolean;
  hasSuccess: boolean;
  hasDenial: boolean;
  hasError: boolean;
}

export interface OpenLookup {
  readonly client: ClientState;
  /** First label of its names: what all expansions of one name share. */
  readonly stem: string;
  /** In the order of the search path once that is known. */
  readonly steps: Step[];
  /** Known once two steps of the walk were seen. */
  base: string | undefined;
  /** When it closes if nothing more comes, in milliseconds since the epoch. */
  due: number;
  /** The deadlines' own. */
  slot: number | undefined;
  isClosed: boolean;
  /** Queries that came after the list of attempts was full. */
  surplus: number;
}

export interface ClientState {
  readonly address: string;
  /** Open lookups by the first label of their names: all expansions of one name share it. */
  readonly stems: Map<string, Stem>;
  /** Oldest first. */
  readonly open: Set<OpenLookup>;
  /** How A and AAAA were last seen together: getaddrinfo uses one socket (glibc, musl), Go two. */
  readonly pairing: Record<'plain' | 'edns', Pairing>;
}

export type Pairing = 'unknown' | 'one_socket' | 'two_sockets';

/** The open lookups of one client for one first label. */
export interface Stem {
  /** The lookup that last used a port. */
  readonly byPort: Map<number, OpenLookup>;
  /** Oldest first; closed ones are swept out now and then. */
  lookups: OpenLookup[];
  openCount: number;
}
