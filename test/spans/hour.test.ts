/**
 * Sampling as people meet it: an hour of lookups, an endpoint that fails for a while, and somebody who clicks on an
 * edge at any moment.
 */
import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../src/records/lookup.ts';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { toTraceId } from '../../src/spans/ids.ts';
import { createSpans } from '../../src/spans/spans.ts';
import { createEdges, toLookup } from '../support/lookups.ts';
import { toPod, toService } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Hours of usual traffic that a property lives through: each takes some 20 ms. */
const RUNS = 40;
/** How old the newest trace of an edge may be when somebody asks for the edge. */
const FRESH = 60 * SECOND;
/** Milliseconds between two ticks: what was kept leaves with the next one. */
const BEAT = SECOND;

interface Traffic {
  /** For each edge the milliseconds between two of its lookups. */
  readonly periods: readonly number[];
  readonly ratio: number;
  readonly rate: number;
  /** Of 1,000 lookups. */
  readonly errors: number;
  readonly slow: number;
  /** Milliseconds of the hour during which the endpoint refuses everything. */
  readonly outage: { readonly from: number; readonly to: number };
}

interface Seen {
  readonly at: number;
  readonly edge: number;
  readonly lookup: Lookup;
}

interface Hour {
  readonly lookups: readonly Seen[];
  /** Trace ids that the endpoint took, with the moment. */
  readonly taken: ReadonlyMap<string, number>;
  /** Trace ids that exemplars may point at. */
  readonly linked: ReadonlySet<string>;
  /** Spans of each lookup that left, by trace id. */
  readonly spans: ReadonlyMap<string, readonly ReadableSpan[]>;
  readonly dropped: number;
}

async function live(traffic: Traffic): Promise<Hour> {
  const { ratio, rate, outage } = traffic;
  const taken = new Map<string, number>();
  const spansOf = new Map<string, ReadableSpan[]>();
  const linked = new Set<string>();
  let now = 0;
  const sink: SpanSink = {
    export(spans, done) {
      if (now >= outage.from && now < outage.to) return done({ code: ExportResultCode.FAILED });
      for (const span of spans) {
        const id = span.spanContext().traceId;
        taken.set(id, now);
        spansOf.set(id, [...(spansOf.get(id) ?? []), span]);
      }
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: () => Promise.resolve(),
  };
  const self = createTestSelf();
  const spans = createSpans(
    {
      version: '0',
      graphSource: 'metrics',
      addressOf: () => undefined,
      ratio,
      rate,
      resource: {},
      onExported: (_lookup, _edge, traceId) => linked.add(traceId),
    },
    sink,
    self.spans,
  );
  const lookups = toLookups(traffic);
  const edgeOf = createEdges();
  let next = 0;
  for (now = 0; now <= HOUR; now += BEAT) {
    for (; (lookups[next]?.at ?? Infinity) <= now; next++) {
      const seen = lookups[next];
      if (seen !== undefined) spans.accept(seen.lookup, edgeOf(seen.lookup));
    }
    spans.tick(now);
    // What is exported now is settled before the clock goes on.
    await new Promise(setImmediate);
  }
  return {
    lookups,
    taken,
    linked,
    spans: spansOf,
    dropped: self.count('corespan_dropped_total', 'spans', 'rate'),
  };
}

/** Every edge in its own rhythm; failures and slow ones come by turns. */
function toLookups({ periods, errors, slow }: Traffic): Seen[] {
  const peers = periods.map((_, edge) => ({
    client_: toPod('shop', `client-${edge}`),
    target: toService('pay', `server-${edge}`),
  }));
  const moments = periods.flatMap((period, edge) =>
    Array.from({ length: Math.floor(HOUR / period) }, (_, n) => ({ at: n * period + edge, edge })),
  );
  return moments
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, edge }, n) => {
      const turn = (n * 7919) % 1_000;
      const outcome = turn < errors ? 'error' : 'success';
      const duration = turn >= errors && turn < errors + slow ? 300 : 1;
      return { at, edge, lookup: toLookup({ at, outcome, duration, ...peers[edge] }) };
    });
}

const idOf = ({ attempts: [first] }: Lookup): string => (first === undefined ? '' : toTraceId(first.query));

/** Moments at which somebody who asks for an edge that was just used would find no fresh trace of it. */
function findStale({ lookups, taken }: Pick<Hour, 'lookups' | 'taken'>, outage: Traffic['outage']): string[] {
  const newest = new Map<number, number>();
  return lookups.flatMap(({ at, edge, lookup }) => {
    if (taken.has(idOf(lookup))) newest.set(edge, lookup.end);
    const isTroubled = at >= outage.from - BEAT && at < outage.to + FRESH + BEAT;
    const age = lookup.end - (newest.get(edge) ?? -Infinity);
    return isTroubled || age <= FRESH ? [] : [`edge ${edge} at ${at}: ${age} ms`];
  });
}

/** Over so long before the hour that every edge has to be fresh from its first beat on. */
const NO_OUTAGE = { from: -FRESH, to: -FRESH };

/** Far more fails than the rate lets through. */
const FLOOD = fc.record({
  periods: fc.array(fc.integer({ min: 100, max: 250 }), { minLength: 2, maxLength: 4 }),
  ratio: fc.constantFrom(0, 0.2, 1),
  rate: fc.integer({ min: 4, max: 6 }),
  errors: fc.integer({ min: 800, max: 1_000 }),
  slow: fc.integer({ min: 0, max: 100 }),
  outage: fc.constant(NO_OUTAGE),
});

