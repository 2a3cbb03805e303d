/** The node's clock is set back: what is open then does not wait for a time that was already. */
import { expect, it } from 'vitest';
import { findImbalances } from '../support/exposition.ts';
import { createTestPipeline } from '../support/pipeline.ts';
import { NOON } from '../support/queries.ts';

const HOUR = 3_600_000;

it('closes what is open and goes on in the earlier time', async () => {
  const { ask, pipeline, scrape, self } = createTestPipeline();
  ask(['late.example.org'], { at: NOON });
  pipeline.tick(NOON + 10);
  ask(['early.example.org'], { at: NOON - HOUR + 20 });
  pipeline.tick(NOON - HOUR + 30);
  expect(pipeline.totals.lookups.success).toBe(2);
  ask(['later.example.org'], { at: NOON - HOUR + 1_000 });
  pipeline.tick(NOON - HOUR + 60_000);
  expect(pipeline.totals.lookups.success).toBe(3);
  expect(self.count('corespan_clock_steps_back_total')).toBe(1);
  expect(findImbalances(await scrape(NOON + 1))).toEqual([]);
});

it('closes nothing when the clock is slewed by less than a second', () => {
  const { ask, pipeline, self } = createTestPipeline();
  ask(['www.example.org'], { at: NOON });
  pipeline.tick(NOON + 20);
  pipeline.tick(NOON - 800);
  expect(pipeline.totals.lookups.success).toBe(0);
  expect(self.count('corespan_clock_steps_back_total')).toBe(0);
});
