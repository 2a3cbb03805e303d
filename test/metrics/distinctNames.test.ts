import { expect, it } from 'vitest';
import { createDistinctNames } from '../../src/metrics/distinctNames.ts';

it.each([0, 1, 10, 100, 1_000, 100_000])('estimates %d names within three standard errors', (count) => {
  const names = createDistinctNames();
  for (let n = 0; n < count; n++) {
    names.add(`host-${n}.example.org.`, 0);
    names.add(`host-${n}.example.org.`, 0);
  }
  expect(Math.abs(names.estimate(0) - count)).toBeLessThanOrEqual(Math.ceil(count * 3 * 0.065));
});

it('forgets what was asked more than 20 minutes ago', () => {
  const names = createDistinctNames();
  const minutes = (count: number): number => count * 60_000;
  names.add('a.', minutes(0));
  names.add('b.', minutes(11));
  expect([11, 21, 31].map((at) => names.estimate(minutes(at)))).toEqual([2, 1, 0]);
});
