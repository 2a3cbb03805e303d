/** From an open lookup to the record: which query decided, what the program had asked for, what a denial means. */
import { withoutTrailingDot } from '../dns/names.ts';
import { type Outcome, toOutcome } from '../dns/rcodes.ts';
import type { SearchPath } from '../dns/searchPath.ts';
import type { Attempt, Lookup, NxdomainKind } from '../records/lookup.ts';
import { toEnd } from './closing.ts';
import { finalStep } from './openLookup.ts';
import type { HeldQuery, OpenLookup, Step } from './state.ts';
import { hasFailed, isFailed } from './steps.ts';

export interface FinishOptions {
  readonly path: SearchPath;
  /** True if a name outside the cluster has resolved before. */
  readonly hasResolved: (qname: string) => boolean;
}

/** Closes the queries of `open`, and makes the record of it. */
export function closeLookup(open: OpenLookup, options: FinishOptions): Lookup {
  const { steps } = open;
  const last = finalStep(open);
  const outcome = outcomeOf(steps, last);
  const decided = decidingQuery(steps, last, outcome);
  if (decided === undefined) throw new Error('a lookup that no query decided');
  const denial = outcome === 'denial' ? denialOf(steps, last, options) : 'search';
  // One that is pushed to gets room for 17.
  const attempts = new Array<Attempt>(open.attemptCount);
  let count = 0;
  let ofLast = 0;
  for (const step of steps) {
    // What the search path met on its way is search noise; the last name's denial is what counts.
    const kind = step === last ? denial : 'search';
    for (let held: HeldQuery | undefined = step.first; held !== undefined; held = held.next) {
      held.phase = 'closed';
      if (held.query.rcode === 'NXDOMAIN') held.nxdomain = kind;
      attempts[count++] = held;
      if (step === last) ofLast++;
    }
  }
  return {
    client: decided.client,
    attempts,
    decided,
    outcome,
    name: askedName(open, last, options.path),
    target: decided.target,
    queries: count + open.surplus,
    expansions: count - ofLast,
    start: toStart(steps),
    end: toEnd(steps),
  };
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
  return hasFailed(steps) ? 'error' : 'denial';
}

/** The first answer; of several denials or failures the last. */
function decidingQuery(steps: readonly Step[], last: Step, outcome: Outcome): HeldQuery | undefined {
  const step = outcome === 'success' || isFailed(last) ? last : (steps.findLast(isFailed) ?? last);
  let deciding: HeldQuery | undefined;
  for (let held: HeldQuery | undefined = step.first; held !== undefined; held = held.next) {
    if (toOutcome(held.query.rcode) !== outcome) continue;
    if (outcome === 'success') return held;
    deciding = held;
  }
  return deciding;
}

/** Several names were tried; the one that tells most about a denied wish gives the kind. */
function denialOf(steps: readonly Step[], last: Step, { hasResolved }: FinishOptions): NxdomainKind {
  const existences = new Set(steps.map((step) => step.first.target.existence));
  if (existences.has('gone') || hasResolved(last.question.qname)) return 'was_valid';
  return existences.has('elsewhere') ? 'other_namespace' : 'never_valid';
}

/**
 * The name as the program asked for it. A walk shows it; where the first try succeeded, a suffix is taken off
 * only if a stub resolver must have put it there: the client's own namespace, asked without EDNS or as a pair,
 * since nothing else reaches for `web.shop.svc.Z` with fewer dots than ndots.
 */
function askedName(open: OpenLookup, step: Step, path: SearchPath): string {
  if (open.base !== undefined) return open.base;
  const namespace = step.first.client.pod?.namespace;
  const { qname } = step.question;
  const asked = namespace !== undefined && isStub(step) ? path.askedFrom(namespace, qname) : undefined;
  return asked ?? withoutTrailingDot(qname);
}

function isStub(step: Step): boolean {
  if (step.hasA && step.hasAaaa) return true;
  const { transport, bufsize, dnssecOk } = step.question;
  return transport === 'udp' && bufsize === 512 && dnssecOk === false;
}
