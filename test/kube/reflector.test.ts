/** The reflector from start to stop: what it tells, what it shows of itself, and how it treats those around it. */
import { describe, expect, test } from 'vitest';
import { EVERYTHING, PODS_WITH_OWN_ADDRESS } from '../../src/kube/selector.ts';
import { toLine } from '../support/apiServer.ts';
import { START } from './fakeClock.ts';
import {
  isFollowing,
  metric,
  nextVersion,
  openCredentials,
  pauseAfter,
  startApi,
  toPod,
  until,
  type Watching,
  watch,
} from './harness.ts';

test('nothing goes wrong: the whole state at once, then every change', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  api.put('pods', toPod('db'));
  const watching = watch(api);
  await isFollowing(watching);
  api.put('pods', toPod('cache'));
  api.put('pods', toPod('web'));
  api.remove('pods', 'shop/db');
  api.bookmark('pods');
  const events = () => metric(watching.self, 'corespan_watch_events_total');
  await until(() => events().includes('pods,BOOKMARK 2'), 'the bookmark');

  expect(watching.told).toEqual(['replace web,db', 'put cache', 'put web', 'delete db']);
  expect(watching.changes.map(({ at }) => at)).toEqual([START, START, START, START]);
  expect(watching.reflector.phase).toBe('synced');
  expect(api.calls.map(({ kind }) => kind)).toEqual(['watch_list']);
  expect(api.calls[0]?.query).toEqual({
    watch: 'true',
    sendInitialEvents: 'true',
    allowWatchBookmarks: 'true',
    resourceVersionMatch: 'NotOlderThan',
    resourceVersion: '',
    timeoutSeconds: '300',
  });
  expect(metric(watching.self, 'corespan_watch_synced')).toEqual(['pods 1']);
  expect(events()).toEqual(['pods,ADDED 3', 'pods,BOOKMARK 2', 'pods,MODIFIED 1', 'pods,DELETED 1']);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual([]);
  expect(watching.logged).toEqual(['The complete state of a resource is known watch=pods objects=2']);
  expect(await nextVersion(watching)).toBe('105');
});

test('a server from before 1.28: spec.hostNetwork is not selected but filtered here', async () => {
  const api = await startApi();
  api.behaviour.knowsHostNetwork = false;
  api.put('pods', toPod('web'));
  api.put('pods', toPod('kube-proxy', { spec: { hostNetwork: true } }));
  const watching = watch(api, { selector: PODS_WITH_OWN_ADDRESS });
  await isFollowing(watching);
  api.put('pods', toPod('cni', { spec: { hostNetwork: true } }));
  api.put('pods', toPod('db'));
  await until(() => watching.told.length === 2, 'the last pod');

  expect(watching.told).toEqual(['replace web', 'put db']);
  expect(api.calls.map(({ kind, query }) => [kind, query['fieldSelector']])).toEqual([
    ['watch_list', 'status.phase!=Succeeded,status.phase!=Failed,spec.hostNetwork=false'],
    ['watch_list', 'status.phase!=Succeeded,status.phase!=Failed'],
  ]);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(['pods,field_refused 1']);
});

test('a pod that finishes leaves the selector and is told as deleted, at the time of arrival', async () => {
  const api = await startApi();
  api.put('pods', toPod('job'));
  const watching = watch(api, { selector: PODS_WITH_OWN_ADDRESS });
  await isFollowing(watching);
  watching.clock.advance(5000);
  api.put('pods', toPod('job', { status: { phase: 'Succeeded' } }));
  await until(() => watching.told.length === 2, 'the end of the pod');

  const [, end] = watching.changes;
  expect(end).toMatchObject({ type: 'delete', at: START + 5000, object: { name: 'job', phase: 'Running' } });
  expect(await nextVersion(watching)).toBe('102');
});

test('two watches without a word are followed by a probe, and a version ahead of the server by a relist', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  api.put('pods', toPod('gone'));
  const watching = watch(api);
  await isFollowing(watching);
  api.end('pods');
  await until(() => api.calls.length === 2, 'the next watch');

  // The server's past: version 102 is in its future, so it tells nothing.
  api.remove('pods', 'shop/gone');
  await until(() => watching.told.length === 2, 'the deletion');
  api.restore(50);
  for (const calls of [3, 4]) {
    await isFollowing(watching);
    watching.clock.advance(90_000);
    await until(() => api.calls.length >= calls, 'the call after the silence');
  }
  await isFollowing(watching);
  watching.clock.advance(90_000);
  await until(() => watching.told.length === 3, 'the state as it is now');

  expect(api.calls.map(({ kind, query }) => [kind, query['limit']])).toEqual([
    ['watch_list', undefined],
    ['watch', undefined],
    ['watch', undefined],
    ['watch', undefined],
    ['list', '1'],
    ['watch_list', undefined],
  ]);
  expect(watching.told).toEqual(['replace web,gone', 'delete gone', 'replace web']);
  expect(await nextVersion(watching)).toBe('50');
});

