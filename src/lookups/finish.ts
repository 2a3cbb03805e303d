/** From an open lookup to the record: which query decided, what the program had asked for, what a denial means. */
import { withoutTrailingDot } from '../dns/names.ts';
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import { toExpansions } from '../dns/searchPath.ts';
import type { Attempt, Lookup, NxdomainKind } from '../records/lookup.ts';
import { toEnd } from './closing.ts';
import { attemptsOf, finalStep, isFailed } from './openLookup.ts';
import type { HeldQuery, OpenLookup, Step } from './state.ts';

export interface FinishOptions {
  readonly domains: readonly string[];
  /** True if a name outside the cluster has resolved before. */
  readonly hasResolved: (qname: string) => boolean;
}

/** The record of `open`; its queries are closed by it. */
export function toLookup(open: OpenLookup, options: FinishOptions): Lookup {
  const { steps } = open;
  const last = finalStep(open);
  const outcome = outcomeOf(steps, last);
  const deciding = decidingQuery(steps, last, outcome);
  const denial = outcome === 'denial' ? denialOf(steps, last, options) : 'search';
  const attempts: Attempt[] = [];
  let decided: Attempt | undefined;
  for (const step of steps) {
    // What the search path met on its way is search noise; the last name's denial is what counts.
    const kind = step === last ? denial : 'search';
    for (let held: HeldQuery | undefined = step.first; held !== undefined; held = held.next) {
      const attempt = toAttempt(held, kind);
      attempts.push(attempt);
      if (held === deciding) decided = attempt;
    }
  }
  if (decided === undefined) throw new Error('a lookup that no query decided');
  return {
    client: decided.client,
    attempts,
    decided,
    outcome,
    name: askedName(open, last, options.domains),
    target: decided.target,
    queries: attempts.length + open.surplus,
    expansions: attempts.length - attemptsOf(last).length,
    start: toStart(steps),
    end: toEnd(steps),
  };
}

function toAttempt(held: HeldQuery, denial: NxdomainKind): Attempt {
  held.phase = 'closed';
  const { query, client, target, inner, hop } = held;
  return { query, client, target, nxdomain: query.rcode === 'NXDOMAIN' ? denial : undefined, inner, hop };
}

function toStart(steps: readonly Step[]): number {
  let start = Infinity;
  for (const { firstStart } of steps) if (firstStart < start) start = firstStart;
  return start;
}

/**
 * One answer is enough for a client; a name that is denied under one type is denied under all (RFC 8020). A walk that
 * met a failure and no answer failed: glibc and musl tell their caller to try again.
 */
function outcomeOf(steps: readonly Step[], last: Step): Outcome {
  if (last.hasSuccess) return 'success';
  return steps.some(isFailed) ? 'error' : 'denial';
}

function decidingQuery(steps: readonly Step[], last: Step, outcome: Outcome): HeldQuery | undefined {
  const isDeciding = ({ query }: HeldQuery): boolean => toOutcome(query.rcode) === outcome;
  if (outcome === 'success') return attemptsOf(last).find(isDeciding);
  const step = isFailed(last) ? last : (steps.findLast(isFailed) ?? last);
  return attemptsOf(step).findLast(isDeciding);
}

/** Several names were tried; the one that tells most about a denied wish gives the kind. */
function denialOf(steps: readonly Step[], last: Step, { hasResolved }: FinishOptions): NxdomainKind {
  const existences = new Set(steps.map((step) => step.first.target.existence));
  if (existences.has('gone') || hasResolved(last.qname)) return 'was_valid';
  return existences.has('elsewhere') ? 'other_namespace' : 'never_valid';
}

/**
 * The name as the program asked for it. A walk shows it; where the first try succeeded, a suffix is taken off
 * only if a stub resolver must have put it there: the client's own namespace, asked without EDNS or as a pair,
 * since nothing else reaches for `web.shop.svc.Z` with fewer dots than ndots.
 */
function askedName(open: OpenLookup, step: Step, domains: readonly string[]): string {
  if (open.base !== undefined) return open.base;
  const namespace = step.first.client.pod?.namespace;
  if (namespace !== undefined && isStub(step)) {
    const suffixed = toExpansions(step.qname, domains).find((expansion) => expansion.level === 0);
    if (suffixed?.namespace === namespace) return suffixed.base;
  }
  return withoutTrailingDot(step.qname);
}

function isStub(step: Step): boolean {
  if (step.hasA && step.hasAaaa) return true;
  const question = step.first.query.question;
  return question?.transport === 'udp' && question.bufsize === 512 && question.dnssecOk === false;
}
