/** A bug in one stage costs the record at hand: it is counted, the ledger holds, and the next line is taken. */
import { ExportResultCode } from '@opentelemetry/core';
import { expect, it, vi } from 'vitest';
import { findImbalances } from '../support/exposition.ts';
import { createTestPipeline } from '../support/pipeline.ts';
import { NOON } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const SINK = {
  export: (_: unknown, done: (result: { code: ExportResultCode }) => void) =>
    done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

function fail(): never {
  throw new Error('a bug');
}

it('gives one query up', async () => {
  const self = createTestSelf();
  const { ask, pipeline, scrape } = createTestPipeline(self);
  vi.spyOn(self.lookups, 'skipped').mockImplementationOnce(fail);
  // A chaos query of the loop plugin is skipped; three of them, then an ordinary one.
  ask(['1.2.cluster.local', '3.4.cluster.local', '5.6.cluster.local'], { at: NOON, qtype: 'HINFO' });
  ask(['www.example.org'], { at: NOON + 100 });
  pipeline.tick(NOON + 200);
  pipeline.tick(NOON + 60_000);
  await scrape(NOON + 60_000);
  expect(findImbalances(await scrape(NOON + 60_001))).toEqual([]);
  expect(self.count('corespan_dropped_total', 'queries', 'internal_error')).toBe(1);
  expect(self.count('corespan_queries_skipped_total', 'probe')).toBe(2);
  expect(pipeline.totals.queries).toBe(1);
  expect(self.messages.join('')).toContain('a bug');
});

it.each(['tick', 'finish'] as const)('gives one query up that is let go by %s', async (by) => {
  const self = createTestSelf();
  const { ask, pipeline, scrape } = createTestPipeline(self);
  vi.spyOn(self.lookups, 'skipped').mockImplementationOnce(fail);
  ask(['1.2.cluster.local', '3.4.cluster.local', '5.6.cluster.local'], { at: NOON, qtype: 'HINFO' });
  pipeline.tick(NOON + 10);
  expect(self.count('corespan_dropped_total', 'queries', 'internal_error')).toBe(0);
  if (by === 'tick') pipeline.tick(NOON + 60_000);
  else pipeline.finish();
  await scrape(NOON + 60_000);
  expect(findImbalances(await scrape(NOON + 60_001))).toEqual([]);
  expect(self.count('corespan_dropped_total', 'queries', 'internal_error')).toBe(1);
  expect(self.count('corespan_queries_skipped_total', 'probe')).toBe(2);
});

it('gives one lookup up', async () => {
  const self = createTestSelf();
  const { ask, pipeline, scrape } = createTestPipeline(self, SINK);
  vi.spyOn(self.spans, 'decided').mockImplementationOnce(fail);
  ask(['a.example.org', 'b.example.org', 'c.example.org'], { at: NOON });
  pipeline.tick(NOON + 200);
  pipeline.tick(NOON + 60_000);
  await pipeline.drain(new Promise(() => {}));
  await scrape(NOON + 60_000);
  expect(findImbalances(await scrape(NOON + 60_001))).toEqual([]);
  expect(self.count('corespan_dropped_total', 'lookups', 'internal_error')).toBe(1);
  expect(self.count('corespan_acked_total', 'spans')).toBe(2);
});

it('closes the lookups beside it', async () => {
  const self = createTestSelf();
  const { ask, pipeline, scrape } = createTestPipeline(self);
  vi.spyOn(self.lookups, 'closed').mockImplementationOnce(fail);
  ask(['a.example.org', 'b.example.org', 'c.example.org'], { at: NOON });
  pipeline.tick(NOON + 200);
  pipeline.tick(NOON + 60_000);
  await scrape(NOON + 60_000);
  expect(findImbalances(await scrape(NOON + 60_001))).toEqual([]);
  expect(pipeline.unsettled()).toEqual(new Map());
  expect(self.count('corespan_dropped_total', 'lookups', 'internal_error')).toBe(1);
  expect(pipeline.totals.lookups).toEqual({ success: 2, denial: 0, error: 0 });
});
