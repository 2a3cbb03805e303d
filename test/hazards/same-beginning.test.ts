/** A short log is all that a longer one of the same name begins with, as a banner is: both are read, and copies once. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';
import { createVolume, follow, LOG, toReadLines, type Volume } from '../sources/harness.ts';
import { createTestSelf } from '../support/self.ts';

const BANNER = '.:53\n';
const LINES = 'one\ntwo\nthree\n';
const LONG = `${BANNER}${LINES}`;
const SHORT_TEXTS = ['.:53'];
const LONG_TEXTS = ['.:53', 'one', 'two', 'three'];

async function replay(volume: Volume) {
  const self = createTestSelf();
  const texts: string[] = [];
  for await (const lines of readLines(toInputs([volume.dir], undefined), {}, self.sources)) {
    texts.push(...toReadLines(lines).map(({ text }) => text));
  }
  const leftOut = self.messages.filter((message) => message.includes('A log is left out')).length;
  return { texts, leftOut };
}

async function run(volume: Volume): Promise<string[]> {
  const reading = follow(volume);
  await reading.pollTurns();
  for (let second = 0; second < 30; second++) await reading.pollTurns(1000);
  return reading.fresh();
}

describe.each([
  ['the older one is short', `${LOG}.1`, BANNER, LOG, LONG],
  ['the newer one is short', LOG, BANNER, `${LOG}.1`, LONG],
  ['the short one is compressed', `${LOG}.2.gz`, gzipSync(BANNER), `${LOG}.1`, LONG],
  ['the long one is compressed', `${LOG}.1`, BANNER, `${LOG}.2.gz`, gzipSync(LONG)],
])('%s', (_name, shortName, short, longName, long) => {
  const write = (): Volume => {
    const volume = createVolume();
    volume.write(shortName, short);
    volume.write(longName, long);
    return volume;
  };
  const all = [...SHORT_TEXTS, ...LONG_TEXTS].toSorted();

  test('replay', async () => {
    const { texts, leftOut } = await replay(write());
    expect({ texts: texts.toSorted(), leftOut }).toEqual({ texts: all, leftOut: 0 });
  });

  test('run', async () => {
    expect((await run(write())).toSorted()).toEqual(all);
  });
});

test('twin: a copy is left out, and replay says so', async () => {
  const volume = createVolume();
  volume.write(`${LOG}.1`, LONG);
  volume.write(`${LOG}.1.gz`, gzipSync(LONG));
  expect(await replay(volume)).toEqual({ texts: LONG_TEXTS, leftOut: 1 });
  expect(await run(volume)).toEqual(LONG_TEXTS);
});

test('twin: a copy that is being made is no log of its own', async () => {
  const volume = createVolume();
  volume.write(LOG, LONG);
  const reading = follow(volume);
  await reading.pollTurns();
  volume.write(`${LOG}.1`, BANNER);
  await reading.pollTurns(1000);
  volume.append(`${LOG}.1`, LINES);
  for (let second = 0; second < 30; second++) await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual(LONG_TEXTS);
});
