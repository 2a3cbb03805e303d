/**
 * Which open lookup a query belongs to: the heart of the room.
 *
 * What resolvers do (facts from recordings of glibc 2.36, musl 1.2.3, c-ares and dig against CoreDNS):
 *
 *     glibc   A and AAAA from one socket, a new socket for each name of the walk, one name after another
 *     musl    the same; after SERVFAIL it re-sends with the same port and id, at once and after 2.5 s
 *     Go      A and AAAA from two sockets at the same time
 *     c-ares  one socket for many names, no search path in resolve()
 *     dig     one query, with EDNS, no search path
 *
 * So the same port and name is the best evidence, then the next name of a search path, then a matching type or
 * a retry from another port close in time. Without evidence the query is a lookup of its own.
 */
import { isAddressType } from '../dns/types.ts';
import type { Query, Question } from '../records/query.ts';
import { isHalf, isUnanswered } from './openLookup.ts';
import type { ClientState, HeldQuery, OpenLookup, Pairing, Stem, Step } from './state.ts';
import { toWalkMatch, type WalkMatch } from './walk.ts';

/** Where a query belongs. */
export type Match =
  /** To a name that its lookup asks already: the other half of a pair, or a retry. */
  | { readonly kind: 'same_name'; readonly lookup: OpenLookup; readonly step: Step }
  /** To another name of its lookup's walk. */
  | WalkMatch;

/** Milliseconds; each is larger than what was measured by an order of magnitude, and smaller than a human. */
const WINDOW = {
  /** Between the starts of A and AAAA from two sockets. */
  pair: 20,
  /** Between the starts of A and AAAA from one socket: a resolver with `single-request` waits for the first. */
  pairOneSocket: 6_000,
  /** From an answered try to an immediate retry from another socket. */
  retryAtOnce: 50,
  /** Resolvers give up on a try after 1 s at the earliest (c-ares 2 s, musl 2.5 s, glibc 5 s). */
  shortestTimeout: 900,
  /** From a try to its latest retry: glibc's 5 s, twice, and the time an upstream takes. */
  longestRetry: 12_000,
};

/** Candidates looked at; one client with more open lookups for one first label is a load generator. */
const MAX_CANDIDATES = 64;

export interface Matching {
  /** The lookup of `client` that `attempt` belongs to, if any is open. */
  find(client: ClientState, stem: Stem, attempt: HeldQuery): Match | undefined;
}

export function createMatching(domains: readonly string[]): Matching {
  /** The walk that is nearest to the query's name; of several the one that has waited longest. */
  function findWalk(stem: Stem, attempt: HeldQuery): Match | undefined {
    let best: WalkMatch | undefined;
    for (const lookup of newestFirst(stem)) {
      if (!isSameStyle(lookup.steps[0], attempt.resolved.query.question)) continue;
      const match = toWalkMatch(lookup, attempt, domains);
      if (match !== undefined && match.distance <= (best?.distance ?? Infinity)) best = match;
    }
    return best;
  }

  return {
    find(client, stem, attempt) {
      const { query } = attempt.resolved;
      const samePort = stem.byPort.get(query.port);
      const sameSocket = samePort?.steps.find((step) => isSameSocket(step, attempt));
      if (samePort !== undefined && sameSocket !== undefined) {
        return { kind: 'same_name', lookup: samePort, step: sameSocket };
      }
      const walk = findWalk(stem, attempt);
      if (walk !== undefined) return walk;
      const pairing = client.pairing[toStyle(query)];
      const canPair = isAddressType(query.question.qtype) && canUseTwoSockets(attempt, pairing);
      for (const lookup of newestFirst(stem)) {
        const step = lookup.steps.find(({ qname }) => qname === query.question.qname);
        if (step === undefined || !isSameStyle(step, query.question)) continue;
        const isPair = canPair && isOtherHalf(step, attempt, pairing === 'two_sockets');
        if (isPair || isRetry(step, attempt)) return { kind: 'same_name', lookup, step };
      }
      return undefined;
    },
  };
}

function* newestFirst(stem: Stem): Generator<OpenLookup> {
  const last = stem.lookups.length - 1;
  for (let at = last; at >= 0 && last - at < MAX_CANDIDATES; at--) {
    const lookup = stem.lookups[at];
    if (lookup !== undefined && !lookup.isClosed) yield lookup;
  }
}

/** The same port and name: the other half of the pair, a re-sent packet, or a retry; not a second lookup. */
function isSameSocket(step: Step, attempt: HeldQuery): boolean {
  const { query } = attempt.resolved;
  const { question } = query;
  if (step.qname !== question.qname) return false;
  const since = attempt.start - step.firstStart;
  if (Math.abs(since) > WINDOW.longestRetry) return false;
  const earlier = step.attempts.find((other) => other.resolved.query.question.qtype === question.qtype);
  if (earlier === undefined) {
    return isAddressType(question.qtype) && isHalf(step) && since <= WINDOW.pairOneSocket;
  }
  return isResent(earlier, attempt) || isUnanswered(earlier.resolved);
}

/** A and AAAA from two ports: nearly the same start, unless one was lost on its way and asked again. */
function isOtherHalf(step: Step, attempt: HeldQuery, isHabit: boolean): boolean {
  const { qtype } = attempt.resolved.query.question;
  const lacksType = qtype === 'A' ? !step.hasA : !step.hasAaaa;
  const since = Math.abs(attempt.start - step.firstStart);
  return lacksType && isHalf(step) && since <= (isHabit ? WINDOW.pairOneSocket : WINDOW.pair);
}

/** Another try for the same type from another port: the same packet, or at once after a failure, or after a timeout. */
function isRetry(step: Step, attempt: HeldQuery): boolean {
  const { qtype } = attempt.resolved.query.question;
  const earlier = step.attempts.findLast((other) => other.resolved.query.question.qtype === qtype);
  if (earlier === undefined || attempt.start <= earlier.start) return false;
  if (attempt.start - earlier.start > WINDOW.longestRetry) return false;
  if (isResent(earlier, attempt)) return true;
  if (!isUnanswered(earlier.resolved)) return false;
  const { time } = earlier.resolved.query;
  const timedOut = time - earlier.start >= WINDOW.shortestTimeout;
  return timedOut || attempt.start - time <= WINDOW.retryAtOnce;
}

/** glibc and musl send the same packet again when no answer came: the id stays. */
function isResent(earlier: HeldQuery, attempt: HeldQuery): boolean {
  const { id } = attempt.resolved.query;
  return id !== undefined && earlier.resolved.query.id === id;
}

/** One resolver asks all its questions alike: dig's EDNS tells it from glibc in the same pod. */
function isSameStyle(step: Step | undefined, question: Question): boolean {
  const first = step?.attempts[0]?.resolved.query.question;
  if (first === undefined) return false;
  if (first.transport !== question.transport) return true;
  return first.bufsize === question.bufsize && first.dnssecOk === question.dnssecOk;
}

/** Behind an address that many pods share, two halves from two sockets may be two pods'. */
function canUseTwoSockets({ resolved }: HeldQuery, pairing: Pairing): boolean {
  return resolved.client.result === 'pod' && pairing !== 'one_socket';
}

/** Whether a query came with EDNS; the pairing habits of the two kinds of resolver are kept apart. */
export function toStyle({ question }: Query): 'plain' | 'edns' {
  return question.bufsize === undefined || question.bufsize === 512 ? 'plain' : 'edns';
}
