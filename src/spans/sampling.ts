/**
 * Which lookups become traces: the interesting part, always one fresh trace for every edge, and a share of the rest.
 *
 * Metrics count everything; a trace is there to be opened. The token bucket is the hard maximum above it all.
 */
import { LRUCache } from 'lru-cache';
import type { Lookup } from '../records/lookup.ts';
import { toSamplingBits } from './ids.ts';

/** Why a lookup is kept; a closed set, because it becomes a metric label. */
export const DECISIONS = [
  'kept_error',
  'kept_slow',
  'kept_first_seen',
  'kept_fresh',
  'kept_probability',
  'sampled_out',
] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Sampling {
  /** Decides about a lookup that would make `spans` spans; `dropped` if it was to be kept but the rate is used up. */
  decide(lookup: Lookup, spans: number): { readonly decision: Decision; readonly isDropped: boolean };
}

export interface SamplingOptions {
  /** Share of ordinary lookups, 0 to 1. */
  readonly ratio: number;
  /** Most spans a second. */
  readonly rate: number;
}

/** A lookup that took longer is worth a look (milliseconds). */
const SLOW_MS = 250;
/** An edge's newest trace is replaced when it is older (milliseconds): people look at the last minutes. */
const FRESH_MS = 60_000;
/** Edges remembered; one that was forgotten counts as seen for the first time. */
const MAX_EDGES = 20_000;
/** Seconds of rate that may be saved up for a burst. */
const BURST_SECONDS = 2;

export function createSampling({ ratio, rate }: SamplingOptions): Sampling {
  const threshold = toThreshold(ratio);
  /** When each edge was last kept, in milliseconds since the epoch. */
  const kept = new LRUCache<string, number>({ max: MAX_EDGES });
  const tokens = createTokenBucket(rate);

  function choose(lookup: Lookup, edge: string): Decision {
    if (lookup.outcome !== 'success') return 'kept_error';
    if (lookup.end - lookup.start > SLOW_MS) return 'kept_slow';
    const last = kept.get(edge);
    if (last === undefined) return 'kept_first_seen';
    if (lookup.end - last >= FRESH_MS) return 'kept_fresh';
    const first = lookup.attempts[0]?.query;
    const isLucky = first !== undefined && toSamplingBits(first) >= threshold;
    return isLucky ? 'kept_probability' : 'sampled_out';
  }

  return {
    decide(lookup, spans) {
      const edge = toEdgeKey(lookup);
      const decision = choose(lookup, edge);
      if (decision === 'sampled_out') return { decision, isDropped: false };
      if (!tokens.take(spans, lookup.end)) return { decision, isDropped: true };
      kept.set(edge, Math.max(lookup.end, kept.get(edge) ?? -Infinity));
      return { decision, isDropped: false };
    },
  };
}

/**
 * The value of `ot=th:` in the trace state of lookups kept by probability: the rejection threshold as hex, four
 * significant digits behind its leading ones, trailing zeros cut (OpenTelemetry probability sampling); 1 % is
 * fd70a4. Undefined where every lookup is kept.
 */
export function toThresholdText(ratio: number): string | undefined {
  if (ratio >= 1 || ratio <= 0) return undefined;
  const digits = Math.min(8, 5 + Math.floor(-Math.log2(ratio) / 4));
  const rejected = Math.round((1 - ratio) * 16 ** digits);
  return rejected.toString(16).padStart(digits, '0').replace(/0+$/, '');
}

/** Sampling bits at or above it are kept; the same number that the trace state names. */
function toThreshold(ratio: number): number {
  const text = toThresholdText(ratio);
  if (text === undefined) return ratio >= 1 ? 0 : 2 ** 32;
  return Number.parseInt(text.padEnd(8, '0'), 16);
}

function toEdgeKey({ client, target }: Lookup): string {
  return `${client.namespace}/${client.name} ${target.namespace}/${target.name}`;
}

interface TokenBucket {
  take(count: number, now: number): boolean;
}

function createTokenBucket(rate: number): TokenBucket {
  const capacity = rate * BURST_SECONDS;
  let tokens = capacity;
  let filled = -Infinity;
  return {
    take(count, now) {
      if (now > filled) {
        tokens = Math.min(capacity, tokens + (filled === -Infinity ? 0 : ((now - filled) / 1e3) * rate));
        filled = now;
      }
      if (tokens < count) return false;
      tokens -= count;
      return true;
    },
  };
}
