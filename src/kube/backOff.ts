/** How long a reflector waits before its next call. */
import { between, type Clock } from './clock.ts';
import type { Step } from './decisions.ts';

/** Milliseconds; full jitter between 0 and a bound that doubles from the first to the last. */
const FIRST = 800;
const LAST = 30_000;
const JITTER = 500;
/** A resource that may not be read: five to ten minutes, since thousands of nodes may ask. */
const REST = 300_000;
/** A server that asks for more is not obeyed: the watch would be blind. */
const MAX_RETRY_AFTER = 300_000;

/** Milliseconds; `retryAfter` is what the server asked for, and is the least that a back-off waits. */
export function toDelay(
  step: Pick<Step, 'wait' | 'failures'>,
  retryAfter: number | undefined,
  clock: Clock,
): number {
  switch (step.wait) {
    case 'none':
      return 0;
    case 'jitter':
      return between(clock, 0, JITTER);
    case 'back_off': {
      const bound = Math.min(LAST, FIRST * 2 ** Math.min(step.failures - 1, 10));
      return Math.min(retryAfter ?? 0, MAX_RETRY_AFTER) + between(clock, 0, bound);
    }
    case 'rest':
      return between(clock, REST, 2 * REST);
  }
}
