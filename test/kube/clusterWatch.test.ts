/** All resources together: what is asked for, when they count as synced, and that two pod watches are one account. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClusterWatch, createClusterWatch } from '../../src/kube/clusterWatch.ts';
import { type Change, RESOURCES } from '../../src/kube/objects.ts';
import { createPodChanges } from '../../src/kube/podChanges.ts';
import { toClusterObject } from '../../src/kube/project.ts';
import { readRecording } from '../../src/kube/recording.ts';
import type { ApiServer } from '../support/apiServer.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';
import { createTestSelf, metric, openCredentials, startApi, toPod, toText, until } from './harness.ts';

const NODE_CACHE = { labels: { 'k8s-app': 'node-local-dns' }, spec: { hostNetwork: true } };

interface Watched {
  readonly cluster: ClusterWatch;
  readonly clock: FakeClock;
  readonly changes: readonly Change[];
  readonly self: ReturnType<typeof createTestSelf>['self'];
}

function watchCluster(api: ApiServer, nodeName?: string): Watched {
  const clock = createFakeClock({ random: 0 });
  const { self } = createTestSelf();
  const cluster = createClusterWatch({ credentials: openCredentials(api.url), nodeName, clock }, self.kube);
  onTestFinished(() => cluster.stop());
  const changes: Change[] = [];
  cluster.start((change) => changes.push(change));
  return { cluster, clock, changes, self };
}

function selectorsOf(api: ApiServer): string[] {
  return api.calls
    .map(({ resource, query }) =>
      [resource, query['fieldSelector'], query['labelSelector']].filter(Boolean).join(' '),
    )
    .toSorted();
}

describe('what is asked for', () => {
  test('beside CoreDNS: pods with an address of their own, and where the node caches run', async () => {
    const api = await startApi();
    const { cluster } = watchCluster(api);
    await until(() => cluster.isSynced(), 'the complete state');
    expect(selectorsOf(api)).toEqual([
      'endpointslices',
      'nodes',
      'pods k8s-app=node-local-dns',
      'pods status.phase!=Succeeded,status.phase!=Failed,spec.hostNetwork=false',
      'services',
    ]);
    expect(api.calls.every(({ kind }) => kind === 'watch_list')).toBe(true);
  });

  test('beside a node cache: all pods of the node', async () => {
    const api = await startApi();
    api.put('pods', toPod('web'));
    api.put('pods', toPod('far', { spec: { nodeName: 'node2' } }));
    api.put('pods', toPod('node-local-dns', NODE_CACHE));
    const { cluster, changes } = watchCluster(api, 'node1');
    await until(() => cluster.isSynced(), 'the complete state');
    expect(selectorsOf(api).filter((selector) => selector.startsWith('pods'))).toEqual([
      'pods spec.nodeName=node1',
    ]);
    expect(changes.map(toText)).toContain('replace web,node-local-dns');
  });
});

describe('synced', () => {
  test('once every resource that is needed has told its complete state', async () => {
    const api = await startApi();
    api.behaviour.forbidden = new Set(['nodes']);
    api.fail('services', { kind: 'stream', lines: [], ending: 'never' });
    const { cluster, clock, changes, self } = watchCluster(api);
    await until(() => cluster.waitingFor().length === 1, 'all but one');
    expect(cluster.waitingFor()).toEqual(['services']);
    expect(cluster.isSynced()).toBe(false);

    await until(() => clock.waits.includes(60_000), 'the time for the initial state');
    clock.advance(60_000);
    await until(() => cluster.isSynced(), 'the complete state');
    expect(cluster.waitingFor()).toEqual([]);
    expect(new Set(changes.flatMap((change) => (change.type === 'replace' ? change.resource : [])))).toEqual(
      new Set(['pods', 'services', 'endpointslices']),
    );
    expect(metric(self, 'corespan_watch_synced').toSorted()).toEqual([
      'endpointslices 1',
      'node_caches 1',
      'pods 1',
      'services 1',
    ]);
  });

  test('not while a resource that is needed is forbidden', async () => {
    const api = await startApi();
    api.behaviour.forbidden = new Set(['services', 'nodes']);
    const { cluster } = watchCluster(api);
    await until(() => cluster.waitingFor().join() === 'services (forbidden)', 'the refusal');
    expect(cluster.isSynced()).toBe(false);
  });

  test('a refusal of WatchList by one resource spares the next relist of the others', async () => {
    const api = await startApi();
    const { cluster, clock } = watchCluster(api);
    await until(() => cluster.isSynced(), 'the complete state');
    await until(() => clock.waits.filter((ms) => ms === 90_000).length === 5, 'five streams');
    api.behaviour.watchList = 'refused';
    api.compact();
    const kindsOf = (resource: string) =>
      api.calls.filter((call) => call.resource === resource).map(({ kind }) => kind);
    api.end('services');
    await until(() => kindsOf('services').length === 5, 'the relist of services');
    api.end('endpointslices');
    await until(() => kindsOf('endpointslices').length === 4, 'the relist of endpointslices');
    expect(kindsOf('services')).toEqual(['watch_list', 'watch', 'watch_list', 'list', 'watch']);
    expect(kindsOf('endpointslices')).toEqual(['watch_list', 'watch', 'list', 'watch']);
  });

  test('stop closes every stream, at once and for good', async () => {
    const api = await startApi();
    const { cluster, clock, changes } = watchCluster(api);
    await until(() => cluster.isSynced(), 'the complete state');
    cluster.stop();
    cluster.stop();
    const open = () => RESOURCES.reduce((sum, resource) => sum + api.streams(resource), 0);
    await until(() => open() === 0 && clock.waits.length === 0, 'the end of everything');
    const { length } = changes;
    api.put('pods', toPod('late'));
    expect(changes).toHaveLength(length);
  });
});

describe('two watches, one account of pods', () => {
  test('a relist of either forgets nobody of the other', async () => {
    const api = await startApi();
    api.put('pods', toPod('web'));
    api.put('pods', toPod('cache-1', NODE_CACHE));
    const { cluster, changes } = watchCluster(api);
    await until(() => cluster.isSynced(), 'the complete state');
    const { length } = changes;
    api.compact();
    api.end('pods');
    api.remove('pods', 'shop/cache-1');
    api.put('pods', toPod('cache-2', NODE_CACHE));
    await until(() => changes.map(toText).includes('put cache-2'), 'the relist of the caches');
    await until(
      () => changes.slice(length).some(({ type }) => type === 'replace'),
      'the relist of the others',
    );

    /** As a consumer keeps account. */
    const present = new Set<string>();
    for (const change of changes) {
      if (change.type === 'put') present.add(change.object.name);
      else if (change.type === 'delete') present.delete(change.object.name);
      else if (change.resource === 'pods') {
        present.clear();
        for (const { name } of change.objects) present.add(name);
      }
    }
    expect([...present].toSorted()).toEqual(['cache-2', 'web']);
  });

  test('the caches are told one by one, and are in every complete state of the others', () => {
    const told: string[] = [];
    const changes = createPodChanges((change) => told.push(toText(change)));
    const [web, one, two] = ['web', 'one', 'two'].map((name) => toClusterObject('pods', toPod(name)));
    if (!web || !one || !two) throw new Error('there are three');
    const replace = (...objects: (typeof web)[]): Change => ({
      type: 'replace',
      at: 1,
      resource: 'pods',
      objects,
    });
    changes.caches(replace(one));
    changes.main(replace(web));
    changes.caches({ type: 'put', at: 2, object: two });
    changes.main(replace());
    changes.caches({ type: 'delete', at: 3, object: one });
    changes.main({ type: 'delete', at: 3, object: web });
    changes.main(replace(web));
    changes.caches(replace(two));
    changes.caches(replace());
    expect(told).toEqual([
      'put one',
      'replace web,one',
      'put two',
      'replace one,two',
      'delete one',
      'delete web',
      'replace web,two',
      'put two',
      'delete two',
    ]);
  });
});

