/** How a lookup grows, query by query. */
import { NO_RCODE, toOutcome } from '../dns/rcodes.ts';
import type { SearchLevel } from '../dns/searchPath.ts';
import { isAddressType } from '../dns/types.ts';
import type { ResolvedQuery } from '../records/lookup.ts';
import type { ClientState, HeldQuery, OpenLookup, Step } from './state.ts';

/** A resolver that storms (musl re-sends within milliseconds after SERVFAIL) must not grow a lookup for ever. */
export const MAX_ATTEMPTS = 64;

export function createLookup(client: ClientState, stem: string, attempt: HeldQuery): OpenLookup {
  return {
    client,
    stem,
    steps: [createStep(attempt, undefined)],
    base: undefined,
    due: Infinity,
    slot: undefined,
    isClosed: false,
    surplus: 0,
  };
}

/** Adds a query for a name that was asked already. */
export function addToStep(lookup: OpenLookup, step: Step, attempt: HeldQuery): void {
  if (countAttempts(lookup) < MAX_ATTEMPTS) step.attempts.push(attempt);
  else lookup.surplus++;
  note(step, attempt);
}

/** Adds the first query for another name of the walk, where it belongs on the search path. */
export function addStep(lookup: OpenLookup, attempt: HeldQuery, level: SearchLevel): void {
  lookup.steps.push(createStep(attempt, level));
  lookup.steps.sort((a, b) => (a.level ?? 0) - (b.level ?? 0));
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
  const answered = steps.findLast((step) => step.hasSuccess);
  if (answered === undefined || answered === last) return last;
  const beyond = steps.length - 1 - steps.indexOf(answered);
  const wasTypedFirst = beyond === 1 && last.level === 4 && last.firstStart < answered.firstStart;
  return wasTypedFirst ? answered : last;
}

/** A name that got errors and nothing else. */
export function isFailed(step: Step): boolean {
  return step.hasError && !step.hasSuccess && !step.hasDenial;
}

/** A query that got no usable answer, or one that has to be asked again over tcp. */
export function isUnanswered({ query }: ResolvedQuery): boolean {
  return query.rcode === NO_RCODE || toOutcome(query.rcode) === 'error' || query.flags.includes('tc');
}

/** True if the step has one of A and AAAA but not the other. */
export function isHalf(step: Step): boolean {
  return step.hasA !== step.hasAaaa;
}

function countAttempts(lookup: OpenLookup): number {
  return lookup.steps.reduce((sum, step) => sum + step.attempts.length, 0);
}

function createStep(attempt: HeldQuery, level: SearchLevel | undefined): Step {
  const { query } = attempt.resolved;
  const step: Step = {
    qname: query.question.qname,
    level,
    firstStart: attempt.start,
    lastStart: attempt.start,
    lastEnd: query.time,
    attempts: [attempt],
    hasA: false,
    hasAaaa: false,
    hasSuccess: false,
    hasDenial: false,
    hasError: false,
  };
  note(step, attempt);
  return step;
}

function note(step: Step, { resolved, start }: HeldQuery): void {
  const { query } = resolved;
  step.firstStart = Math.min(step.firstStart, start);
  step.lastStart = Math.max(step.lastStart, start);
  step.lastEnd = Math.max(step.lastEnd, query.time);
  if (isAddressType(query.question.qtype)) {
    if (query.question.qtype === 'A') step.hasA = true;
    else step.hasAaaa = true;
  }
  switch (toOutcome(query.rcode)) {
    case 'success':
      step.hasSuccess = true;
      break;
    case 'denial':
      step.hasDenial = true;
      break;
    case 'error':
      step.hasError = true;
      break;
  }
}
