/** A name of a walk with its queries: how it begins and grows, and what is known of it by then. */
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import type { SearchLevel } from '../dns/searchPath.ts';
import { type Query, startOf } from '../records/query.ts';
import type { HeldQuery, Step } from './state.ts';

/** Of its first query. */
export function createStep(attempt: HeldQuery, level: SearchLevel | undefined): Step {
  const step: Step = {
    question: attempt.query.question,
    level,
    firstStart: startOf(attempt.query),
    lastEnd: attempt.query.time,
    first: attempt,
    last: attempt,
    hasA: false,
    hasAaaa: false,
    hasSuccess: false,
    hasDenial: false,
    hasError: false,
  };
  noteAttempt(step, attempt);
  return step;
}

/** Notes what one more query says of the step. */
export function noteAttempt(step: Step, { query }: HeldQuery): void {
  const start = startOf(query);
  if (start < step.firstStart) step.firstStart = start;
  if (query.time > step.lastEnd) step.lastEnd = query.time;
  const { qtype } = query.question;
  if (qtype === 'A') step.hasA = true;
  else if (qtype === 'AAAA') step.hasAaaa = true;
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

/** A name that got errors and nothing else. */
export function isFailed(step: Step): boolean {
  return step.hasError && !step.hasSuccess && !step.hasDenial;
}

/** True if one of the names did. */
export function hasFailed(steps: readonly Step[]): boolean {
  for (const step of steps) if (isFailed(step)) return true;
  return false;
}

/** A query that got no usable answer, or one that has to be asked again over tcp. */
export function isUnanswered({ rcode, flags }: Query): boolean {
  return toOutcome(rcode) === 'error' || flags.includes('tc');
}

/** The queries of a step; where speed matters the links are followed instead. */
export function attemptsOf({ first }: Step): HeldQuery[] {
  const attempts: HeldQuery[] = [];
  for (let held: HeldQuery | undefined = first; held !== undefined; held = held.next) attempts.push(held);
  return attempts;
}

/** True if the step has one of A and AAAA but not the other. */
export function isHalf(step: Step): boolean {
  return step.hasA !== step.hasAaaa;
}

export function hasOutcome(step: Step, outcome: Outcome): boolean {
  switch (outcome) {
    case 'success':
      return step.hasSuccess;
    case 'denial':
      return step.hasDenial;
    case 'error':
      return step.hasError;
  }
}