test('a stream that a real API server wrote is told as its recording tells it', async () => {
  const folder = fileURLToPath(new URL('../fixtures/day/cluster', import.meta.url));
  const recording = readRecording(folder);
  if ('problems' in recording) throw new Error(recording.problems.join());
  const lines = readFileSync(`${folder}/events.jsonl`, 'utf8').trim().split('\n');
  const api = await startApi();
  for (const resource of ['pods', 'services', 'endpointslices'] as const) {
    const stream = lines.filter((line) => line.includes(`"resource":"${resource}"`)).map(toStreamLine);
    api.fail(resource, { kind: 'stream', lines: stream, ending: 'never' });
  }
  const { cluster, changes } = watchCluster(api, 'node1');
  for (const resource of ['pods', 'services', 'endpointslices'] as const) {
    const isOf = (change: Change) =>
      (change.type === 'replace' ? change.resource : change.object.resource) === resource;
    const told = recording.changes.filter(isOf).map(withoutTime);
    expect(told.length).toBeGreaterThan(5);
    await until(() => changes.filter(isOf).length === told.length, `${told.length} changes of ${resource}`);
    expect(changes.filter(isOf).map(withoutTime)).toEqual(told);
  }
  await until(() => cluster.isSynced(), 'the complete state');
});

function toStreamLine(line: string): string {
  const { type, object } = JSON.parse(line) as { type: string; object: unknown };
  return JSON.stringify({ type, object });
}

function withoutTime(change: Change): Change {
  return { ...change, at: 0 };
}
