/**
 * Lookups: every query finds the wish of the client that it belongs to.
 *
 *     query ─▶ settle ─▶ inner, probe, self, hop: set aside
 *                  └───▶ question ─▶ matching ─▶ an open lookup, or a new one ─▶ deadlines ─▶ Lookup
 *
 * Time is the log's own: the clock moves with the lines, and with `tick` where nothing is unread.
 */
import { LRUCache } from 'lru-cache';
import { firstLabel } from '../dns/names.ts';
import type { DnsPod } from '../records/line.ts';
import type { Lookup, QueryRole, ResolvedQuery, SettledQuery } from '../records/lookup.ts';
import type { LookupsSelf } from '../self/lookups.ts';
import { createClients } from './clients.ts';
import { toDue } from './closing.ts';
import { createDeadlines } from './deadlines.ts';
import { toLookup } from './finish.ts';
import { createHops } from './hops.ts';
import { createMatching, type Match, toStyle } from './matching.ts';
import { addStep, addToStep, createLookup } from './openLookup.ts';
import { isProbe } from './probes.ts';
import { createSettling, toRelease } from './settle.ts';
import type { ClientState, HeldQuery, OpenLookup, Step } from './state.ts';
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

export interface Closed {
  /** Queries whose role is known by now, each exactly once. */
  readonly queries: readonly SettledQuery[];
  /** Lookups that nothing can be added to any more. */
  readonly lookups: readonly Lookup[];
}

interface MutableClosed {
  readonly queries: SettledQuery[];
  readonly lookups: Lookup[];
}

export interface Lookups {
  /** Takes queries in and returns what is finished; their newest end moves the clock. */
  accept(queries: readonly ResolvedQuery[]): Closed;
  /** Says that every line up to `now` has been read. */
  tick(now: number): Closed;
  /** Closes everything; for the end of the input. */
  flush(): Closed;
  /** For each file, by its id, the lowest byte that something open still needs. */
  lowestOpen(): ReadonlyMap<string, number>;
}

/** Names outside the cluster that have resolved; a later denial of one is worth more than a typo. */
const MAX_RESOLVED_NAMES = 20_000;

export function createLookups(options: LookupsOptions, self: LookupsSelf): Lookups {
  const settling = createSettling();
  const hops = createHops(options, self);
  const clients = createClients();
  const matching = createMatching(options.domains);
  const deadlines = createDeadlines<OpenLookup>();
  const resolvedNames = new LRUCache<string, true>({ max: MAX_RESOLVED_NAMES });
  const finish = {
    domains: options.domains,
    hasResolved: (qname: string): boolean => resolvedNames.has(qname),
  };
  let clock = -Infinity;

  function roleOf(held: HeldQuery): QueryRole {
    const { resolved } = held;
    if (held.isInner) return 'inner';
    if (isProbe(resolved)) return 'probe';
    if (options.isSelf(resolved)) return 'self';
    const { result } = resolved.client;
    if (result === 'node_local_dns') {
      if (!hops.join(held)) hops.joinLater(held);
      return 'hop';
    }
    const { client, time } = resolved.query;
    const mayBeHop = result === 'host_network' && options.hasCacheAt(client, time);
    return mayBeHop && hops.join(held) ? 'hop' : 'question';
  }

  function place(held: HeldQuery, lookups: Lookup[]): void {
    const { query } = held.resolved;
    const client = clients.stateOf(query.client);
    const stemName = firstLabel(query.question.qname);
    const stem = client.stems.get(stemName);
    const match = stem === undefined ? undefined : matching.find(client, stem, held);
    const lookup = match === undefined ? open(client, stemName, held) : join(match, held);
    clients.usePort(lookup, held);
    lookup.due = toDue(lookup);
    deadlines.set(lookup);
    if (clients.openCount > options.maxOpen || client.open.size > options.maxOpenPerClient) {
      const [oldest] = client.open.size > options.maxOpenPerClient ? client.open : [deadlines.takeFirst()];
      if (oldest !== undefined) lookups.push(close(oldest, 'early'));
    }
  }

  function open(client: ClientState, stem: string, held: HeldQuery): OpenLookup {
    const lookup = createLookup(client, stem, held);
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

  function close(lookup: OpenLookup, when: 'due' | 'early'): Lookup {
    clients.close(lookup);
    const finished = toLookup(lookup, finish);
    const { outcome, target, decided } = finished;
    if (outcome === 'success' && target.class === 'external') {
      resolvedNames.set(decided.query.question.qname, true);
    }
    self.closed(outcome, when);
    return finished;
  }

  /** Lets go of what is over at `until`, one query after another: how much was read at once makes no difference. */
  function release(until: number, closed: MutableClosed): void {
    for (let held = settling.next(until); held !== undefined; held = settling.next(until)) {
      closeDue(toRelease(held), closed);
      const role = roleOf(held);
      closed.queries.push({ ...held.resolved, role });
      if (role === 'question') place(held, closed.lookups);
      else if (role !== 'hop') self.skipped(role);
    }
  }

  function closeDue(at: number, { lookups }: MutableClosed): void {
    for (const lookup of deadlines.take(at)) lookups.push(close(lookup, 'due'));
    hops.tick(at);
  }

  self.holds({ queries: () => settling.size, lookups: () => clients.openCount });

  return {
    accept(queries) {
      const closed: MutableClosed = { queries: [], lookups: [] };
      for (const resolved of queries) {
        hops.expect(settling.hold(resolved));
        if (resolved.query.time > clock) clock = resolved.query.time;
        release(clock, closed);
      }
      return closed;
    },
    tick(now) {
      const closed: MutableClosed = { queries: [], lookups: [] };
      if (now > clock) clock = now;
      release(clock, closed);
      closeDue(clock, closed);
      return closed;
    },
    flush() {
      const closed: MutableClosed = { queries: [], lookups: [] };
      release(Infinity, closed);
      for (const lookup of deadlines.takeAll()) closed.lookups.push(close(lookup, 'due'));
      hops.flush();
      return closed;
    },
    lowestOpen() {
      const lowest = new Map<string, number>();
      const keep = ({ resolved }: HeldQuery): void => {
        const { file, offset } = resolved.query;
        lowest.set(file.id, Math.min(offset, lowest.get(file.id) ?? Infinity));
      };
      for (const held of settling.all()) keep(held);
      for (const lookup of clients.all())
        for (const step of lookup.steps) for (const held of step.attempts) keep(held);
      return lowest;
    },
  };
}

/** Remembers how this client's resolver asks for A and AAAA, once both are there. */
function learnPairing({ pairing }: ClientState, { attempts, hasA, hasAaaa }: Step): void {
  const first = attempts[0]?.resolved.query;
  const last = attempts.at(-1)?.resolved.query;
  if (first === undefined || last === undefined || !hasA || !hasAaaa) return;
  pairing[toStyle(first)] = first.port === last.port ? 'one_socket' : 'two_sockets';
}

/** The first two names of a walk show what it is about, and where the first one stood. */
function takeBase({ lookup, base, firstLevel }: WalkMatch): void {
  lookup.base = base;
  const [first] = lookup.steps;
  if (first !== undefined && firstLevel !== undefined) first.level = firstLevel;
}
