/** A self that writes nowhere and can be asked what it counted. */
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf, type Self } from '../../src/self/self.ts';

export interface TestSelf extends Self {
  /** Messages written so far, as JSON. */
  readonly messages: string[];
  /** The value of one series; 0 if it does not exist. */
  count(name: SelfMetricName, ...labels: string[]): number;
}

export function createTestSelf(): TestSelf {
  const messages: string[] = [];
  const log = createLog({
    level: 'debug',
    isTerminal: false,
    write: (text) => messages.push(text),
    now: () => 0,
  });
  const self = createSelf(log);
  return {
    ...self,
    messages,
    count(name, ...labels) {
      const wanted = JSON.stringify(labels);
      const sample = self.registry
        .samples(name)
        .find((candidate) => JSON.stringify(candidate.labels) === wanted);
      return sample?.value ?? 0;
    },
  };
}
