/**
 * The watch of a real API server whose etcd is too old to stream whole states (3.4.23, Debian 12): the refusal is an
 * ERROR inside a stream that began with 200, so whoever looks at the status alone asks for ever.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RealCluster, startCluster } from './cluster.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { createAccount } from './reflectorAccount.ts';
import { compareWithList, toIndex, withoutObject } from './reflectorIndex.ts';
import { createPodObjects, forEach, type PodObjects } from './reflectorPods.ts';
import { expectStanding, type RealWatch, startRealWatch } from './reflectorWatch.ts';
import { toRunFolder } from './runs.ts';
import { tellEach } from './tell.ts';

const NEEDS = { ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'etcd-server'] } as const;

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('the reflector and an API server with etcd 3.4.23', NEEDS, () => {
  let cluster: RealCluster;
  let pods: PodObjects;
  let watch: RealWatch;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('old-etcd'), log: () => {}, etcd: 'debian' });
    await cluster.addNamespace('shop');
    pods = createPodObjects(cluster.api, 'shop');
    // More than a page.
    await forEach(300, (n) => pods.run(`old-${n}`, `10.244.${1 + (n >> 8)}.${n & 255}`));
    const account = await createAccount(cluster);
    watch = await startRealWatch({ api: cluster.api, namespace: cluster.network.controlPlane, account });
  });

  afterAll(async () => {
    await watch?.stop();
    await cluster?.stop();
  });
  tellEach(() => `${watch.changes.length} changes, ${watch.index.objects.size} objects`);

  test('the state is listed instead, in pages, and changes follow', async () => {
    await watch.untilEqual();
    expectStanding(watch, { synced: 1, olderThan: 0 });
    expect(watch.restarts('watch_list_refused')).toBeGreaterThan(0);
    expect(watch.self.count('corespan_watch_events_total', 'pods', 'ERROR')).toBe(1);
    const states = watch.replaced();
    await pods.run('late', '10.244.3.1');
    await pods.remove('old-0');
    await watch.untilEqual();
    expect(watch.replaced()).toBe(states);
  });

  test('restarted: the watch goes on, and the server is not asked again for what it cannot do', async () => {
    const refusals = watch.restarts('watch_list_refused');
    await cluster.controlPlane.apiServer.stop(0);
    watch.clock.skip(60_000);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    watch.door.shut();
    await cluster.controlPlane.apiServer.start();
    await pods.run('later', '10.244.3.2');
    watch.door.open();
    await watch.untilEqual({ skipping: 1_000 });
    expect(watch.restarts('watch_list_refused')).toBe(refusals);

    const blind = toIndex(withoutObject(watch.changes, 'later'));
    expect(await compareWithList(blind, cluster.api, watch.clock.now())).not.toEqual([]);
  });
});
