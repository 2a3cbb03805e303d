/**
 * Lookups: every query finds the wish of the client that it belongs to.
 *
 *     query ─▶ settle ─▶ inner, probe, self, hop: set aside
 *                  └───▶ question ─▶ matching ─▶ an open lookup, or a new one ─▶ deadlines ─▶ Lookup
 *
 * Time is the log's own: the clock moves with the lines, and with `tick` where nothing is unread.
 */
import { LRUCache } from 'lru-cache';
import { createSearchPath } from '../dns/searchPath.ts';
import type { DnsPod } from '../records/line.ts';
import { type Lookup, linesOf, type QueryRole, type ResolvedQuery, SKIP_REASONS } from '../records/lookup.ts';
import type { Peer, Target } from '../records/peer.ts';
import type { Query } from '../records/query.ts';
import type { LookupsSelf } from '../self/lookups.ts';
import { createClients } from './clients.ts';
import { toDue } from './closing.ts';
import { createDeadlines } from './deadlines.ts';
import { closeLookup } from './finish.ts';
import { createHops } from './hops.ts';
import { createMatching, type Match, toStyle } from './matching.ts';
import { addStep, addToStep, createLookup, letGo } from './openLookup.ts';
import { isProbe } from './probes.ts';
import { createSettling, toRelease } from './settle.ts';
import type { ClientState, HeldQuery, OpenLookup, Step } from './state.ts';
import { attemptsOf } from './steps.ts';
import type { WalkMatch } from './walk.ts';

export interface LookupsOptions {
  /** Cluster domains with a trailing dot. */
  readonly domains: readonly string[];
  /** Most lookups open at once; beyond it the ones that are due first close early. */
  readonly maxOpen: number;
  /** Most lookups open at once for one client, so that one cannot crowd out the others. */
  readonly maxOpenPerClient: number;
  /** The node's address, if `pod` is a NodeLocal DNSCache. */
  readonly cacheAddressOf: (pod: DnsPod, time: number) => string | undefined;
  /** True if a NodeLocal DNSCache ran on the node that has this address. */
  readonly hasCacheAt: (address: string, time: number) => boolean;
  /** True for corespan's own lookups. */
  readonly isSelf: (resolved: ResolvedQuery) => boolean;
}

/** Who is told what becomes of queries and lookups. */
export interface LookupsSink {
  /** The role of a query is known: once for every query that was taken. */
  query(resolved: ResolvedQuery, role: QueryRole): void;
  /** Nothing can be added to this lookup any more. */
  lookup(lookup: Lookup): void;
  /** A bug on the way cost a query, whose role is never told then, or a lookup that was closed. */
  failed(stage: 'queries' | 'lookups', cause: unknown): void;
}

export interface Lookups {
  /** Takes a query with its two ends; its end moves the clock. */
  take(query: Query, client: Peer, target: Target): void;
  /** Says that every line up to `now` has been read. */
  tick(now: number): void;
  /** Closes everything: for the end of the input, or of time as it was known. */
  flush(): void;
  /** For each file, by its id, the lowest byte that something open still needs. */
  lowestOpen(): ReadonlyMap<string, number>;
}

/** Names outside the cluster that have resolved; a later denial of one is worth more than a typo. */
const MAX_RESOLVED_NAMES = 20_000;

