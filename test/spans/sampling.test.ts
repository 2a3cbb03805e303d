import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../src/records/lookup.ts';
import {
  createSampling,
  type Decided,
  type Decision,
  type SamplingOptions,
} from '../../src/spans/sampling.ts';
import { toThreshold } from '../../src/spans/threshold.ts';
import { createEdges, type LookupFields, toLookup } from '../support/lookups.ts';
import { toPod, toService } from '../support/queries.ts';

const ENOUGH = 1_000_000;

/** Sampling of a graph that folds nothing. */
function createDecide(options: SamplingOptions): (lookup: Lookup, spans: number) => Decided {
  const sampling = createSampling(options);
  const edgeOf = createEdges();
  return (lookup, spans) => sampling.decide(lookup, edgeOf(lookup), spans);
}

function decideAll(lookups: readonly LookupFields[], options = { ratio: 0, rate: ENOUGH }): Decision[] {
  const decide = createDecide(options);
  return lookups.map((fields) => decide(toLookup(fields), 1).decision);
}

describe('what is kept', () => {
  it.each<{ case: string; lookups: LookupFields[]; decisions: Decision[] }>([
    { case: 'the first of an edge', lookups: [{}, {}], decisions: ['kept_first_seen', 'sampled_out'] },
    {
      case: 'the first of each edge',
      lookups: [{}, { target: toService('pay', 'db') }, {}],
      decisions: ['kept_first_seen', 'kept_first_seen', 'sampled_out'],
    },
    {
      case: 'failures, always',
      lookups: [{ outcome: 'error' }, { outcome: 'error' }],
      decisions: ['kept_error', 'kept_error'],
    },
    {
      case: 'a denial a minute of each client, whatever the names',
      lookups: [
        { outcome: 'denial', at: 0 },
        { outcome: 'denial', at: 1, target: toService('pay', 'no-such-1') },
        { outcome: 'denial', at: 2, client_: toPod('shop', 'cart') },
        { outcome: 'denial', at: 60_001 },
      ],
      decisions: ['kept_denial', 'sampled_out', 'kept_denial', 'kept_denial'],
    },
    {
      case: 'the first of an edge that was denied before',
      lookups: [{ outcome: 'denial' }, {}, { outcome: 'denial', duration: 251 }],
      decisions: ['kept_denial', 'kept_first_seen', 'kept_slow'],
    },
    { case: 'slow ones', lookups: [{}, { duration: 251 }], decisions: ['kept_first_seen', 'kept_slow'] },
    {
      case: 'a fresh one a minute',
      lookups: [{ at: 0 }, { at: 59_000 }, { at: 60_001 }, { at: 61_000 }],
      decisions: ['kept_first_seen', 'sampled_out', 'kept_fresh', 'sampled_out'],
    },
  ])('$case', ({ lookups, decisions }) => {
    expect(decideAll(lookups)).toEqual(decisions);
  });

  it.each([0.01, 0.25, 0.5])('a share of %d of the rest', (ratio) => {
    const decisions = decideAll(
      Array.from({ length: 20_000 }, () => ({})),
      { ratio, rate: ENOUGH },
    );
    const kept = decisions.filter((decision) => decision === 'kept_probability').length / 20_000;
    expect(Math.abs(kept - ratio)).toBeLessThan(0.02);
  });

  it.each([
    { ratio: 1e-17, kept: 0 },
    { ratio: 1e-10, kept: 0 },
    { ratio: 0.999_999_9, kept: 1 },
  ])('a share of $ratio that is nearly none or all', ({ ratio, kept }) => {
    const decisions = decideAll(
      Array.from({ length: 2_000 }, () => ({})),
      { ratio, rate: ENOUGH },
    );
    expect(decisions.filter((decision) => decision === 'kept_probability').length / 1_999).toBe(kept);
  });

  it('everything with a share of 1', () => {
    expect(new Set(decideAll([{}, {}, {}], { ratio: 1, rate: ENOUGH }))).toEqual(
      new Set(['kept_first_seen', 'kept_probability']),
    );
  });
});