test('two watches without a word on a quiet resource: the probe says that all is well', async () => {
  const api = await startApi();
  for (const name of ['shop', 'pay']) api.put('namespaces', { metadata: { name } });
  const watching = watch(api, { resource: 'namespaces' });
  await until(() => watching.told.length === 1, 'the state');
  for (const calls of [2, 3, 4]) {
    await until(() => api.streams('namespaces') === 1 && watching.clock.waits.includes(90_000), 'a stream');
    watching.clock.advance(90_000);
    await until(() => api.calls.length >= calls, 'the next call');
  }
  await until(() => api.calls.length === 5, 'the watch after the probe');
  expect(api.calls.map(({ kind }) => kind)).toEqual(['watch_list', 'watch', 'watch', 'list', 'watch']);
  expect(watching.told).toEqual(['replace shop,pay']);
  // The probe was news: nothing was missed in three silent watches.
  watching.clock.advance(5000);
  expect(metric(watching.self, 'corespan_watch_age_seconds')).toEqual(['namespaces 5']);
});

test('a 429 is obeyed: nothing is asked before Retry-After is over', async () => {
  const api = await startApi();
  const watching = watch(api);
  await isFollowing(watching);
  api.fail('pods', { kind: 'status', code: 429, headers: { 'retry-after': '7' } });
  api.end('pods');
  await until(() => watching.clock.waits.includes(7000), 'the pause');
  watching.clock.advance(6999);
  expect(api.calls).toHaveLength(2);
  expect(watching.reflector.phase).toBe('stale');
  watching.clock.advance(1);
  await isFollowing(watching);
  expect(api.calls).toHaveLength(3);
  expect(watching.reflector.phase).toBe('synced');
});

test('401: the token is read anew, and the watch goes on where it was', async () => {
  const api = await startApi();
  let token = 'old';
  let fresh = 'old';
  const credentials = {
    ...openCredentials(api.url),
    authorize: () => Promise.resolve({ headers: { authorization: `Bearer ${token}` }, tls: {} }),
    refresh() {
      token = fresh;
    },
  };
  api.behaviour.token = 'old';
  const watching = watch(api, { credentials });
  await isFollowing(watching);
  api.behaviour.token = 'new';
  fresh = 'new';
  api.end('pods');
  api.put('pods', toPod('late'));
  await until(() => watching.told.length === 2, 'the late pod');

  expect(api.calls.map(({ authorization }) => authorization)).toEqual([
    'Bearer old',
    'Bearer old',
    'Bearer new',
  ]);
  expect(watching.told).toEqual(['replace ', 'put late']);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual([
    'pods,end 1',
    'pods,unauthorized 1',
  ]);
});

test('a resource that may be missing is forbidden: one message, no series, asked again minutes later', async () => {
  const api = await startApi();
  api.behaviour.forbidden = new Set(['nodes']);
  const watching = watch(api, { resource: 'nodes', isNeeded: false });
  for (const calls of [1, 2]) {
    await until(() => api.calls.length === calls && watching.clock.waits.includes(300_000), 'the rest');
    expect(watching.reflector.phase).toBe('forbidden');
    watching.clock.advance(300_000);
  }
  await until(() => api.calls.length === 3, 'the third call');

  expect(watching.logged).toEqual([
    'The API server forbids a watch that is not needed watch=nodes detail="403 nodes is forbidden: User \\"system:test\\" cannot watch resource \\"nodes\\""',
  ]);
  expect(watching.self.registry.samples('corespan_watch_synced')).toEqual([]);
  expect(watching.self.registry.samples('corespan_watch_age_seconds')).toEqual([]);
});

