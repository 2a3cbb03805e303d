/** RFC 3339 to milliseconds, without losing what comes after them. */
import { expect, test } from 'vitest';
import { parseTime } from '../../src/kube/times.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

test.each([
  ['2026-11-21T12:00:00Z', NOON],
  ['2026-11-21T12:00:00.426020296Z', NOON + 426.020296],
  ['2026-11-21T13:00:00.5+01:00', NOON + 500],
  ['2026-11-21T12:00:00', undefined],
  ['2026-13-21T12:00:00Z', undefined],
  ['yesterday', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s', (text, time) => {
  if (time === undefined) expect(parseTime(text)).toBeUndefined();
  else expect(parseTime(text)).toBeCloseTo(time, 3);
});
