/** How a lookup grows, query by query. */
import { toOutcome } from '../dns/rcodes.ts';
import type { SearchLevel } from '../dns/searchPath.ts';
import { NO_SLOT } from './deadlines.ts';
import type { ClientState, HeldQuery, OpenLookup, Step } from './state.ts';
import { createStep, hasOutcome, noteAttempt } from './steps.ts';

/** A resolver that storms (musl re-sends within milliseconds after SERVFAIL) must not grow a lookup for ever. */
const MAX_ATTEMPTS = 64;
/** Names of one walk: three from the cluster's suffixes, up to six from the host's list, and the name as typed. */
const MAX_STEPS = 10;

export function createLookup(client: ClientState, attempt: HeldQuery): OpenLookup {
  return {
    client,
    asker: attempt.client,
    question: attempt.query.question,
    steps: [createStep(attempt, undefined)],
    base: undefined,
    names: toBit(attempt.query.question.nameHash),
    ports: toBit(attempt.query.port),
    due: Infinity,
    slot: NO_SLOT,
    before: undefined,
    behind: undefined,
    attemptCount: 1,
    surplus: 0,
    olderOfStem: undefined,
    newerOfStem: undefined,
    olderOfClient: undefined,
    newerOfClient: undefined,
  };
}

/** Adds a query for a name that was asked already. Of a storm only what changes the outcome is kept beyond the most. */
export function addToStep(lookup: OpenLookup, step: Step, attempt: HeldQuery): void {
  if (lookup.attemptCount < MAX_ATTEMPTS || !hasOutcome(step, toOutcome(attempt.query.rcode))) {
    step.last.next = attempt;
    step.last = attempt;
    lookup.attemptCount++;
  } else lookup.surplus++;
  lookup.ports |= toBit(attempt.query.port);
  noteAttempt(step, attempt);
}

/** Cuts a closed lookup off from its queries: what leads on from garbage that has grown old keeps young objects alive. */
export function letGo(lookup: OpenLookup): void {
  lookup.steps = [];
}

/** True if no resolver would go on to yet another name. */
export function isFull({ steps, attemptCount }: OpenLookup): boolean {
  return steps.length >= MAX_STEPS || attemptCount >= MAX_ATTEMPTS;
}

/** Adds the first query for another name of the walk, where it belongs on the search path. */
export function addStep(lookup: OpenLookup, attempt: HeldQuery, level: SearchLevel): void {
  const before = lookup.steps.findLastIndex((step) => (step.level ?? 0) <= level);
  // An array that is pushed to gets room for 17 steps.
  lookup.steps = lookup.steps.toSpliced(before + 1, 0, createStep(attempt, level));
  lookup.attemptCount++;
  lookup.names |= toBit(attempt.query.question.nameHash);
  lookup.ports |= toBit(attempt.query.port);
}

/** One of 32 bits: what has it may be what is looked for, what has it not is another one. */
export function toBit(id: number): number {
  return 1 << (id & 31);
}

/**
 * The step that decides. A walk ends at the first name that is answered, so that is the last one; lines come in any
 * order, so the search path orders them, not time.
 *
 * A resolver that goes on after an answer saw no data in it (the default formats do not show that). A name with
 * dots enough is tried as typed before the search path; then an answer below it is the end.
 */
export function finalStep({ steps }: OpenLookup): Step {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('a lookup without a step');
  if (last.hasSuccess || steps.length === 1) return last;
  const answered = steps.findLast((step) => step.hasSuccess);
  if (answered === undefined) return last;
  const beyond = steps.length - 1 - steps.indexOf(answered);
  const wasTypedFirst = beyond === 1 && last.level === 4 && last.firstStart < answered.firstStart;
  return wasTypedFirst ? answered : last;
}