/** An hour in which two of three edges had no trace for 59 minutes: failures of the third one took every token. */
const STARVED = {
  periods: [40, 50, 60],
  ratio: 0,
  rate: 20,
  errors: 1_000,
  slow: 0,
  outage: NO_OUTAGE,
};

const TRAFFIC = fc.record({
  periods: fc.array(fc.integer({ min: SECOND, max: 90 * SECOND }), { minLength: 2, maxLength: 8 }),
  ratio: fc.constantFrom(0, 0.01, 0.2),
  rate: fc.constant(100),
  errors: fc.integer({ min: 0, max: 50 }),
  slow: fc.integer({ min: 0, max: 50 }),
  outage: fc
    .record({ from: fc.integer({ min: 0, max: HOUR }), length: fc.integer({ min: 0, max: 600 * SECOND }) })
    .map(({ from, length }) => ({ from, to: from + length })),
});

describe('an hour', () => {
  it('has a fresh trace for every edge at any time, and every failed or slow lookup (property)', async () => {
    await fc.assert(
      fc.asyncProperty(TRAFFIC, async (traffic) => {
        const hour = await live(traffic);
        expect(hour.dropped).toBe(0);
        expect(findStale(hour, traffic.outage)).toEqual([]);
        const missed = hour.lookups.filter(
          ({ at, lookup }) =>
            (lookup.outcome === 'error' || lookup.end - lookup.start > 250) &&
            (at < traffic.outage.from - BEAT || at >= traffic.outage.to) &&
            at <= HOUR - BEAT &&
            !hour.taken.has(idOf(lookup)),
        );
        expect(missed).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('has a fresh trace for every edge at any time, however much fails (property)', async () => {
    await fc.assert(
      fc.asyncProperty(FLOOD, async (traffic) => {
        const hour = await live(traffic);
        expect(hour.dropped).toBeGreaterThan(0);
        expect(findStale(hour, traffic.outage)).toEqual([]);
      }),
      // An hour of it takes most of a second: the example and two others, and shrinking would live through many more.
      { numRuns: 3, examples: [[STARVED]], endOnFailure: true },
    );
  }, 120_000);

  it('links exemplars to what the endpoint took, and to nothing else (property)', async () => {
    await fc.assert(
      fc.asyncProperty(TRAFFIC, async (traffic) => {
        const { linked, taken } = await live(traffic);
        expect(taken.size).toBeGreaterThan(0);
        expect([...linked].toSorted()).toEqual([...taken.keys()].toSorted());
      }),
      { numRuns: RUNS },
    );
  });

  it('never sends more than the rate allows, however much fails', async () => {
    const flood = {
      periods: [200, 250, 300],
      ratio: 1,
      rate: 4,
      errors: 900,
      slow: 0,
      outage: NO_OUTAGE,
    };
    const { taken, spans, dropped, lookups } = await live(flood);
    const sent = new Map<number, number>();
    for (const [id, at] of taken) sent.set(at, (sent.get(at) ?? 0) + (spans.get(id)?.length ?? 0));
    const total = [...sent.values()].reduce((sum, count) => sum + count, 0);
    expect(lookups.length).toBeGreaterThan(40_000);
    expect(dropped).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(flood.rate * (HOUR / SECOND + 2));
    // Half a minute, in which the burst of two seconds and the rest of a beat may fall.
    for (let begin = 0; begin < HOUR; begin += 30 * SECOND) {
      const within = [...sent].filter(([at]) => at >= begin && at < begin + 30 * SECOND);
      expect(within.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(flood.rate * 33);
    }
  }, 60_000);

  it('says what a trace stands for: ot=th on those kept by chance, and on no others', async () => {
    const traffic = {
      periods: [100, 150],
      ratio: 0.1,
      rate: 1_000,
      errors: 10,
      slow: 10,
      outage: NO_OUTAGE,
    };
    const { spans, lookups } = await live(traffic);
    const marked = [...spans.values()].filter(([root]) => root?.spanContext().traceState !== undefined);
    const weights = new Set(marked.map(([root]) => root?.spanContext().traceState?.serialize()));
    expect([...weights]).toEqual(['ot=th:e6666']);
    for (const [root] of marked) expect(root?.attributes['corespan.lookup.outcome']).toBe('success');
    // Each of them counts for ten, the others for themselves: together the lookups that there were.
    const told = marked.length * 10 + (spans.size - marked.length);
    expect(Math.abs(told / lookups.length - 1)).toBeLessThan(0.05);
  }, 60_000);

  it('an edge without a fresh trace would be noticed (twin)', async () => {
    const { lookups, taken } = await live({
      periods: [1_500, 1_700],
      ratio: 0,
      rate: 100,
      errors: 0,
      slow: 0,
      outage: NO_OUTAGE,
    });
    expect(findStale({ lookups, taken }, NO_OUTAGE)).toEqual([]);
    const [, lost] = [...taken].filter(([id]) =>
      lookups.some(({ edge, lookup }) => edge === 1 && idOf(lookup) === id),
    );
    const without = new Map([...taken].filter(([id]) => id !== lost?.[0]));
    expect(findStale({ lookups, taken: without }, NO_OUTAGE)[0]).toMatch(/^edge 1 at \d+: 6[01]\d\d\d ms$/);
  });
});
