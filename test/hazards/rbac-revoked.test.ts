/** The right to read is taken away while corespan runs (31): said once, shown, and healed when it is given back. */
import { expect, test } from 'vitest';
import type { Resource } from '../../src/kube/objects.ts';
import { isFollowing, metric, pauseAfter, startApi, toPod, until, watch } from '../kube/harness.ts';

test('the old state stays, the phase is forbidden, and the watch goes on where it was', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  const watching = watch(api, { random: 0.5 });
  await until(() => watching.told.length === 1 && api.streams('pods') === 1, 'the complete state');
  expect(metric(watching.self, 'corespan_watch_synced')).toEqual(['pods 1']);

  api.behaviour.forbidden = new Set<Resource>(['pods']);
  api.end('pods');
  const pauses: number[] = [];
  for (let calls = 1; calls <= 4; calls++) {
    const pause = await pauseAfter(watching, calls);
    pauses.push(pause);
    watching.clock.advance(pause);
  }
  await pauseAfter(watching, 5);
  expect(pauses).toEqual([250, 400, 800, 1600]);
  expect(watching.reflector.phase).toBe('forbidden');
  expect(api.calls.at(-1)?.query['resourceVersion']).toBe('101');
  expect(watching.told).toEqual(['replace web']);
  expect(metric(watching.self, 'corespan_watch_synced')).toEqual([]);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(['pods,end 1', 'pods,forbidden 4']);
  expect(watching.logged).toEqual([
    'The complete state of a resource is known watch=pods objects=1',
    'warn: The API server forbids a watch: peers stay unnamed watch=pods detail="403 pods is forbidden: User \\"system:test\\" cannot watch resource \\"pods\\""',
  ]);

  api.put('pods', toPod('late'));
  api.behaviour.forbidden = new Set<Resource>();
  watching.clock.advance(30_000);
  await until(() => watching.told.length === 2, 'the late pod');
  expect(watching.told).toEqual(['replace web', 'put late']);
  expect(watching.reflector.phase).toBe('synced');
  expect(metric(watching.self, 'corespan_watch_synced')).toEqual(['pods 1']);
});

test('twin: the same stream without the refusal is never called forbidden', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  const watching = watch(api);
  await isFollowing(watching);
  api.end('pods');
  api.put('pods', toPod('late'));
  await until(() => watching.told.length === 2, 'the late pod');
  expect(watching.reflector.phase).toBe('synced');
  expect(watching.logged).toEqual(['The complete state of a resource is known watch=pods objects=1']);
});
