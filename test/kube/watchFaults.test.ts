/** What goes wrong while a resource is watched: the watch comes back by itself, and nothing is lost. */
import { describe, expect, test } from 'vitest';
import { toLine } from '../support/apiServer.ts';
import { isFollowing, metric, startApi, toPod, until, type Watching, watch } from './harness.ts';

interface Fault {
  readonly name: string;
  readonly happens: (watching: Watching) => void | Promise<void>;
  /** Calls after the first. */
  readonly calls: readonly string[];
  readonly told: readonly string[];
  readonly restarts: readonly string[];
}

const RESUMED = ['replace web', 'put late'];
const ANEW = ['replace web', 'replace web,late'];
const SERVER_ERROR = { kind: 'status', code: 500 } as const;

const FAULTS_WHILE_WATCHING: readonly Fault[] = [
  {
    name: 'the server ends the stream, as it does every few minutes',
    happens: ({ api }) => api.end('pods'),
    calls: ['watch'],
    told: RESUMED,
    restarts: ['pods,end 1'],
  },
  {
    name: 'the connection is reset',
    happens: ({ api }) => api.reset('pods'),
    calls: ['watch'],
    told: RESUMED,
    restarts: ['pods,reset 1'],
  },
  {
    name: 'three calls in a row are answered with 500',
    happens({ api }) {
      api.fail('pods', SERVER_ERROR, SERVER_ERROR, SERVER_ERROR);
      api.end('pods');
    },
    calls: ['watch', 'watch', 'watch', 'watch'],
    told: RESUMED,
    restarts: ['pods,end 1', 'pods,server_error 3'],
  },
  {
    name: 'calls are cut off before they are answered',
    happens({ api }) {
      api.fail('pods', { kind: 'reset' }, { kind: 'reset' });
      api.end('pods');
    },
    calls: ['watch', 'watch', 'watch'],
    told: RESUMED,
    restarts: ['pods,end 1', 'pods,unreachable 2'],
  },
  {
    name: 'a call is accepted and never answered',
    async happens({ api, clock }) {
      api.fail('pods', { kind: 'black_hole' });
      api.end('pods');
      await until(
        () => api.calls.length === 2 && clock.waits.includes(30_000),
        'the call into the black hole',
      );
      clock.advance(30_000);
    },
    calls: ['watch', 'watch'],
    told: RESUMED,
    restarts: ['pods,end 1', 'pods,header_timeout 1'],
  },
  {
    name: 'a stream falls silent without being closed',
    async happens(watching) {
      watching.clock.advance(90_000);
      await until(() => watching.api.calls.length === 2, 'a new call');
    },
    calls: ['watch'],
    told: RESUMED,
    restarts: ['pods,silence 1'],
  },
  {
    name: 'the version is too old: 410 as an ERROR in the stream',
    happens({ api }) {
      api.compact();
      api.end('pods');
    },
    calls: ['watch', 'watch_list'],
    told: ANEW,
    restarts: ['pods,end 1', 'pods,expired 1'],
  },
  {
    name: 'the version is too old: 410 as the answer',
    happens({ api }) {
      api.behaviour.expired = 'http';
      api.compact();
      api.end('pods');
    },
    calls: ['watch', 'watch_list'],
    told: ANEW,
    restarts: ['pods,end 1', 'pods,expired 1'],
  },
  {
    name: 'the version is one that the server cannot read',
    happens({ api }) {
      api.fail('pods', { kind: 'status', code: 400, message: 'Invalid value: "x": resourceVersion' });
      api.end('pods');
    },
    calls: ['watch', 'watch_list'],
    told: ANEW,
    restarts: ['pods,end 1', 'pods,client_error 1'],
  },
  {
    name: 'an ERROR that is no 410 comes in the stream',
    happens: ({ api }) => api.write('pods', toLine('ERROR', { kind: 'Status', code: 500 })),
    calls: ['watch'],
    told: RESUMED,
    restarts: ['pods,server_error 1'],
  },
  {
    name: 'a line is not JSON',
    happens: ({ api }) => api.write('pods', '{"type":"ADDED","object":{"metadata"\n'),
    calls: ['watch'],
    told: RESUMED,
    restarts: ['pods,bad_json 1'],
  },
  {
    name: 'a line is of a type that nobody knows: it is left out',
    happens: ({ api }) => api.write('pods', toLine('CHEERED', { kind: 'Pod' })),
    calls: [],
    told: RESUMED,
    restarts: [],
  },
];

describe('while watching:', () => {
  test.each(FAULTS_WHILE_WATCHING)('$name', async ({ happens, calls, told, restarts }) => {
    const api = await startApi();
    api.put('pods', toPod('web'));
    const watching = watch(api);
    await isFollowing(watching);
    await happens(watching);
    api.put('pods', toPod('late'));
    await until(() => watching.told.join().includes('late'), 'the late pod');

    expect(watching.told).toEqual(told);
    expect(api.calls.map(({ kind }) => kind)).toEqual(['watch_list', ...calls]);
    expect(metric(watching.self, 'corespan_watch_restarts_total')).toEqual(restarts);
    expect(watching.reflector.phase).toBe('synced');
    expect(api.streams('pods')).toBe(1);
  });
});
