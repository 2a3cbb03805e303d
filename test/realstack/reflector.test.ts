/**
 * The watch of the real API server, whatever happens to it: afterwards the index equals a fresh LIST, and meanwhile
 * the metrics said how things stood. Time that only waits is skipped on the watch's own clock; the server is really
 * away, its database really older.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type RealCluster, startCluster } from './cluster.ts';
import { ETCD } from './controlPlaneFlags.ts';
import { fetchIn } from './doors.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { type Account, createAccount } from './reflectorAccount.ts';
import { compareWithList, nameClient, toIndex } from './reflectorIndex.ts';
import { createPodObjects, forEach, type PodObjects } from './reflectorPods.ts';
import { expectStanding, NEEDED, type RealWatch, startRealWatch } from './reflectorWatch.ts';
import { toRunFolder } from './runs.ts';
import { tellEach } from './tell.ts';
import { until } from './until.ts';

/** CoreDNS's service account may not read nodes, which is known as soon as the server says so. */
const ASKED = ['endpointslices', 'node_caches', 'nodes', 'pods', 'services'];
const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

/** For what takes half a minute where nothing else runs: eight times that was seen beside other loads. */
const PATIENTLY = { timeout: 600_000 };

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('the reflector and the real API server', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;
  let account: Account;
  let pods: PodObjects;
  let watch: RealWatch;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('reflector'), log: () => {} });
    await cluster.addNamespace('shop');
    await cluster.addService({ namespace: 'shop', name: 'web', clusterIP: '10.96.0.20' });
    account = await createAccount(cluster);
    pods = createPodObjects(cluster.api, 'shop');
    await pods.run('first', '10.244.1.10');
  });

  afterEach(() => watch?.stop());
  afterAll(() => cluster?.stop());
  tellEach(() => `${watch.changes.length} changes, ${watch.index.objects.size} objects`);

  async function start(): Promise<RealWatch> {
    watch = await startRealWatch({ api: cluster.api, namespace: cluster.network.controlPlane, account });
    return watch;
  }

  function failuresOf(name: string): number {
    return watch.self.count('corespan_watch_restarts_total', name, 'unreachable');
  }

  function ageOf(name: string): number {
    return watch.gauges('corespan_watch_age_seconds')[name] ?? Number.NaN;
  }

  /** Waits ten times as fast as time passes: an answer that is on its way has three seconds still. */
  async function untilSkipping(what: string, isSo: () => boolean): Promise<void> {
    const look = (): true | undefined => {
      watch.clock.skip(1_000);
      return isSo() || undefined;
    };
    await until(what, look, { every: 100 });
  }

  async function startSynced(): Promise<RealWatch> {
    const started = await start();
    await started.untilEqual();
    return started;
  }

  test('down from the start: cold and without an age until it is there, then complete', async () => {
    const { apiServer } = cluster.controlPlane;
    await apiServer.stop(0);
    const { clock, gauges, index, restarts } = await start();
    clock.skip(60_000);
    await until('every watch to have tried', () => restarts('unreachable') >= ASKED.length || undefined);
    expect(watch.waitingFor().toSorted()).toEqual(ASKED);
    expect(gauges('corespan_watch_synced')).toEqual(each(0, ASKED));
    expect(gauges('corespan_watch_age_seconds')).toEqual({});
    expect(nameClient(index, '10.244.1.10', clock.now())).toBe('cold');

    await apiServer.start();
    await watch.untilEqual({ skipping: 1_000 });
    expectStanding(watch, { synced: 1, olderThan: 0 });
    expect(Object.keys(gauges('corespan_watch_age_seconds')).toSorted()).toEqual(NEEDED);
    expect(nameClient(index, '10.244.1.10', clock.now())).toBe('shop/first');
    // Whole states came as streams.
    expect(restarts('watch_list_refused')).toBe(0);
    expect(watch.self.count('corespan_watch_events_total', 'pods', 'BOOKMARK')).toBeGreaterThan(0);
  });

  test('away for a minute: what is known stays in use, and its age is told', async () => {
    const { clock, index, restarts } = await startSynced();
    await cluster.controlPlane.apiServer.stop(0);
    clock.skip(60_000);
    await until('every watch to notice', () => restarts('unreachable') >= NEEDED.length || undefined);
    expect(watch.isSynced()).toBe(true);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    expect(nameClient(index, '10.244.1.10', clock.now())).toBe('shop/first');

    // Nodes, which it may not read, are asked for again now and then: no answer is no news.
    clock.skip(900_000);
    await until('nodes to be asked for', () => failuresOf('nodes') > 0 || undefined);
    expect(watch.waitingFor()).toEqual([]);
    expectStanding(watch, { synced: 1, olderThan: 960 });

    watch.door.shut();
    await cluster.controlPlane.apiServer.start();
    await pods.run('second', '10.244.1.11');
    await pods.remove('second');
    await pods.run('third', '10.244.1.11');
    expect(await compareWithList(index, cluster.api, clock.now())).not.toEqual([]);
    watch.door.open();
    await watch.untilEqual({ skipping: 1_000 });
    expect(nameClient(index, '10.244.1.11', clock.now())).toBe('shop/third');
    await pods.run('fourth', '10.244.1.18');
    await until('the age to begin anew', () => ageOf('pods') < 5 || undefined);
  });

  test('cut off from a server that goes on: what happened meanwhile is told change by change', async () => {
    await pods.run('ending', '10.244.1.19');
    const { changes, clock, door, index, replaced } = await startSynced();
    const states = replaced();
    door.shut();
    await pods.run('missed', '10.244.1.12');
    await pods.remove('ending');
    clock.skip(60_000);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    door.open();
    await watch.untilEqual({ skipping: 1_000 });
    expect(replaced()).toBe(states);

    // The comparison sees whatever single change is missing.
    const losses = [
      changes.findLast((change) => change.type === 'put' && change.object.name === 'missed'),
      changes.findLast((change) => change.type === 'delete' && change.object.name === 'ending'),
      changes.find((change) => change.type === 'replace' && change.resource === 'pods'),
    ];
    for (const lost of losses) {
      expect(lost).toBeDefined();
      const blind = toIndex(changes.filter((change) => change !== lost));
      expect(await compareWithList(blind, cluster.api, clock.now())).not.toEqual([]);
    }
    expect(await compareWithList(index, cluster.api, clock.now())).toEqual([]);
  });

  test('a connection that says nothing any more is given up, and nothing is lost', async () => {
    const { clock, door, restarts, replaced } = await startSynced();
    const states = replaced();
    door.mute();
    await pods.run('unheard', '10.244.1.13');
    // Nobody knows yet that it is dead; that it has been quiet is told all the same.
    clock.skip(60_000);
    expect(restarts('silence')).toBe(0);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    clock.skip(60_000);
    await watch.untilEqual({ skipping: 100 });
    expect(restarts('silence')).toBeGreaterThanOrEqual(NEEDED.length);
    expect(replaced()).toBe(states);
  });

  test('compacted and restarted: 410 in the stream, and the state anew', async () => {
    await pods.run('over', '10.244.1.23');
    const { clock, door, restarts } = await startSynced();
    door.shut();
    const { metadata } = await pods.run('compacted', '10.244.1.14');
    await pods.remove('over');
    await compact(cluster, metadata.resourceVersion ?? '');
    await cluster.controlPlane.apiServer.stop(0);
    await cluster.controlPlane.apiServer.start();
    clock.skip(60_000);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    door.open();
    await watch.untilEqual({ skipping: 1_000 });
    expect(restarts('expired')).toBeGreaterThan(0);
    expect(watch.self.count('corespan_watch_events_total', 'pods', 'ERROR')).toBeGreaterThan(0);
    expect(nameClient(watch.index, '10.244.1.23', clock.now())).toBe('stale');
  });

  test(
    'a database of the past: the version at hand is of the future, which nobody says',
    PATIENTLY,
    async () => {
      const { apiServer, etcd } = cluster.controlPlane;
      const data = join(cluster.runFolder, 'control-plane/etcd');
      await pods.run('kept', '10.244.1.20');
      await etcd.stop();
      cpSync(data, `${data}.copy`, { recursive: true });
      await etcd.start();
      await cluster.controlPlane.untilReady();
      const { clock, restarts, index } = await startSynced();
      await forEach(100, (n) => pods.run(`undone-${n}`, `10.244.3.${n}`));
      await pods.remove('kept');
      await watch.untilEqual();
      expect(nameClient(index, '10.244.3.0', clock.now())).toBe('shop/undone-0');

      await apiServer.stop(0);
      await etcd.stop(0);
      rmSync(data, { recursive: true });
      cpSync(`${data}.copy`, data, { recursive: true });
      await etcd.start();
      await apiServer.start();
      expect(await compareWithList(index, cluster.api, clock.now())).not.toEqual([]);
      // A server that has just been started knows nobody's rights yet.
      await untilSkipping('every watch to be accepted', watch.isSynced);
      clock.skip(60_000);
      // The others' versions are not of the future: the server that starts has gone beyond them.
      expectStanding(watch, { synced: 1, olderThan: 60, of: ['pods'] });
      // Two watches without a word of at least 90 seconds each.
      await watch.untilEqual({ skipping: 1_000, within: 180_000 });
      expect(restarts('version_ahead')).toBeGreaterThan(0);
      expect(nameClient(index, '10.244.1.20', clock.now())).toBe('shop/kept');
      expectStanding(watch, { synced: 1, olderThan: 0 });
    },
  );

  test('rights revoked: said at once, the state stays in use; given back: complete', async () => {
    await pods.run('seen', '10.244.1.21');
    const { clock, door, index, restarts } = await startSynced();
    const binding = await cluster.api.get(`${BINDING}/system:coredns`);
    await cluster.api.delete(`${BINDING}/system:coredns`);
    await until('the rights to be gone', async () => !(await account.isAllowed()) || undefined);
    door.cut();
    await untilSkipping('every watch to be refused', () => watch.waitingFor().length === NEEDED.length);
    clock.skip(60_000);
    expect(watch.waitingFor().toSorted()).toEqual(NEEDED.map((name) => `${name} (forbidden)`));
    expect(watch.isSynced()).toBe(false);
    expectStanding(watch, { synced: 0, olderThan: 60 });
    expect(restarts('forbidden')).toBeGreaterThanOrEqual(NEEDED.length);
    expect(nameClient(index, '10.244.1.21', clock.now())).toBe('shop/seen');

    await pods.run('unseen', '10.244.1.15');
    await cluster.api.create(BINDING, {
      ...binding,
      metadata: { name: 'system:coredns' },
    });
    await watch.untilEqual({ skipping: 1_000 });
    expectStanding(watch, { synced: 1, olderThan: 0 });
  });

  test('a token that is worth nothing any more: the next one is read from the file', async () => {
    await pods.run('seen-too', '10.244.1.22');
    const { clock, door, index, restarts } = await startSynced();
    await account.replaceAccount();
    // The server remembers for ten seconds whom a token belongs to.
    await until('the token to be worthless', async () => !(await account.isKnown()) || undefined, {
      every: 250,
    });
    door.cut();
    await untilSkipping('every watch to be refused', () => restarts('unauthorized') >= NEEDED.length);
    clock.skip(60_000);
    expect(watch.isSynced()).toBe(true);
    expectStanding(watch, { synced: 1, olderThan: 60 });
    expect(nameClient(index, '10.244.1.22', clock.now())).toBe('shop/seen-too');
    await pods.run('unseen-too', '10.244.1.16');

    await account.renewToken();
    await watch.untilEqual({ skipping: 1_000 });
    expectStanding(watch, { synced: 1, olderThan: 0 });
  });

  test('5,000 pods come, go and hand their addresses on', PATIENTLY, async () => {
    const { clock, door, index } = await startSynced();
    const addressOf = (n: number) => `10.100.${n >> 8}.${n & 255}`;
    await forEach(5_000, async (n) => {
      await pods.run(`many-${n}`, addressOf(n));
      if (n % 1_000 !== 999) return;
      door.cut();
      expectStanding(watch, { synced: 1, olderThan: 0 });
    });
    await forEach(1_000, async (n) => {
      await pods.remove(`many-${n}`);
      await pods.run(`next-${n}`, addressOf(n));
      await pods.finish(`many-${1_000 + n}`);
      if (n % 250 === 249) door.cut();
    });
    await watch.untilEqual({ skipping: 1_000, every: 1_000, within: 180_000 });
    expect(index.objects.size).toBeGreaterThan(4_000);
    expect(nameClient(index, addressOf(1), clock.now())).toBe('shop/next-1');
    expect(nameClient(index, addressOf(1_001), clock.now())).toBe('stale');
    expect(nameClient(index, addressOf(4_999), clock.now())).toBe('shop/many-4999');
  });

  test('a server that does not stream whole states: they are listed, page by page', async () => {
    const { apiServer } = cluster.controlPlane;
    await apiServer.stop(0);
    await apiServer.start(['--feature-gates=WatchList=false']);
    const { changes, replaced, restarts } = await startSynced();
    expectStanding(watch, { synced: 1, olderThan: 0 });
    expect(restarts('watch_list_refused')).toBeGreaterThan(0);
    const first = changes.find((change) => change.type === 'replace' && change.resource === 'pods');
    expect(first?.type === 'replace' ? first.objects.length : 0).toBeGreaterThan(4_000);
    const states = replaced();
    await pods.run('listed', '10.244.1.17');
    await watch.untilEqual();
    expect(replaced()).toBe(states);
  });
});

/** What happened up to this version is forgotten. */
async function compact(cluster: RealCluster, revision: string): Promise<void> {
  const post = { method: 'POST', body: JSON.stringify({ revision }) };
  const { status } = await fetchIn(cluster.network.controlPlane, `${ETCD}/v3/kv/compaction`, post);
  expect(status).toBe(200);
}

function each(value: number, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
