/** A watch as bytes becomes a state and its changes, however the bytes are cut. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Ending } from '../../src/kube/decisions.ts';
import { readWatch } from '../../src/kube/watchStream.ts';
import { toLine } from '../support/apiServer.ts';
import { toPod } from './harness.ts';

const INITIAL_END = {
  metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
};
const BOOKMARK = { metadata: { resourceVersion: '8' } };

async function read(
  chunks: readonly Buffer[],
  hasInitialState: boolean,
): Promise<{ readonly told: readonly string[]; readonly ending: Ending }> {
  const told: string[] = [];
  const ending = await readWatch(
    {
      resource: 'pods',
      chunks: (async function* () {
        yield* chunks;
      })(),
      hasInitialState,
      onChunk: () => undefined,
    },
    {
      replaced: (objects, version) =>
        told.push(`replace ${objects.map(({ name }) => name).join(',')} @${version}`),
      changed: (type, { name }) => told.push(`${type} ${name}`),
      reached: (version) => told.push(`reached ${version}`),
      received: () => undefined,
      dropped: (reason) => told.push(`dropped ${reason}`),
    },
  );
  return { told, ending };
}

const STATE_AND_CHANGES = [
  toLine('ADDED', toPod('web')),
  toLine('ADDED', toPod('gone')),
  toLine('BOOKMARK', BOOKMARK),
  toLine('MODIFIED', toPod('web')),
  toLine('DELETED', toPod('gone')),
  toLine('BOOKMARK', INITIAL_END),
  toLine('ADDED', toPod('late')),
  toLine('BOOKMARK', BOOKMARK),
  toLine('DELETED', toPod('web')),
].join('');

describe('readWatch', () => {
  property.prop([fc.array(fc.nat(STATE_AND_CHANGES.length), { maxLength: 20 })])(
    'with an initial state: nothing is told before its end',
    async (cuts) => {
      const bytes = Buffer.from(STATE_AND_CHANGES);
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await read(chunks, true)).toEqual({
        told: ['replace web @9', 'put late', 'reached 8', 'delete web'],
        ending: { kind: 'ended' },
      });
    },
  );

  test('without one: every line is told', async () => {
    const { told } = await read([Buffer.from(STATE_AND_CHANGES)], false);
    expect(told).toEqual([
      'put web',
      'put gone',
      'reached 8',
      'put web',
      'delete gone',
      'reached 9',
      'put late',
      'reached 8',
      'delete web',
    ]);
  });

  test.each([
    [
      'an ERROR',
      toLine('ERROR', { code: 410, message: 'too old' }),
      {
        kind: 'refused',
        status: { code: 410, message: 'too old', retryAfter: undefined },
        isInStream: true,
      },
    ],
    [
      'a line that is no JSON',
      '{"type"\n',
      { kind: 'broken', cause: 'bad_json', message: 'a line of the watch is not JSON' },
    ],
  ])('%s ends it, whatever comes after', async (_, line, ending) => {
    const text = toLine('ADDED', toPod('web')) + line + toLine('ADDED', toPod('late'));
    expect(await read([Buffer.from(text)], false)).toEqual({ told: ['put web'], ending });
  });

  test('an unfinished line at the end is nothing', async () => {
    const text = toLine('ADDED', toPod('web')) + toLine('ADDED', toPod('late')).slice(0, -1);
    expect(await read([Buffer.from(text)], false)).toEqual({ told: ['put web'], ending: { kind: 'ended' } });
  });
});
