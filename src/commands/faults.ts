/** Faults of our own: in a DNS pod a bug is said and counted, and the rest goes on. */
import type { Self } from '../self/self.ts';
import { toStackText } from '../text/errors.ts';

/** Takes what nobody expected to be thrown. */
export type Faults = (error: unknown) => void;

export function createFaults({ registry, log }: Self): Faults {
  const count = registry.cell('corespan_faults_total');
  return (error) => {
    count.value++;
    log.often('error', 'Something in corespan failed; it goes on', { error: toStackText(error) });
  };
}