export function createLookups(options: LookupsOptions, sink: LookupsSink, self: LookupsSelf): Lookups {
  const settling = createSettling();
  const hops = createHops(options, self);
  const clients = createClients();
  const path = createSearchPath(options.domains);
  const matching = createMatching(path);
  const deadlines = createDeadlines<OpenLookup>();
  const resolvedNames = new LRUCache<string, true>({ max: MAX_RESOLVED_NAMES });
  const finish = {
    path,
    hasResolved: (qname: string): boolean => resolvedNames.has(qname),
  };
  let clock = -Infinity;

  function roleOf(held: HeldQuery): QueryRole {
    if (held.isInner) return 'inner';
    if (isProbe(held)) return 'probe';
    if (options.isSelf(held)) return 'self';
    const { result } = held.client;
    if (result === 'node_local_dns') {
      if (!hops.join(held)) hops.joinLater(held);
      return 'hop';
    }
    const mayBeHop = result === 'host_network' && options.hasCacheAt(held.query.client, held.query.time);
    return mayBeHop && hops.join(held) ? 'hop' : 'question';
  }

  function place(held: HeldQuery): void {
    const client = clients.stateOf(held.query.client, held.client);
    const { stem } = held.query.question;
    const newest = client.newestOfStem.get(stem);
    const match = newest === undefined ? undefined : matching.find(newest, held);
    const lookup = match === undefined ? open(client, held) : join(match, held);
    lookup.due = toDue(lookup);
    deadlines.set(lookup);
    if (clients.openCount() > options.maxOpen) closeEarly(deadlines.takeFirst());
    if (client.openCount > options.maxOpenPerClient) closeEarly(client.oldest);
  }

  function open(client: ClientState, held: HeldQuery): OpenLookup {
    const lookup = createLookup(client, held);
    clients.open(lookup);
    return lookup;
  }

  function join(match: Match, held: HeldQuery): OpenLookup {
    const { lookup } = match;
    switch (match.kind) {
      case 'same_name':
        addToStep(lookup, match.step, held);
        learnPairing(lookup.client, match.step);
        break;
      case 'walk':
        takeBase(match);
        addStep(lookup, held, match.level);
        break;
    }
    return lookup;
  }

  function close(lookup: OpenLookup, when: 'due' | 'early'): void {
    clients.close(lookup);
    deadlines.forget(lookup);
    try {
      deliver(lookup, when);
    } catch (cause) {
      // Those that close beside it must not stay open for ever.
      sink.failed('lookups', cause);
    }
  }

  function deliver(lookup: OpenLookup, when: 'due' | 'early'): void {
    const finished = closeLookup(lookup, finish);
    letGo(lookup);
    const { outcome, target, decided } = finished;
    if (outcome === 'success' && target.class === 'external') {
      resolvedNames.set(decided.query.question.qname, true);
    }
    self.closed(when);
    sink.lookup(finished);
  }

  function closeEarly(lookup: OpenLookup | undefined): void {
    if (lookup !== undefined) close(lookup, 'early');
  }

  function closeDue(at: number): void {
    for (const lookup of deadlines.take(at)) close(lookup, 'due');
    hops.tick(at);
  }

  /** Lets go of what is over at `until`, one query after another: how much was read at once makes no difference. */
  function release(until: number): void {
    for (let held = settling.next(until); held !== undefined; held = settling.next(until)) {
      closeDue(toRelease(held));
      try {
        goOn(held);
      } catch (cause) {
        sink.failed('queries', cause);
      }
    }
  }

  function goOn(held: HeldQuery): void {
    const role = roleOf(held);
    if (role === 'question') place(held);
    else if (role !== 'hop') self.skipped(role);
    // Last, so that a query that a bug has cost is counted as dropped and nowhere else.
    sink.query(held, role);
  }

  self.skipReasons(SKIP_REASONS);
  self.holds({ queries: settling.size, lookups: clients.openCount });

  return {
    take(query, client, target) {
      hops.expect(settling.hold(query, client, target));
      if (query.time > clock) clock = query.time;
      // Up to this query's own time: one that had to wait for its client still meets what belongs beside it.
      release(query.time);
    },
    tick(now) {
      if (now > clock) clock = now;
      release(clock);
      closeDue(clock);
    },
    flush() {
      release(Infinity);
      for (const lookup of deadlines.takeAll()) close(lookup, 'due');
      hops.flush();
      // Whatever comes next begins a new time, perhaps an earlier one.
      clock = -Infinity;
    },
    lowestOpen() {
      const lowest = new Map<string, number>();
      const keep = ({ file, offset }: Query): void => {
        lowest.set(file.id, Math.min(offset, lowest.get(file.id) ?? Infinity));
      };
      for (const held of settling.all()) linesOf(held).forEach(keep);
      hops.unclaimed().forEach(keep);
      for (const { steps } of clients.all()) {
        for (const step of steps) for (const held of attemptsOf(step)) linesOf(held).forEach(keep);
      }
      return lowest;
    },
  };
}

/** Remembers how this client's resolver asks for A and AAAA, once both are there. */
function learnPairing(client: ClientState, { first, last, hasA, hasAaaa }: Step): void {
  if (!hasA || !hasAaaa) return;
  const style = toStyle(first.query.question);
  const pairing = first.query.port === last.query.port ? 'one_socket' : 'two_sockets';
  if (client.pairing[style] !== pairing) client.pairing = { ...client.pairing, [style]: pairing };
}

/** The first two names of a walk show what it is about, and where the first one stood. */
function takeBase({ lookup, base, firstLevel }: WalkMatch): void {
  lookup.base = base;
  const [first] = lookup.steps;
  if (first !== undefined && firstLevel !== undefined) first.level = firstLevel;
}
