/** Several look at the metrics: each scraper sees every row at 0 first, and no value fall, whoever else has looked. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import { toLookup } from '../support/lookups.ts';
import { createTestPipeline } from '../support/pipeline.ts';
import { NOON, toPod, toResolved } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const PERSON = undefined;

function createRoom(): Metrics {
  const self = createTestSelf();
  return createMetrics({ graphSource: 'metrics', maxEdges: 2_000 }, self.registry, self.metrics);
}

function ask(metrics: Metrics, workload = 'web'): void {
  const client = toPod('shop', workload);
  metrics.query(toResolved({ at: 0, name: 'api.pay.svc.cluster.local' }, { client }));
  metrics.lookup(toLookup({ client_: client }));
}

async function read(metrics: Metrics, scraper: string | undefined): Promise<string> {
  let text = '';
  for await (const piece of metrics.render('openmetrics', NOON, scraper)) text += piece;
  return text;
}

/** Counters and histograms of every kind, and what is pending. */
async function totals(metrics: Metrics, scraper: string | undefined): Promise<number[]> {
  const series = parseExposition(await read(metrics, scraper));
  return [
    sumOf(series, 'traces_service_graph_request_total'),
    sumOf(series, 'traces_service_graph_request_server_seconds_count'),
    sumOf(series, 'corespan_lookups_total', { outcome: 'success' }),
    sumOf(series, 'corespan_queries_total'),
    sumOf(series, 'corespan_pending', { stage: 'metrics' }),
  ];
}

const AT_ZERO = [0, 0, 0, 0, 1];
const COUNTED = [1, 1, 1, 1, 0];

describe('the first increment of a row', () => {
  it('is held back until the scraper has seen the row at 0, so that rate() sees it', async () => {
    const metrics = createRoom();
    ask(metrics);
    const seen = [];
    for (let n = 0; n < 3; n++) seen.push(await totals(metrics, 'prometheus-0'));
    expect(seen).toEqual([AT_ZERO, COUNTED, COUNTED]);
  });

  it('is seen by both of two that are there already', async () => {
    const metrics = createRoom();
    await read(metrics, 'prometheus-0');
    await read(metrics, 'prometheus-1');
    ask(metrics);
    expect(await totals(metrics, 'prometheus-0')).toEqual(AT_ZERO);
    expect(await totals(metrics, 'prometheus-0')).toEqual(COUNTED);
    expect(await totals(metrics, 'prometheus-1')).toEqual(AT_ZERO);
    expect(await totals(metrics, 'prometheus-1')).toEqual(COUNTED);
  });

  it('is not taken by a person, who sees it at once', async () => {
    const metrics = createRoom();
    ask(metrics);
    expect(await totals(metrics, PERSON)).toEqual(COUNTED);
    expect(await totals(metrics, 'prometheus-0')).toEqual(AT_ZERO);
    expect(await totals(metrics, PERSON)).toEqual(COUNTED);
    expect(await totals(metrics, 'prometheus-0')).toEqual(COUNTED);
  });

  it('is not taken by one who looks once, before the first scrape', async () => {
    const metrics = createRoom();
    ask(metrics);
    expect(await totals(metrics, 'somebody')).toEqual(AT_ZERO);
    expect(await totals(metrics, 'prometheus-0')).toEqual(AT_ZERO);
  });

  it('is held back again after a scrape that was cut off in the middle', async () => {
    const metrics = createRoom();
    ask(metrics);
    for await (const piece of metrics.render('text', NOON, 'prometheus-0')) {
      if (piece.includes('traces_service_graph_request_total')) break;
    }
    expect(await totals(metrics, 'prometheus-0')).toEqual(AT_ZERO);
    expect(await totals(metrics, 'prometheus-0')).toEqual(COUNTED);
  });

  it('has no exemplar before it is shown', async () => {
    const metrics = createRoom();
    const lookup = toLookup();
    metrics.link(lookup, metrics.lookup(lookup), '0af7651916cd43dd8448eb211c80319c');
    expect(await read(metrics, 'prometheus-0')).not.toContain('trace_id');
    expect(await read(metrics, 'prometheus-0')).toContain('trace_id');
  });
});

