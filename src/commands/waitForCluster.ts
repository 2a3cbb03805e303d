/** Waits for the complete state of a live cluster before a log is replayed, and says for what. */
import type { Self } from '../self/self.ts';
import type { Cluster } from './cluster.ts';
import type { World } from './command.ts';
import { createProgressLine } from './progress.ts';

export interface ClusterWait {
  readonly world: Pick<World, 'err' | 'isTerminal' | 'now' | 'stopped'>;
  readonly self: Pick<Self, 'log'>;
  readonly cluster: Cluster;
  /** Milliseconds, most. */
  readonly timeout: number;
}

/** Milliseconds between two looks, and until the first: most servers have told everything by then. */
const TELL_EVERY = 1_000;

/** What is missing when the wait ends, nothing in the best case; or that somebody has ended it. */
export async function waitForCluster(wait: ClusterWait): Promise<readonly string[] | 'stopped'> {
  const { world, self, cluster, timeout } = wait;
  const telling = startTelling(wait);
  const stopped = world.stopped.then(() => 'stopped' as const);
  const end = await Promise.race([cluster.synced(timeout), stopped]);
  telling.end();
  if (end === 'stopped') return end;
  if (end) return [];
  const missing = cluster.waitingFor();
  self.log.warn('The cluster is not complete yet, some clients stay unnamed', {
    waitingFor: missing.join(', '),
  });
  return missing;
}

/** On a terminal how long it has been waiting; elsewhere once that it waits. */
function startTelling({ world, self, cluster, timeout }: ClusterWait): { readonly end: () => void } {
  const line = createProgressLine(world);
  const started = world.now();
  let isTold = false;

  function tell(): void {
    const waitingFor = cluster.waitingFor().join(', ');
    const seconds = Math.round((world.now() - started) / 1e3);
    line.show(`waiting for the API server (${waitingFor}): ${seconds} of ${timeout / 1e3} s`);
    if (!world.isTerminal && !isTold)
      self.log.info('Waiting for the API server', { waitingFor, seconds: timeout / 1e3 });
    isTold = true;
  }

  const timer = setInterval(tell, TELL_EVERY);
  return {
    end() {
      clearInterval(timer);
      line.end();
    },
  };
}
