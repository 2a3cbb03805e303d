/** The version to go on from is too old (27): bookmarks keep it young, and a 410 leads to the whole state anew. */
import { expect, test } from 'vitest';
import { isFollowing, metric, pauseAfter, startApi, toPod, until, watch } from '../kube/harness.ts';

test('a bookmark moves the version on: what was compacted before it is not missed', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  const watching = watch(api);
  await isFollowing(watching);
  // Others change, so the server's version grows, and the bookmark tells it.
  for (let index = 0; index < 50; index++) api.put('services', { metadata: { name: `s-${index}` } });
  api.compact();
  api.bookmark('pods');
  const events = () => metric(watching.self, 'corespan_watch_events_total');
  await until(() => events().includes('pods,BOOKMARK 2'), 'the bookmark');
  api.end('pods');
  api.put('pods', toPod('late'));
  await until(() => watching.told.length === 2, 'the late pod');

  expect(api.calls.map(({ kind, query }) => `${kind} ${query['resourceVersion']}`)).toEqual([
    'watch_list ',
    'watch 152',
  ]);
  expect(watching.told).toEqual(['replace web', 'put late']);
});

test.each(['http', 'stream'] as const)(
  'twin: without the bookmark the version expires (%s), and the whole state is told anew',
  async (expired) => {
    const api = await startApi();
    api.behaviour.expired = expired;
    api.put('pods', toPod('web'));
    const watching = watch(api);
    await isFollowing(watching);
    for (let index = 0; index < 50; index++) api.put('services', { metadata: { name: `s-${index}` } });
    api.compact();
    api.end('pods');
    api.remove('pods', 'shop/web');
    api.put('pods', toPod('late'));
    await until(() => watching.told.length === 2, 'the new state');

    expect(api.calls.map(({ kind, query }) => `${kind} ${query['resourceVersion']}`)).toEqual([
      'watch_list ',
      'watch 101',
      'watch_list ',
    ]);
    expect(watching.told).toEqual(['replace web', 'replace late']);
    expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(['pods,end 1', 'pods,expired 1']);
  },
);

test('a server that says 410 again and again is not asked for everything again and again', async () => {
  const api = await startApi();
  const watching = watch(api, { random: 0.5 });
  await until(() => watching.told.length === 1, 'the complete state');
  const gone = { kind: 'status', code: 410 } as const;
  api.fail('pods', gone, gone, gone, gone, gone);
  api.end('pods');
  const pauses: number[] = [];
  for (let calls = 1; calls <= 6; calls++) {
    const pause = await pauseAfter(watching, calls);
    pauses.push(pause);
    watching.clock.advance(pause);
  }
  await until(() => watching.told.length === 2, 'the state at last');
  expect(pauses).toEqual([250, 250, 800, 1600, 3200, 6400]);
});