describe('one who is new', () => {
  it('sees no value fall that anybody has seen: it may be an old one with a new address', async () => {
    const metrics = createRoom();
    ask(metrics);
    await read(metrics, 'prometheus at 192.0.2.1');
    expect(await totals(metrics, 'prometheus at 192.0.2.1')).toEqual(COUNTED);
    expect(await totals(metrics, 'prometheus at 192.0.2.2')).toEqual(COUNTED);
  });

  it('is what one becomes again after 64 others: nothing falls', async () => {
    const metrics = createRoom();
    ask(metrics);
    await read(metrics, 'prometheus-0');
    await read(metrics, 'prometheus-0');
    for (let n = 0; n < 1_000; n++) await metrics.render('text', NOON, `passer-by ${n}`).next();
    for (let n = 0; n < 64; n++) await read(metrics, `reader ${n}`);
    ask(metrics, 'late');
    expect(await totals(metrics, 'prometheus-0')).toEqual([1, 1, 1, 1, 1]);
    expect(await totals(metrics, 'prometheus-0')).toEqual([2, 2, 2, 2, 0]);
  });
});

it('holds for whatever comes in whatever order', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ scrape: fc.integer({ min: 0, max: 2 }), isWhole: fc.boolean() }),
  );
  let firsts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      const metrics = createRoom();
      const counted = new Map<string, number>();
      const shownToAnyone = new Set<string>();
      const lastSeen = new Map<number, Map<string, number>>();
      for (const one of steps) {
        if ('ask' in one) {
          const workload = `w${one.ask}`;
          ask(metrics, workload);
          counted.set(workload, (counted.get(workload) ?? 0) + 1);
          continue;
        }
        if (!one.isWhole) {
          await metrics.render('text', NOON, `scraper ${one.scrape}`).next();
          continue;
        }
        const before = lastSeen.get(one.scrape);
        const series = parseExposition(await read(metrics, `scraper ${one.scrape}`));
        const now = new Map<string, number>();
        for (const workload of counted.keys()) {
          const value = sumOf(series, 'corespan_lookups_total', { client_workload: workload });
          const wasShown = shownToAnyone.has(workload);
          const isHeldBack = before === undefined ? !wasShown : !before.has(workload);
          // Either 0 or all of it, and 0 exactly where it is new to this scraper.
          if (isHeldBack) firsts++;
          expect(value).toBe(isHeldBack ? 0 : counted.get(workload));
          now.set(workload, value);
        }
        for (const [workload, value] of now) if (value > 0) shownToAnyone.add(workload);
        lastSeen.set(one.scrape, now);
      }
    }),
    // Some runs hold nothing back: so many that the count below does not hang on chance.
    { numRuns: 300 },
  );
  expect(firsts).toBeGreaterThan(100);
});

it('the ledger balances in every scrape of every scraper, also where two read at once', async () => {
  const { ask: askFor, pipeline, scrape } = createTestPipeline();
  const scrapers = ['prometheus-0', 'prometheus-1', PERSON];
  const texts: string[] = [];
  for (let round = 0; round < 4; round++) {
    const qtype = ['A', 'AAAA', 'MX', 'TXT'][round] ?? 'A';
    askFor(['example.org', 'example.com'], { at: NOON + round * 10_000, qtype });
    for (const later of [100, 9_000]) pipeline.tick(NOON + round * 10_000 + later);
    // The second comes to the first row late.
    const present = round === 0 ? scrapers.slice(0, 1) : scrapers;
    texts.push(...(await Promise.all(present.map((scraper) => scrape(NOON + round * 10_000, scraper)))));
  }
  expect(texts.flatMap(findImbalances)).toEqual([]);
  const pending = texts.map((text) => sumOf(parseExposition(text), 'corespan_pending', { stage: 'metrics' }));
  expect(pending).toEqual([2, 2, 4, 0, 2, 2, 0, 2, 2, 0]);
});