describe('the rate', () => {
  it('is the hard maximum, with a burst of two seconds', () => {
    const decide = createDecide({ ratio: 1, rate: 100 });
    let edges = 0;
    const take = (at: number): boolean =>
      !decide(toLookup({ at, client_: toPod('shop', `client-${edges++}`) }), 10).isDropped;
    expect(Array.from({ length: 25 }, () => take(0)).filter(Boolean)).toHaveLength(20);
    expect([take(99), take(101), take(102)]).toEqual([false, true, false]);
  });

  it.each([
    { case: 'failures', fields: { outcome: 'error' } as const, kept: 14, left: 5 },
    { case: 'slow ones', fields: { duration: 251 }, kept: 14, left: 5 },
    { case: 'those kept by chance', fields: {}, kept: 9, left: 10 },
  ])('leaves a part to edges without a fresh trace: $case', ({ fields, kept, left }) => {
    const decide = createDecide({ ratio: 1, rate: 100 });
    const take = (client: string, at: number): boolean =>
      !decide(toLookup({ ...fields, at, client_: toPod('shop', client) }), 10).isDropped;
    // The first one has no fresh trace either.
    expect(Array.from({ length: 1 + 25 }, () => take('loud', 0)).filter(Boolean)).toHaveLength(1 + kept);
    const others = Array.from({ length: 12 }, (_, n) => take(`quiet-${n}`, 0));
    expect(others.filter(Boolean)).toHaveLength(left);
  });

  it.each([1, 5, 20, 100])(
    'of %d a second lets failures out, however large, beside a flood of the ordinary',
    (rate) => {
      const decide = createDecide({ ratio: 1, rate });
      let errors = 0;
      let spans = 0;
      const SECONDS = 600;
      const ERROR_SPANS = 11;
      for (let at = 0; at < SECONDS * 1000; at += 50) {
        const isError = at % 60_000 === 30_000;
        const size = isError ? ERROR_SPANS : 1 + (at % 3);
        const { decision, isDropped } = decide(
          toLookup({ at, outcome: isError ? 'error' : 'success' }),
          size,
        );
        if (isDropped) continue;
        spans += size;
        if (decision === 'kept_error') errors++;
      }
      expect(errors).toBe(10);
      expect(spans).toBeLessThanOrEqual(rate * (SECONDS + 2) + ERROR_SPANS);
    },
  );

  it('goes on when the clock is set back by an hour', () => {
    const decide = createDecide({ ratio: 1, rate: 100 });
    const HOUR = 3_600_000;
    expect(decide(toLookup({ at: HOUR }), 200).isDropped).toBe(false);
    const dropped = Array.from({ length: 1_000 }, (_, n) => decide(toLookup({ at: n * 100 }), 10));
    // The burst is used up; from then on there are 100 spans a second, of which the ordinary leaves half a burst.
    expect(dropped.filter(({ isDropped }) => isDropped)).toHaveLength(11);
  });

  it('is not refilled by lookups that close in another order than they end (twin)', () => {
    const decide = createDecide({ ratio: 1, rate: 100 });
    const ends = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? 30_000 : 0));
    const kept = ends.filter((at) => !decide(toLookup({ at }), 10).isDropped);
    expect(kept).toHaveLength(10);
  });

  it('leaves every edge a fresh trace over a simulated hour, and never exceeds itself (property)', () => {
    const traffic = fc.record({
      edges: fc.integer({ min: 1, max: 30 }),
      perSecond: fc.integer({ min: 1, max: 40 }),
      ratio: fc.constantFrom(0, 0.01, 0.2),
      errorShare: fc.constantFrom(0, 0.02),
    });
    const HOUR = 3_600;
    fc.assert(
      fc.property(traffic, ({ edges, perSecond, ratio, errorShare }) => {
        const rate = 50;
        const decide = createDecide({ ratio, rate });
        const lastKept = new Map<number, number>();
        let spans = 0;
        for (let second = 0; second < HOUR; second += 7) {
          for (let n = 0; n < perSecond; n++) {
            const edge = (second * 31 + n * 17) % edges;
            const at = second * 1000 + n;
            const outcome = (second + n) % 100 < errorShare * 100 ? 'error' : 'success';
            const lookup = toLookup({ at, outcome, client_: toPod('shop', `client-${edge}`) });
            const before = lastKept.get(edge);
            const { decision, isDropped } = decide(lookup, 1);
            const isKept = decision !== 'sampled_out' && !isDropped;
            if (isKept) {
              spans++;
              lastKept.set(edge, at);
            } else {
              // Whoever opens this edge now finds a trace of the last minute.
              expect(before === undefined ? Infinity : at - before).toBeLessThanOrEqual(61_000);
            }
          }
        }
        expect(spans).toBeGreaterThan(0);
        expect(spans).toBeLessThanOrEqual(rate * (HOUR + 2));
      }),
      // An hour takes some 50 ms.
      { numRuns: 20 },
    );
  });
});

it.each([
  { ratio: 1, text: undefined },
  { ratio: 0, text: undefined },
  { ratio: 0.5, text: '8' },
  { ratio: 0.25, text: 'c' },
  { ratio: 0.01, text: 'fd70a4' },
  { ratio: 0.001, text: 'ffbe76d' },
  { ratio: 1e-10, text: 'ffffffff920c8' },
  { ratio: 1e-17, text: 'ffffffffffffff' },
  { ratio: 0.999_999_9, text: '0' },
])('writes a share of $ratio as ot=th:$text', ({ ratio, text }) => {
  expect(toThreshold(ratio)?.text).toBe(text);
});
