/** Pauses grow from 0.8 s to 30 s, spread over their whole length, and obey the server within reason. */
import { expect, test } from 'vitest';
import { toDelay } from '../../src/kube/backOff.ts';
import { createFakeClock } from './fakeClock.ts';

const ALMOST_ONE = createFakeClock({ random: 1 });
const ZERO = createFakeClock({ random: 0 });

test.each([
  ['none', 0, 0, 0],
  ['jitter', 0, 0, 500],
  ['back_off', 1, 0, 800],
  ['back_off', 2, 0, 1600],
  ['back_off', 3, 0, 3200],
  ['back_off', 6, 0, 25_600],
  ['back_off', 7, 0, 30_000],
  ['back_off', 1_000_000, 0, 30_000],
  ['rest', 1, 300_000, 600_000],
] as const)('%s after %i failures: %i to %i ms', (wait, failures, least, most) => {
  expect(toDelay({ wait, failures }, undefined, ZERO)).toBe(least);
  expect(toDelay({ wait, failures }, undefined, ALMOST_ONE)).toBe(most);
});

test('Retry-After is the least that a back-off waits, up to five minutes', () => {
  const step = { wait: 'back_off', failures: 1 } as const;
  expect(toDelay(step, 9000, ZERO)).toBe(9000);
  expect(toDelay(step, 9000, ALMOST_ONE)).toBe(9800);
  expect(toDelay(step, 86_400_000, ZERO)).toBe(300_000);
});
