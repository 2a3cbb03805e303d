import { expect, it } from 'vitest';
import { hashOfName } from '../../src/dns/names.ts';
import { createDistinctNames } from '../../src/metrics/distinctNames.ts';

/** As programs make them up, and as a tunnel does. */
const NAMES = {
  numbered: (n: number) => `host-${n}.example.org.`,
  hex: (n: number) => `${(n * 2_654_435_761).toString(16)}.cdn.example.net.`,
  base32: (n: number) => `${(n * 2_654_435_761).toString(32)}.t.example.com.`,
  addresses: (n: number) => `${n & 255}.${n >> 8}.0.10.in-addr.arpa.`,
};

it.each(
  Object.entries(NAMES).flatMap(([says, toName]) =>
    [0, 1, 10, 100, 1_000, 50_000].map((count) => ({ says, count, toName })),
  ),
)('estimates $count $says names within three standard errors', ({ count, toName }) => {
  const names = createDistinctNames();
  for (let n = 0; n < count; n++) {
    names.add(hashOfName(toName(n)), 0);
    names.add(hashOfName(toName(n)), 0);
  }
  expect(Math.abs(names.estimate(0) - count)).toBeLessThanOrEqual(Math.ceil(count * 3 * 0.065));
});

it('forgets what was asked more than 20 minutes ago', () => {
  const names = createDistinctNames();
  const minutes = (count: number): number => count * 60_000;
  names.add(hashOfName('a.'), minutes(0));
  names.add(hashOfName('b.'), minutes(11));
  expect([11, 21, 31].map((at) => names.estimate(minutes(at)))).toEqual([2, 1, 0]);
});
