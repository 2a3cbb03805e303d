/** From an open lookup to the record: which query decided, what the program had asked for, what a denial means. */
import { withoutTrailingDot } from '../dns/names.ts';
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import { toExpansions } from '../dns/searchPath.ts';
import type { Attempt, Lookup, NxdomainKind } from '../records/lookup.ts';
import { finalStep, isFailed } from './openLookup.ts';
import type { HeldQuery, OpenLookup, Step } from './state.ts';

export interface FinishOptions {
  readonly domains: readonly string[];
  /** True if a name outside the cluster has resolved before. */
  readonly hasResolved: (qname: string) => boolean;
}

export function toLookup(open: OpenLookup, options: FinishOptions): Lookup {
  const last = finalStep(open);
  const outcome = outcomeOf(open, last);
  const denial = outcome === 'denial' ? denialOf(open, last, options) : 'search';
  const deciding = decidingAttempt(open, last, outcome);
  const attempts: Attempt[] = [];
  let decided: Attempt | undefined;
  for (const step of open.steps) {
    for (const attempt of step.attempts) {
      const finished = toAttempt(attempt, step === last ? denial : 'search');
      attempts.push(finished);
      if (attempt === deciding) decided = finished;
    }
  }
  const final = decided ?? attempts[0];
  if (final === undefined) throw new Error('a lookup without an attempt');
  return {
    client: final.client,
    attempts,
    decided: final,
    outcome,
    name: askedName(open, options.domains),
    target: final.target,
    queries: attempts.length + open.surplus,
    expansions: attempts.length - last.attempts.length,
    start: Math.min(...open.steps.map((step) => step.firstStart)),
    end: Math.max(...open.steps.map((step) => step.lastEnd)),
  };
}

/**
 * One answer is enough for a client; a name that is denied under one type is denied under all (RFC 8020). A walk that
 * met a failure and no answer failed: glibc and musl tell their caller to try again.
 */
function outcomeOf({ steps }: OpenLookup, last: Step): Outcome {
  if (last.hasSuccess) return 'success';
  return steps.some(isFailed) ? 'error' : 'denial';
}

function decidingAttempt({ steps }: OpenLookup, last: Step, outcome: Outcome): HeldQuery | undefined {
  const isDeciding = ({ resolved }: HeldQuery): boolean => toOutcome(resolved.query.rcode) === outcome;
  if (outcome === 'success') return last.attempts.find(isDeciding);
  const step = isFailed(last) ? last : (steps.findLast(isFailed) ?? last);
  return step.attempts.findLast(isDeciding);
}

/** Several names were tried; the one that tells most about a denied wish gives the kind. */
function denialOf({ steps }: OpenLookup, last: Step, { hasResolved }: FinishOptions): NxdomainKind {
  const existences = new Set(steps.map((step) => step.attempts[0]?.resolved.target.existence));
  if (existences.has('gone') || hasResolved(last.qname)) return 'was_valid';
  return existences.has('elsewhere') ? 'other_namespace' : 'never_valid';
}

function toAttempt({ resolved, inner, hop }: HeldQuery, kind: NxdomainKind): Attempt {
  const isDenied = toOutcome(resolved.query.rcode) === 'denial';
  return { ...resolved, nxdomain: isDenied ? kind : undefined, inner, hop };
}

/**
 * The name as the program asked for it. A walk shows it; where the first try succeeded, a suffix is taken off
 * only if a stub resolver must have put it there: the client's own namespace, asked without EDNS or as a pair,
 * since nothing else reaches for `web.shop.svc.Z` with fewer dots than ndots.
 */
function askedName(open: OpenLookup, domains: readonly string[]): string {
  if (open.base !== undefined) return open.base;
  const step = finalStep(open);
  const first = step.attempts[0]?.resolved;
  const namespace = first?.client.pod?.namespace;
  if (namespace !== undefined && isStub(step)) {
    const suffixed = toExpansions(step.qname, domains).find((expansion) => expansion.level === 0);
    if (suffixed?.namespace === namespace) return suffixed.base;
  }
  return withoutTrailingDot(step.qname);
}

function isStub(step: Step): boolean {
  if (step.hasA && step.hasAaaa) return true;
  const question = step.attempts[0]?.resolved.query.question;
  return question?.transport === 'udp' && question.bufsize === 512 && question.dnssecOk === false;
}
