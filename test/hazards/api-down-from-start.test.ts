/** The API server is down when corespan starts (25): the state is cold and says so, and comes when the server comes. */
import { expect, test } from 'vitest';
import { isFollowing, metric, pauseAfter, startApi, toPod, until, watch } from '../kube/harness.ts';

const DOWN = { kind: 'reset' } as const;

test('nothing is told, the pauses grow, and nothing is lost when it is up', async () => {
  const api = await startApi();
  api.fail('pods', DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN);
  const watching = watch(api, { random: 0.5 });
  const pauses: number[] = [];
  for (let calls = 1; calls <= 7; calls++) {
    const pause = await pauseAfter(watching, calls);
    pauses.push(pause);
    expect(watching.reflector.phase).toBe('cold');
    api.put('pods', toPod(`pod-${calls}`));
    if (calls < 7) watching.clock.advance(pause);
  }
  expect(pauses).toEqual([400, 800, 1600, 3200, 6400, 12_800, 15_000]);
  expect(watching.told).toEqual([]);
  expect(watching.self.registry.samples('corespan_watch_synced')).toEqual([{ labels: ['pods'], value: 0 }]);
  expect(watching.self.registry.samples('corespan_watch_age_seconds')).toEqual([]);
  // One message, however often it fails.
  expect(watching.logged).toEqual([
    expect.stringMatching(/^warn: A call to the API server failed watch=pods reason=unreachable detail="/),
  ]);

  watching.clock.advance(15_000);
  await until(() => watching.told.length === 1, 'the complete state');
  expect(watching.told).toEqual(['replace pod-1,pod-2,pod-3,pod-4,pod-5,pod-6,pod-7']);
  expect(watching.reflector.phase).toBe('synced');
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(['pods,unreachable 7']);
});

test('twin: a server that is up is believed at once', async () => {
  const api = await startApi();
  const watching = watch(api, { random: 0.5 });
  await until(() => watching.told.length === 1, 'the complete state');
  expect(watching.reflector.phase).toBe('synced');
  expect(watching.self.registry.samples('corespan_watch_age_seconds')).toEqual([
    { labels: ['pods'], value: 0 },
  ]);
  expect(watching.logged).toEqual(['The complete state of a resource is known watch=pods objects=0']);
});

test('a server that accepts and never answers is given up and asked again', async () => {
  const api = await startApi();
  api.fail('pods', { kind: 'black_hole' }, { kind: 'black_hole' });
  const watching = watch(api);
  for (const calls of [1, 2]) {
    await until(() => api.calls.length === calls && watching.clock.waits.includes(30_000), 'the call');
    watching.clock.advance(30_000);
  }
  await isFollowing(watching);
  expect(watching.told).toEqual(['replace ']);
  expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(['pods,header_timeout 2']);
});
