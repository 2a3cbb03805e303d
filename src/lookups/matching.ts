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
import type { SearchPath } from '../dns/searchPath.ts';
import { isAddressType } from '../dns/types.ts';
import { isSameName, type Question, startOf } from '../records/query.ts';
import { isSameAsker } from './clients.ts';
import { toBit } from './openLookup.ts';
import type { ClientState, HeldQuery, OpenLookup, Pairing, Step } from './state.ts';
import { isHalf, isUnanswered } from './steps.ts';
import { createWalks, type WalkMatch } from './walk.ts';

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
  /** From a failure to the next try, which a resolver makes as soon as it has read the answer. */
  retryAtOnce: 3,
  /** The same over tcp after a truncated answer: a connection comes first. */
  retryOverTcp: 50,
  /** Go waits that long for an answer before it asks again, with a new id (net/dnsconfig.go). */
  goTimeout: 5_000,
  goTimeoutOff: 10,
  /** By how much the stamps of two lines may be out of order. */
  stamp: 1,
  /** From the first try to the last: glibc's 5 s, twice, and the time an upstream takes. */
  longestRetry: 12_000,
};
/** Tries with ids of their own: Go makes two, and two more with a second server. */
const MAX_NEW_TRIES = 4;

/** Candidates looked at; one client with more open lookups for one first label is a load generator. */
const MAX_CANDIDATES = 64;
const NONE: readonly Step[] = [];

export interface Matching {
  /** The lookup that `attempt` belongs to, among `newest` and the older ones of the same client and first label. */
  find(newest: OpenLookup, attempt: HeldQuery): Match | undefined;
}

export function createMatching(path: SearchPath): Matching {
  const walks = createWalks(path);

  /** The walk that is nearest to the query's name; of several the one that has waited longest. */
  function findWalk(newest: OpenLookup, attempt: HeldQuery): Match | undefined {
    let best: WalkMatch | undefined;
    let lookup: OpenLookup | undefined = newest;
    for (let seen = 0; lookup !== undefined && seen < MAX_CANDIDATES; seen++) {
      const match = isLike(lookup, attempt) ? walks.match(lookup, attempt) : undefined;
      if (match !== undefined && match.distance <= (best?.distance ?? Infinity)) best = match;
      lookup = lookup.olderOfStem;
    }
    return best;
  }

  return {
    find(newest, attempt) {
      return findSameSocket(newest, attempt) ?? findWalk(newest, attempt) ?? findOtherSocket(newest, attempt);
    },
  };
}

/** The same port and name: the other half of the pair, a re-sent packet, or a retry; not a second lookup. */
function findSameSocket(newest: OpenLookup, attempt: HeldQuery): Match | undefined {
  const { port, question } = attempt.query;
  const portBit = toBit(port);
  let lookup: OpenLookup | undefined = newest;
  for (let seen = 0; lookup !== undefined && seen < MAX_CANDIDATES; seen++) {
    const steps = (lookup.ports & portBit) === 0 ? NONE : lookup.steps;
    for (const step of steps) {
      if (!isSameName(step.question, question) || !usesPort(step, port)) continue;
      // The socket's last lookup is the one: it may have been used for others before (c-ares).
      const isSame = isSameAsker(lookup.asker, attempt.client) && isSameSocket(step, attempt);
      return isSame ? { kind: 'same_name', lookup, step } : undefined;
    }
    lookup = lookup.olderOfStem;
  }
  return undefined;
}

/** A pair or a retry from another port. */
function findOtherSocket(newest: OpenLookup, attempt: HeldQuery): Match | undefined {
  const { query, client } = attempt;
  const pairing = newest.client.pairing[toStyle(query.question)];
  // Behind an address that many pods share, two halves from two sockets may be two pods'.
  const canPair = isAddressType(query.question.qtype) && client.result === 'pod' && pairing !== 'one_socket';
  const nameBit = toBit(query.question.nameHash);
  let lookup: OpenLookup | undefined = newest;
  for (let seen = 0; lookup !== undefined && seen < MAX_CANDIDATES; seen++) {
    const steps = (lookup.names & nameBit) === 0 ? NONE : lookup.steps;
    for (const step of steps) {
      if (!isSameName(step.question, query.question)) continue;
      if (!isSameStyle(step.question, query.question) || !isSameAsker(lookup.asker, client)) continue;
      const isPair = canPair && isOtherHalf(step, attempt, pairing);
      if (isPair || isRetry(step, attempt)) return { kind: 'same_name', lookup, step };
    }
    lookup = lookup.olderOfStem;
  }
  return undefined;
}

