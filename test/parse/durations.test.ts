/** Durations become whole nanoseconds, rounded half up from the decimal text. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toNanoseconds } from '../../src/parse/durations.ts';

describe('toNanoseconds', () => {
  test.each<[string, number]>([
    ['0s', 0],
    ['0.00010936s', 109_360],
    ['6.008535076s', 6_008_535_076],
    ['2.2718096660000002s', 2_271_809_666],
    ['1.4999999999999998s', 1_500_000_000],
    ['0.0000000005s', 1],
    ['0.00000000049s', 0],
    ['102.2µs', 102_200],
    ['102.2μs', 102_200],
    ['102.2us', 102_200],
    ['1.5ms', 1_500_000],
    ['350ns', 350],
    ['2.1s', 2_100_000_000],
    ['1m2.5s', 62_500_000_000],
    ['9007199.254740991s', Number.MAX_SAFE_INTEGER],
  ])('%s', (text, nanoseconds) => {
    expect(toNanoseconds(text)).toBe(nanoseconds);
  });

  test.each(['', 's', '1', '.5s', '1.s', '1.5m', '-1s', '1e-5s', '1s ', ' 1s', '1h', '9007199.254740992s'])(
    'no duration: %j',
    (text) => {
      expect(toNanoseconds(text)).toBeUndefined();
    },
  );

  test('what CoreDNS prints of a duration gives the duration back', () => {
    const nanoseconds = fc.integer({ min: 1000, max: 600_000_000_000 });
    fc.assert(
      fc.property(nanoseconds, (ns) => {
        // Go's Duration.Seconds adds both parts as floats; JavaScript prints the shortest text as Go does.
        const seconds = Math.floor(ns / 1e9) + (ns % 1e9) / 1e9;
        expect(toNanoseconds(`${seconds}s`)).toBe(ns);
      }),
      // Rounding goes wrong for few numbers, and a run takes microseconds.
      { numRuns: 20_000 },
    );
  });
});
