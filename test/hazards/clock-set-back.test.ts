/** Clocks that are set back, ahead or behind: what is open waits as long as ever, and for no time that was already. */
import { describe, expect, it } from 'vitest';
import { CONTAINER, createVolume, criLines, follow, LOG, texts } from '../sources/harness.ts';
import { findImbalances } from '../support/exposition.ts';
import { createTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { NOON } from '../support/queries.ts';

const HOUR = 3_600_000;
const WALK = ['api.pay.shop.svc.cluster.local', 'api.pay.svc.cluster.local'];

/** Lets a minute pass for a reader whose clock says `begin` now. */
function pass({ pipeline }: TestPipeline, begin: number): void {
  for (let now = begin; now <= begin + 60_000; now += 100) pipeline.tick(now);
}

it('closes what is open when the log falls back, and goes on in the earlier time', async () => {
  const all = createTestPipeline();
  const { ask, pipeline, scrape, self } = all;
  ask(['late.example.org'], { at: NOON });
  pipeline.tick(NOON + 10);
  ask(['early.example.org'], { at: NOON - HOUR + 20 });
  expect(pipeline.totals.lookups.success).toBe(1);
  ask(['later.example.org'], { at: NOON - HOUR + 1_000 });
  pass(all, NOON - HOUR + 1_010);
  expect(pipeline.totals.lookups.success).toBe(3);
  expect(self.count('corespan_clock_steps_back_total')).toBe(1);
  expect(findImbalances(await scrape(NOON + 1))).toEqual([]);
});

it('is not held up by one line of tomorrow', () => {
  const all = createTestPipeline();
  const { ask, pipeline, self } = all;
  ask(['tomorrow.example.org'], { at: NOON + 24 * HOUR });
  pass(all, NOON);
  ask(['a.example.org', 'b.example.org'], { at: NOON + 61_000 });
  pass(all, NOON + 61_100);
  expect(pipeline.totals.lookups.success).toBe(3);
  expect(pipeline.unsettled()).toEqual(new Map());
  expect(self.count('corespan_clock_steps_back_total')).toBe(1);
});

describe.each([
  { case: 'the reader’s clock is ten seconds ahead', ahead: 10_000 },
  { case: 'it is right', ahead: 0 },
  { case: 'it is an hour behind', ahead: -HOUR },
])('$case', ({ ahead }) => {
  it('keeps a walk together whose lines are read one by one, and closes it in the end', () => {
    const all = createTestPipeline();
    WALK.forEach((name, step) => {
      const at = NOON + step * 300;
      all.ask([name], { at, rcode: step === 0 ? 'NXDOMAIN' : 'NOERROR' });
      for (let later = 100; later <= 300; later += 100) all.pipeline.tick(at + later + ahead);
    });
    pass(all, NOON + 700 + ahead);
    expect(all.pipeline.totals.lookups).toEqual({ success: 1, denial: 0, error: 0 });
  });
});

it('closes nothing when the clock is slewed by less than two seconds', () => {
  const { ask, pipeline, self } = createTestPipeline();
  ask(['www.example.org'], { at: NOON });
  pipeline.tick(NOON + 20);
  ask(['www.example.net'], { at: NOON - 800 });
  expect(pipeline.totals.lookups.success).toBe(0);
  expect(self.count('corespan_clock_steps_back_total')).toBe(0);
});

it('finds what is new, and closes what is finished, while the wall clock has not caught up', () => {
  const volume = createVolume();
  const renamed = `${LOG}.20261121-110000`;
  const second = `${CONTAINER.replace('coredns-1', 'coredns-2')}/0.log`;
  volume.write(LOG, criLines(1, 3));
  const reading = follow(volume);
  reading.poll();
  volume.rename(LOG, renamed);
  volume.append(renamed, criLines(4, 4).trimEnd());
  volume.append(LOG, criLines(5, 5));
  reading.poll(2000);
  expect(reading.fresh()).toEqual([...texts(1, 3), ...texts(5, 5)]);
  volume.write(second, criLines(11, 13));
  volume.write(`${LOG}.20261121-120000`, criLines(21, 21));
  reading.poll(-HOUR);
  expect(reading.fresh().toSorted()).toEqual([...texts(11, 13), ...texts(21, 21)]);
  // A rotated log is closed when it has not grown for ten seconds: what has no line break is a line then.
  reading.poll(5000);
  expect(reading.fresh()).toEqual([]);
  reading.poll(6000);
  expect(reading.fresh()).toEqual(texts(4, 4));
});