function usesPort({ first }: Step, port: number): boolean {
  for (let held: HeldQuery | undefined = first; held !== undefined; held = held.next) {
    if (held.query.port === port) return true;
  }
  return false;
}

function isSameSocket(step: Step, attempt: HeldQuery): boolean {
  const { question } = attempt.query;
  const since = startOf(attempt.query) - step.firstStart;
  if (Math.abs(since) > WINDOW.longestRetry) return false;
  const earlier = findType(step, question.qtype);
  if (earlier === undefined) {
    return isAddressType(question.qtype) && isHalf(step) && since <= WINDOW.pairOneSocket;
  }
  return isResent(earlier, attempt) || isUnanswered(earlier.query);
}

/** A and AAAA from two ports: nearly the same start, unless one was lost on its way and asked again. */
function isOtherHalf(step: Step, attempt: HeldQuery, pairing: Pairing): boolean {
  const lacksType = attempt.query.question.qtype === 'A' ? !step.hasA : !step.hasAaaa;
  const since = Math.abs(startOf(attempt.query) - step.firstStart);
  return (
    lacksType && isHalf(step) && since <= (pairing === 'two_sockets' ? WINDOW.pairOneSocket : WINDOW.pair)
  );
}

/**
 * Another try for the same type from another port: the same packet (glibc, musl, c-ares, dig keep the id), or a new
 * one at once after a failure or after Go's timeout. Whatever else asks for a name that fails, be it in a loop, is
 * another wish: an outage is to be counted, not to be taken for one endless try.
 */
function isRetry(step: Step, attempt: HeldQuery): boolean {
  const { question } = attempt.query;
  const known = findType(step, question.qtype);
  if (known === undefined || Math.abs(startOf(attempt.query) - step.firstStart) > WINDOW.longestRetry)
    return false;
  if (isResent(known, attempt)) return true;
  if (countType(step, question.qtype) >= MAX_NEW_TRIES) return false;
  // The line of a try that took long comes after the line of the next one.
  return startOf(known.query) <= startOf(attempt.query)
    ? isNextTry(known, attempt)
    : isNextTry(attempt, known);
}

function isNextTry(earlier: HeldQuery, later: HeldQuery): boolean {
  if (!isUnanswered(earlier.query)) return false;
  const { question } = later.query;
  const isOverTcp = question.transport === 'tcp' && earlier.query.question.transport === 'udp';
  const since = startOf(later.query) - earlier.query.time;
  if (since >= -WINDOW.stamp) return since <= (isOverTcp ? WINDOW.retryOverTcp : WINDOW.retryAtOnce);
  // The earlier try is still without an answer.
  const late = startOf(later.query) - startOf(earlier.query) - WINDOW.goTimeout;
  return toStyle(question) === 'edns' && late >= -WINDOW.stamp && late <= WINDOW.goTimeoutOff;
}

/** The step's newest attempt of a type. */
function findType({ first }: Step, qtype: string): HeldQuery | undefined {
  let found: HeldQuery | undefined;
  for (let held: HeldQuery | undefined = first; held !== undefined; held = held.next) {
    if (held.query.question.qtype === qtype) found = held;
  }
  return found;
}

function countType({ first }: Step, qtype: string): number {
  let count = 0;
  for (let held: HeldQuery | undefined = first; held !== undefined; held = held.next) {
    if (held.query.question.qtype === qtype) count++;
  }
  return count;
}

/** glibc and musl send the same packet again when no answer came: the id stays. */
function isResent(earlier: HeldQuery, attempt: HeldQuery): boolean {
  const { id } = attempt.query;
  return id !== undefined && earlier.query.id === id;
}

/** The same pod's resolver may have asked both. */
function isLike({ asker, question }: OpenLookup, attempt: HeldQuery): boolean {
  return isSameAsker(asker, attempt.client) && isSameStyle(question, attempt.query.question);
}

/** One resolver asks all its questions alike: dig's EDNS tells it from glibc in the same pod. */
function isSameStyle(first: Question, question: Question): boolean {
  if (first.transport !== question.transport) return true;
  return first.bufsize === question.bufsize && first.dnssecOk === question.dnssecOk;
}

/** Whether a query came with EDNS; the pairing habits of the two kinds of resolver are kept apart. */
export function toStyle(question: Question): keyof ClientState['pairing'] {
  return question.bufsize === undefined || question.bufsize === 512 ? 'plain' : 'edns';
}