test('a fault is no permission: what is forbidden and not needed keeps nobody waiting in an outage', async () => {
  const api = await startApi();
  api.behaviour.forbidden = new Set(['nodes']);
  const watching = watch(api, { resource: 'nodes', isNeeded: false });
  await until(() => watching.clock.waits.includes(300_000), 'the rest');
  api.fail('nodes', { kind: 'reset' });
  watching.clock.advance(300_000);
  await until(() => metric(watching.self, 'corespan_watch_restarts_total').length === 2, 'the fault');
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toContain('nodes,unreachable 1');
  expect(watching.reflector.phase).toBe('forbidden');
});

test('a consumer that throws is counted, and told the next change all the same', async () => {
  const api = await startApi();
  const watching = watch(api, {
    onChange(change) {
      if (change.type === 'put' && change.object.name === 'bad') throw new Error('told to');
    },
  });
  await isFollowing(watching);
  api.put('pods', toPod('bad'));
  api.put('pods', toPod('good'));
  await until(() => watching.told.length === 2, 'the good pod');

  expect(watching.told).toEqual(['replace ', 'put good']);
  expect(metric(watching.self, 'corespan_dropped_total')).toEqual(['watch,consumer_failed 1']);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual([]);
});

test('a line that is too long is skipped and counted, and the stream goes on', async () => {
  const api = await startApi();
  const watching = watch(api);
  await isFollowing(watching);
  api.write('pods', `${' '.repeat(9 * 1024 * 1024)}\n`);
  api.put('pods', toPod('late'));
  await until(() => watching.told.length === 2, 'the late pod');
  expect(metric(watching.self, 'corespan_dropped_total')).toEqual(['watch,oversize 1']);
  expect(api.calls).toHaveLength(1);
});

test('one connection is kept for all calls', async () => {
  const api = await startApi();
  const watching = watch(api);
  for (const calls of [2, 3, 4, 5]) {
    await isFollowing(watching);
    api.bookmark('pods');
    api.end('pods');
    await until(() => api.calls.length === calls, 'the next call');
  }
  expect(api.connections).toBe(1);
});

describe('stop', () => {
  test.each([
    { name: 'while watching', before: isFollowing },
    {
      name: 'during a pause',
      async before({ api, clock }: Watching) {
        api.fail('pods', { kind: 'status', code: 503, headers: { 'retry-after': '60' } });
        api.end('pods');
        await until(() => clock.waits.includes(60_000), 'the pause');
      },
    },
    {
      name: 'during a call',
      async before({ api }: Watching) {
        api.fail('pods', { kind: 'black_hole' });
        api.end('pods');
        await until(() => api.calls.length === 2, 'the call');
      },
    },
  ])('$name: nothing is open, set or told afterwards, and a second time is as good', async ({ before }) => {
    const api = await startApi();
    const watching = watch(api, { selector: EVERYTHING });
    await isFollowing(watching);
    await before(watching);
    watching.reflector.stop();
    watching.reflector.stop();
    await until(
      () => api.openConnections === 0 && watching.clock.waits.length === 0,
      'the end of everything',
    );
    const { length } = api.calls;
    api.put('pods', toPod('late'));
    watching.clock.advance(3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(watching.told).toEqual(['replace ']);
    expect(api.calls).toHaveLength(length);
  });
});

test('stop from within a change: the next change of the same chunk is not told', async () => {
  const api = await startApi();
  const lines = ['web', 'db'].map((name) => toLine('ADDED', toPod(name)).trim());
  const end = { metadata: { resourceVersion: '7', annotations: { 'k8s.io/initial-events-end': 'true' } } };
  const bookmark = toLine('BOOKMARK', end).trim();
  api.fail('pods', { kind: 'stream', lines: [bookmark, ...lines], ending: 'never' });
  const watching = watch(api, {
    onChange(change) {
      if (change.type === 'put') watching.reflector.stop();
    },
  });
  await until(() => api.openConnections === 0 && api.calls.length === 1, 'the end of the connection');
  expect(watching.told).toEqual(['replace ', 'put web']);
});

test.each([
  ['that lasted is followed at once', 5000, 250],
  ['that ends as it begins, without a word, is followed like a failure', 0, 400],
])('a stream %s', async (_, lasted, expected) => {
  const api = await startApi();
  const watching = watch(api, { random: 0.5 });
  const isAccepted = () => api.streams('pods') === 1 && watching.clock.waits.includes(105_000);
  await until(isAccepted, 'the first stream');
  api.end('pods');
  watching.clock.advance(await pauseAfter(watching, 1));
  await until(isAccepted, 'the second stream');
  watching.clock.advance(lasted);
  api.end('pods');
  expect(await pauseAfter(watching, 2)).toBe(expected);
});
