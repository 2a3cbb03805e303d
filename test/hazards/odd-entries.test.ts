/** Among the logs lies what cannot be read: it is told, counted and left out; everything beside it is read. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';
import {
  CONTAINER,
  createVolume,
  criLines,
  follow,
  LOG,
  losses,
  texts,
  toReadLines,
  type Volume,
} from '../sources/harness.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

interface Odd {
  readonly make: (volume: Volume) => void;
  /** What it is counted as; undefined: it is no log at all. */
  readonly reason: 'folder' | 'gzip' | 'link' | 'open' | undefined;
  readonly losses?: number;
}

const ODD: Readonly<Record<string, Odd>> = {
  'a link to itself': {
    make: ({ link, path }) => link(`${CONTAINER}/9.log`, path(`${CONTAINER}/9.log`)),
    reason: 'open',
  },
  'a link that leads nowhere': {
    make: ({ link, path }) => link(`${CONTAINER}/9.log`, path('nowhere')),
    reason: 'link',
  },
  'a container folder that is a link to itself': {
    make: ({ link, path }) => link('k_web_u/coredns', path('k_web_u/coredns')),
    reason: 'folder',
  },
  'an archive that is none': {
    make: ({ write }) => write(`${LOG}.2.gz`, Buffer.concat([Buffer.of(0x1f, 0x8b), Buffer.alloc(50, 7)])),
    reason: 'gzip',
    losses: 1,
  },
  'a folder with the name of a log': {
    make: ({ path }) => mkdirSync(path(`${CONTAINER}/9.log`)),
    reason: undefined,
  },
  'a pipe that nobody writes to': {
    make: ({ path }) => execFileSync('mkfifo', [path(`${CONTAINER}/9.log`)]),
    reason: undefined,
  },
};

function createLogs(): Volume {
  const volume = createVolume();
  volume.write(`${LOG}.1`, criLines(1, 2));
  volume.write(LOG, criLines(3, 4));
  return volume;
}

async function replay(dir: string): Promise<{ readonly read: string[]; readonly self: TestSelf }> {
  const self = createTestSelf();
  const read: string[] = [];
  for await (const lines of readLines(toInputs([dir], ['coredns']), {}, self.sources)) {
    read.push(...toReadLines(lines).map(({ text }) => text));
  }
  return { read, self };
}

function errors(self: TestSelf): Record<string, number> {
  const samples = self.registry.samples('corespan_source_errors_total').filter(({ value }) => value > 0);
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.join(), value]));
}

test.each(Object.entries(ODD))('run: %s', (_name, odd) => {
  const volume = createLogs();
  odd.make(volume);
  const reading = follow(volume);
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 4));
  expect(errors(reading.self)).toEqual(odd.reason === undefined ? {} : { [odd.reason]: 1 });
  expect(losses(reading.self)).toBe(odd.losses ?? 0);
});

test.each(Object.entries(ODD))('replay: %s', async (_name, odd) => {
  const volume = createLogs();
  odd.make(volume);
  expect(toInputs([volume.dir], ['coredns']).problems).toEqual([]);
  const { read, self } = await replay(volume.dir);
  expect(read).toEqual(texts(1, 4));
  expect(errors(self)).toEqual(odd.reason === undefined ? {} : { [odd.reason]: 1 });
  expect(losses(self)).toBe(odd.losses ?? 0);
});

test('replay: of an archive that was cut, what there is, and the rest is a possible loss', async () => {
  const volume = createLogs();
  const packed = gzipSync(criLines(5, 20_000));
  volume.write(`${LOG}.2.gz`, packed.subarray(0, packed.length / 2));
  expect(toInputs([volume.dir], ['coredns']).problems).toEqual([]);
  const { read, self } = await replay(volume.dir);
  expect(read.length).toBeGreaterThan(5_000);
  expect(errors(self)).toEqual({ gzip: 1 });
  expect(self.count('corespan_possible_loss_total', 'damaged')).toBe(1);
});

test('twin: a folder in which nothing can be read is refused, with the reasons', () => {
  const volume = createVolume();
  volume.link('9.log', volume.path('9.log'));
  expect(toInputs([volume.dir], ['coredns']).problems).toEqual([
    `${volume.path('9.log')}: cannot be read: ELOOP: too many symbolic links encountered, stat '${volume.path('9.log')}'`,
  ]);
});
