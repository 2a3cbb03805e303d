/** What a line costs does not grow with what there is: a generous guard, in CPU time and in turns; figures are the benchmark's. */
import { expect, test } from 'vitest';
import { GROWTHS, type Growth, measureGrowth } from './growthRuns.ts';

/** A search through all there is would cost 50 times as much; four times as much was seen of pods, on a busy machine. */
const MOST = 6;

test.each(Object.keys(GROWTHS) as Growth[])(
  'a line costs about the same with 100 times as many %s',
  { timeout: 120_000 },
  async (growth) => {
    expect(await measureGrowth(growth, { lines: 10_000, rounds: 3 })).toBeLessThan(MOST);
  },
);
