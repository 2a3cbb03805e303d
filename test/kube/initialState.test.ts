/** How the whole state is got: streamed where the server can, listed page by page where it cannot. */
import { describe, expect, test } from 'vitest';
import { type ApiServer, toLine } from '../support/apiServer.ts';
import { isFollowing, metric, startApi, toPod, until, type Watching, watch } from './harness.ts';

interface ColdFault {
  readonly name: string;
  readonly before: (api: ApiServer) => void;
  readonly during?: (watching: Watching) => Promise<void>;
  readonly calls: readonly string[];
  readonly restarts: readonly string[];
}

const FAULTS_AT_THE_START: readonly ColdFault[] = [
  {
    name: 'the first call fails',
    before: (api) => api.fail('pods', { kind: 'status', code: 500 }),
    calls: ['watch_list', 'watch_list'],
    restarts: ['pods,server_error 1'],
  },
  {
    name: 'the connection breaks in the middle of the state: it is not half believed',
    before: (api) =>
      api.fail('pods', {
        kind: 'stream',
        lines: [toLine('ADDED', toPod('ghost')).trim()],
        ending: 'cut',
      }),
    calls: ['watch_list', 'watch_list'],
    restarts: ['pods,reset 1'],
  },
  {
    name: 'WatchList is refused with 422 (1.27–1.31, 1.33)',
    before(api) {
      api.behaviour.watchList = 'refused';
    },
    calls: ['watch_list', 'list', 'watch'],
    restarts: ['pods,watch_list_refused 1'],
  },
  {
    name: 'WatchList is an ERROR in a 200 stream (old etcd)',
    before(api) {
      api.behaviour.watchList = 'error';
    },
    calls: ['watch_list', 'list', 'watch'],
    restarts: ['pods,watch_list_refused 1'],
  },
  {
    name: 'WatchList is not known, and its end never told (≤ 1.26)',
    before(api) {
      api.behaviour.watchList = 'ignored';
    },
    async during({ api, clock }) {
      await until(() => api.streams('pods') === 1 && clock.waits.includes(60_000), 'an accepted stream');
      clock.advance(60_000);
    },
    calls: ['watch_list', 'list', 'watch'],
    restarts: ['pods,watch_list_refused 1'],
  },
  {
    name: 'WatchList never tells its end, but change after change: the time is for all of it',
    before(api) {
      api.behaviour.watchList = 'ignored';
    },
    async during({ api, clock, self }) {
      await until(() => api.streams('pods') === 1 && clock.waits.includes(60_000), 'an accepted stream');
      clock.advance(40_000);
      api.put('pods', toPod('web'));
      await until(
        () => metric(self, 'corespan_watch_events_total').includes('pods,MODIFIED 1'),
        'the change before the end',
      );
      clock.advance(20_000);
    },
    calls: ['watch_list', 'list', 'watch'],
    restarts: ['pods,watch_list_refused 1'],
  },
  {
    name: 'WatchList ends before its end is told',
    before: (api) => api.fail('pods', { kind: 'stream', lines: [], ending: 'clean' }),
    calls: ['watch_list', 'list', 'watch'],
    restarts: ['pods,watch_list_refused 1'],
  },
  {
    name: 'a 410 comes before the end of a WatchList: that is no refusal of WatchList',
    before: (api) =>
      api.fail('pods', {
        kind: 'stream',
        lines: [toLine('ERROR', { kind: 'Status', code: 410 }).trim()],
        ending: 'clean',
      }),
    calls: ['watch_list', 'watch_list'],
    restarts: ['pods,expired 1'],
  },
];

describe('at the start:', () => {
  test.each(FAULTS_AT_THE_START)('$name', async ({ before, during, calls, restarts }) => {
    const api = await startApi();
    api.put('pods', toPod('web'));
    before(api);
    const watching = watch(api);
    expect(watching.reflector.phase).toBe('cold');
    await during?.(watching);
    await isFollowing(watching);
    api.put('pods', toPod('late'));
    await until(() => watching.told.length === 2, 'the late pod');

    expect(watching.told).toEqual(['replace web', 'put late']);
    expect(api.calls.map(({ kind }) => kind)).toEqual(calls);
    expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(restarts);
  });
});

describe('lists, where the state is not streamed:', () => {
  test('are read page by page, without a version', async () => {
    const api = await startApi();
    api.behaviour.watchList = 'refused';
    const names = Array.from({ length: 600 }, (_, index) => `pod-${index}`);
    for (const name of names) api.put('pods', toPod(name));
    const watching = watch(api);
    await isFollowing(watching);

    expect(watching.told).toEqual([`replace ${names.join(',')}`]);
    expect(api.calls.filter(({ kind }) => kind === 'list').map(({ query }) => query)).toEqual([
      { limit: '250' },
      { limit: '250', continue: '250:700' },
      { limit: '250', continue: '500:700' },
    ]);
    expect(api.calls.at(-1)).toMatchObject({ kind: 'watch', query: { resourceVersion: '700' } });
  });

  test('begin anew when a page has expired', async () => {
    const api = await startApi();
    api.behaviour.watchList = 'refused';
    for (let index = 0; index < 300; index++) api.put('pods', toPod(`pod-${index}`));
    const page = { kind: 'status', code: 410 } as const;
    const first = { metadata: { resourceVersion: '9', continue: '1:9' }, items: [toPod('ghost')] };
    api.fail(
      'pods',
      { kind: 'status', code: 422 },
      { kind: 'stream', lines: [JSON.stringify(first)], ending: 'clean' },
      page,
    );
    const watching = watch(api);
    await isFollowing(watching);

    expect(api.calls.map(({ kind }) => kind)).toEqual([
      'watch_list',
      'list',
      'list',
      'list',
      'list',
      'watch',
    ]);
    expect(watching.told).toHaveLength(1);
    expect(watching.told[0]).not.toContain('ghost');
    expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual([
      'pods,watch_list_refused 1',
      'pods,expired 1',
    ]);
  });

  test('are preferred for some hours after a refusal, then streaming is tried again', async () => {
    const api = await startApi();
    api.behaviour.watchList = 'refused';
    const watching = watch(api);
    await isFollowing(watching);
    api.behaviour.watchList = 'on';
    const calls = () => api.calls.map(({ kind }) => kind).slice(3);

    api.compact();
    api.end('pods');
    await until(() => calls().length === 3, 'a relist');
    expect(calls()).toEqual(['watch', 'list', 'watch']);

    await isFollowing(watching);
    watching.clock.advance(6 * 3_600_000);
    await until(() => calls().length === 4, 'the watch after the silence');
    await isFollowing(watching);
    api.bookmark('pods');
    api.compact();
    api.end('pods');
    await until(() => calls().length === 6, 'a relist');
    expect(calls().slice(4)).toEqual(['watch', 'watch_list']);
  });
});
