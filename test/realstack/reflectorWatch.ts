/** corespan's watch of the real API server, in this process: as `run` makes it, with its index and metrics at hand. */
import { expect } from 'vitest';
import { createClusterWatch } from '../../src/kube/clusterWatch.ts';
import type { Change } from '../../src/kube/objects.ts';
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';
import type { Api } from './api.ts';
import type { Account } from './reflectorAccount.ts';
import { createSkippingClock, type SkippingClock } from './reflectorClock.ts';
import { type ApiDoor, openApiDoor } from './reflectorDoor.ts';
import { compareWithList, createIndex, type Index } from './reflectorIndex.ts';
import { type Patience, until } from './until.ts';

export interface RealWatch {
  readonly clock: SkippingClock;
  readonly door: ApiDoor;
  readonly index: Index;
  readonly changes: readonly Change[];
  readonly self: TestSelf;
  isSynced(): boolean;
  waitingFor(): readonly string[];
  /** The gauge of every watch that has it. */
  gauges(name: SelfMetricName): Readonly<Record<string, number>>;
  /** How often watches began anew for this reason, since the start. */
  restarts(reason: string): number;
  /** Whole states told so far. */
  replaced(): number;
  /** Resolves once all needed resources are complete and the index equals a LIST made after that. */
  untilEqual(patience?: WatchPatience): Promise<void>;
  stop(): Promise<void>;
}

/** What corespan cannot do without, as its watches are called. */
export const NEEDED = ['endpointslices', 'node_caches', 'pods', 'services'] as const;

export interface Standing {
  /** Whether a complete state is in use. */
  readonly synced: 0 | 1;
  /** Seconds; 0: it has an age. */
  readonly olderThan: number;
  /** Whose age it is; all that are needed unless given. */
  readonly of?: readonly string[];
}

/** What metrics say of the watch right now: whether there is a state, and how old it is at least. */
export function expectStanding({ gauges }: RealWatch, { synced, olderThan, of = NEEDED }: Standing): void {
  expect(gauges('corespan_watch_synced')).toEqual(Object.fromEntries(NEEDED.map((name) => [name, synced])));
  const ages = gauges('corespan_watch_age_seconds');
  for (const name of of) expect(ages[name], `age of ${name}`).toBeGreaterThanOrEqual(olderThan);
}

interface WatchPatience extends Patience {
  /** Milliseconds skipped before each look: back-offs take no time then. */
  readonly skipping?: number;
}

export async function startRealWatch(place: {
  readonly api: Api;
  readonly namespace: string;
  readonly account: Account;
}): Promise<RealWatch> {
  const clock = createSkippingClock();
  const door = await openApiDoor(place.namespace);
  const self = createTestSelf();
  const credentials = place.account.toCredentials(door.port, clock.now);
  const watch = createClusterWatch({ credentials, nodeName: undefined, clock }, self.kube);
  const index = createIndex();
  const changes: Change[] = [];
  watch.start((change) => {
    changes.push(change);
    index.apply(change);
  });

  return {
    clock,
    door,
    index,
    changes,
    self,
    isSynced: watch.isSynced,
    waitingFor: watch.waitingFor,
    gauges: (name) =>
      Object.fromEntries(self.registry.samples(name).map(({ labels, value }) => [labels[0] ?? '', value])),
    restarts: (reason) =>
      self.registry
        .samples('corespan_watch_restarts_total')
        .filter(({ labels }) => labels[1] === reason)
        .reduce((sum, { value }) => sum + value, 0),
    replaced: () => changes.filter(({ type }) => type === 'replace').length,
    async untilEqual({ skipping = 0, ...patience } = {}) {
      async function look(): Promise<true | undefined> {
        clock.skip(skipping);
        if (!watch.isSynced()) throw new Error(`waiting for ${watch.waitingFor().join(', ')}`);
        const differences = await compareWithList(index, place.api, clock.now());
        if (differences.length === 0) return true;
        throw new Error(`${differences.length} differences: ${differences.slice(0, 5).join('; ')}`);
      }
      await until('the index to equal a LIST', look, { within: 60_000, every: 100, ...patience });
    },
    async stop() {
      watch.stop();
      await door.close();
    },
  };
}
