/**
 * Which lookups become traces: the interesting part, always one fresh trace for every edge, and a share of the rest.
 *
 * Metrics count everything; a trace is there to be opened. The token bucket is the hard maximum above it all: it holds a
 * part back for whatever has no fresh trace, and another for failures and slow lookups.
 */
import type { DrawnEdge } from '../records/edges.ts';
import { isSlow, type Lookup } from '../records/lookup.ts';
import type { Query } from '../records/query.ts';
import { createFreshness, type Subject } from './freshness.ts';
import { toLowerSamplingBits, toSamplingBits } from './ids.ts';
import { type Threshold, toThreshold } from './threshold.ts';
import { createTokenBucket, type Need } from './tokenBucket.ts';

/** Why a lookup is kept; a closed set, because it becomes a metric label. */
export const DECISIONS = [
  /** It got no usable answer. */
  'kept_error',
  'kept_slow',
  /** Its client has no fresh trace of a denial of this kind: names without end are denied, and most look alike. */
  'kept_denial',
  'kept_first_seen',
  'kept_fresh',
  'kept_probability',
  'sampled_out',
] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Decided {
  readonly decision: Decision;
  readonly isDropped: boolean;
}

export interface Sampling {
  /**
   * Decides about a lookup on `edge` that would make `spans` spans; `dropped` if it was to be kept but the rate is used
   * up.
   */
  decide(lookup: Lookup, edge: DrawnEdge | undefined, spans: number): Decided;
  /** The trace of a lookup that was kept is lost: what it was to show has no trace, and the next one is kept. */
  lost(lookup: Lookup, edge: DrawnEdge | undefined): void;
}

export interface SamplingOptions {
  /** Share of ordinary lookups, 0 to 1. */
  readonly ratio: number;
  /** Most spans a second. */
  readonly rate: number;
}

/** An edge's newest trace is replaced when it is older (milliseconds): people look at the last minutes. */
const FRESH_MS = 60_000;

export function createSampling({ ratio, rate }: SamplingOptions): Sampling {
  const threshold = toThreshold(ratio);
  const freshness = createFreshness();
  const tokens = createTokenBucket(rate);

  function isLucky(lookup: Lookup): boolean {
    if (threshold === undefined) return ratio >= 1;
    const first = lookup.attempts[0]?.query;
    return first !== undefined && isKept(first, threshold);
  }

  function choose(lookup: Lookup, { shown }: Subject): Decision {
    if (lookup.outcome === 'error') return 'kept_error';
    if (isSlow(lookup)) return 'kept_slow';
    if (isStale(lookup, shown)) {
      if (lookup.outcome === 'denial') return 'kept_denial';
      return shown === undefined ? 'kept_first_seen' : 'kept_fresh';
    }
    return isLucky(lookup) ? 'kept_probability' : 'sampled_out';
  }

  return {
    decide(lookup, edge, spans) {
      const subject = freshness.subjectOf(lookup, edge);
      const decision = choose(lookup, subject);
      if (decision === 'sampled_out') return SAMPLED_OUT;
      if (!tokens.take(spans, lookup.end, toNeed(decision, isStale(lookup, subject.shown))))
        return { decision, isDropped: true };
      subject.shown = Math.max(lookup.end, subject.shown ?? -Infinity);
      return { decision, isDropped: false };
    },
    lost(lookup, edge) {
      const subject = freshness.subjectOf(lookup, edge);
      // A newer trace may be on its way already.
      if (subject.shown === lookup.end) subject.shown = -Infinity;
    },
  };
}

/** Most lookups: one object for all. */
const SAMPLED_OUT: Decided = { decision: 'sampled_out', isDropped: false };

function toNeed(decision: Decision, hasNoFreshTrace: boolean): Need {
  if (hasNoFreshTrace) return 'first';
  return decision === 'kept_error' || decision === 'kept_slow' ? 'notable' : 'ordinary';
}

/** True if what was `shown` is no fresh trace any more when `lookup` ends. */
function isStale(lookup: Lookup, shown: number | undefined): boolean {
  return shown === undefined || lookup.end - shown >= FRESH_MS;
}

function isKept(first: Query, { upper, lower }: Threshold): boolean {
  const bits = toSamplingBits(first);
  return bits > upper || (bits === upper && toLowerSamplingBits(first) >= lower);
}
