/** A first start, or one after a long outage, reads lines of hours ago: they are seen in the metrics like any other. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFaults } from '../../src/commands/faults.ts';
import { startTurns } from '../../src/commands/turns.ts';
import type { Source } from '../../src/sources/source.ts';
import { toLines } from '../parse/lines.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { createTestPipeline } from '../support/pipeline.ts';
import { NOON } from '../support/queries.ts';

const HOUR = 3_600_000;
beforeEach(() => vi.useFakeTimers({ now: NOON }));
afterEach(() => vi.useRealTimers());

it.each([0, 2 * HOUR])('lines that are %d ms old', async (age) => {
  const { pipeline, self, scrape } = createTestPipeline();
  const texts = ['a', 'b', 'c'].map(
    (name) =>
      `[INFO] 10.244.1.7:40000 - 1 "A IN ${name}.example.org. udp 40 false 512" NOERROR qr 100 0.0002s`,
  );
  const lines = toLines(texts, { timeOf: (index) => NOON - age + index * 1000 });
  let isRead = false;
  const source: Source = {
    poll(accept) {
      if (!isRead) accept(lines);
      isRead = true;
      return 'caughtUp';
    },
    save() {},
    stop() {},
  };
  const input = { pipeline, source, self, faults: createFaults(self), now: Date.now };
  const turns = startTurns({ ...input, isScraped: () => false });
  vi.advanceTimersByTime(20_000);
  await scrape(Date.now());
  const series = parseExposition(await scrape(Date.now()));
  expect(sumOf(series, 'corespan_queries_total')).toBe(3);
  expect(sumOf(series, 'corespan_lookups_total')).toBe(3);
  expect(sumOf(series, 'corespan_queries_forgotten_total')).toBe(0);
  await turns.stop(0);
});
