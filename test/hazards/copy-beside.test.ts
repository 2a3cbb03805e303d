/** A copy of a log lies beside it, as it was at some time: no line is lost, and none comes twice. */
import { copyFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Files, SYSTEM_FILES } from '../../src/sources/files.ts';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';
import {
  createVolume,
  criLines,
  type Following,
  follow,
  LOG,
  losses,
  type ReadLine,
  texts,
  toReadLines,
  type Volume,
} from '../sources/harness.ts';
import { createTestSelf } from '../support/self.ts';

const COPY = `${LOG}.bak`;
const ARCHIVE = `${LOG}.20261121-110000.gz`;

/** So long that a file that was not the newest would be closed. */
async function pollLong(reading: Following): Promise<void> {
  for (let second = 0; second < 15; second++) await reading.pollTurns(1000);
}

/** A restart reads nothing again, and misses nothing. */
async function expectNothingAnew(
  reading: Following,
  volume: Volume,
  options: Parameters<typeof follow>[1],
): Promise<void> {
  stop(reading);
  const next = follow(volume, options);
  await pollLong(next);
  expect(next.fresh()).toEqual([]);
  expect(losses(next.self)).toBe(0);
}

function stop(reading: Following): void {
  reading.follower.save(() => undefined);
  reading.follower.stop();
}

async function replay(volume: Volume) {
  const self = createTestSelf();
  const lines: ReadLine[] = [];
  for await (const run of readLines(toInputs([volume.dir], undefined), {}, self.sources))
    lines.push(...toReadLines(run));
  const leftOut = self.messages.some((message) => message.includes('A log is left out'));
  return { texts: lines.map(({ text }) => text), ids: new Set(lines.map(({ id }) => id)).size, leftOut };
}

/** A log of which `read` lines were read, then copied, then written on: what the next process reads of it. */
async function restart({ read, copied = read }: { readonly read: number; readonly copied?: number }) {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  volume.write(LOG, criLines(1, copied));
  volume.append(LOG, criLines(copied + 1, read));
  const first = follow(volume, options);
  await first.pollTurns();
  stop(first);
  volume.write(COPY, criLines(1, copied));
  volume.append(LOG, criLines(read + 1, read + 3));
  const reading = follow(volume, options);
  await pollLong(reading);
  return { volume, options, reading };
}

/** How a copy is called, where it lies, and what it is made by. */
const COPIES: readonly (readonly [string, string, (text: string) => string | Buffer])[] = [
  ['plain', COPY, (text) => text],
  ['compressed', ARCHIVE, gzipSync],
];

describe('when corespan is started again', () => {
  test.each([
    ['of all that was read', { read: 100 }],
    ['of a part of it', { read: 100, copied: 50 }],
    ['of a short log', { read: 3 }],
    ['of a part of a short log', { read: 6, copied: 3 }],
  ])('a copy %s: the new lines come, and then those that follow', async (_name, { read, ...rest }) => {
    const { volume, options, reading } = await restart({ read, ...rest });
    expect(reading.fresh()).toEqual(texts(read + 1, read + 3));
    expect(losses(reading.self)).toBe(0);
    volume.append(LOG, criLines(read + 4, read + 5));
    await reading.pollTurns();
    expect(reading.fresh()).toEqual(texts(read + 4, read + 5));
    expect(reading.follower.state().unreadBytes).toBe(0);

    stop(reading);
    const next = follow(volume, options);
    volume.append(LOG, criLines(read + 6, read + 6));
    await pollLong(next);
    expect(next.fresh()).toEqual(texts(read + 6, read + 6));
  });

  test.each(COPIES)('without a checkpoint, and a %s copy: every line once', async (_name, name, pack) => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 400));
    volume.write(name, pack(criLines(1, 150)));
    const reading = follow(volume);
    await pollLong(reading);
    expect(reading.fresh()).toEqual(texts(1, 400));
    expect(losses(reading.self)).toBe(0);
  });
});

test.each([
  ['plain', COPY, (text: string) => text],
  ['compressed', ARCHIVE, gzipSync],
])(
  'a log that only begins like another one, %s, is read whole, under an id of its own',
  async (_n, name, pack) => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 100) + criLines(201, 300));
    volume.write(name, pack(criLines(1, 100) + criLines(301, 400)));
    const options = { checkpoint: volume.path('checkpoint.json') };
    const reading = follow(volume, options);
    await pollLong(reading);
    const expected = [...texts(1, 100), ...texts(201, 300), ...texts(1, 100), ...texts(301, 400)];
    expect(reading.fresh().toSorted()).toEqual(expected.toSorted());
    expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(2);

    stop(reading);
    volume.append(LOG, criLines(401, 402));
    const next = follow(volume, options);
    await pollLong(next);
    expect(next.fresh()).toEqual(texts(401, 402));
  },
);

test('a copy that grows beyond what it was copied from: reading goes on in it', async () => {
  const volume = createVolume();
  const renamed = `${LOG}.20261121-120000`;
  volume.write(renamed, criLines(1, 100));
  volume.write(COPY, criLines(1, 100));
  volume.write(LOG, criLines(201, 202));
  const reading = follow(volume);
  await reading.pollTurns();
  expect(reading.fresh()).toEqual([...texts(1, 100), ...texts(201, 202)]);
  for (const [name, n] of [
    [renamed, 101],
    [COPY, 101],
    [COPY, 102],
    [renamed, 102],
    [renamed, 103],
  ] as const) {
    volume.append(name, criLines(n, n));
    await reading.pollTurns(1000);
  }
  expect(reading.fresh()).toEqual(texts(101, 103));
  expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(2);
  await pollLong(reading);
  volume.append(COPY, criLines(103, 104));
  await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual(texts(104, 104));
});

test('the copy outlives the log: nothing of it comes again', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  volume.write(LOG, criLines(1, 100));
  const reading = follow(volume, options);
  await reading.pollTurns();
  copyFileSync(volume.path(LOG), volume.path(COPY));
  volume.append(LOG, criLines(101, 200));
  await reading.pollTurns(1000);
  volume.rename(LOG, `${LOG}.20261121-120000`);
  volume.append(LOG, criLines(201, 300));
  await pollLong(reading);
  volume.remove(`${LOG}.20261121-120000`);
  await pollLong(reading);
  expect(reading.fresh()).toEqual(texts(1, 300));

  await expectNothingAnew(reading, volume, options);
});

test('its log is compressed, and corespan is started again: the copy that is left does not come again', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  const renamed = `${LOG}.20261121-120000`;
  volume.write(LOG, criLines(1, 100));
  volume.write(COPY, criLines(1, 100));
  volume.append(LOG, criLines(101, 200));
  const reading = follow(volume, options);
  await reading.pollTurns();
  volume.rename(LOG, renamed);
  volume.append(LOG, criLines(201, 202));
  await pollLong(reading);
  volume.remove(renamed);
  volume.write(`${renamed}.gz`, gzipSync(criLines(1, 200)));
  await pollLong(reading);
  expect(reading.fresh()).toEqual(texts(1, 202));
  await expectNothingAnew(reading, volume, options);
});

describe('a shorter copy whose name sorts before', () => {
  const SHORTER = `${LOG}.1`;
  const renamed = `${LOG}.20261121-110000`;

  test.each([
    ['shorter than what was read', 1_000],
    ['longer than what was read', 20_000],
  ])('its log, truncated with a backlog, is read on in the longer copy: %s', (_name, copied) => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 30_000));
    volume.write(SHORTER, criLines(1, copied));
    volume.write(renamed, criLines(1, 30_000));
    volume.append(LOG, criLines(30_001, 30_001));
    const reading = follow(volume);
    expect(reading.follower.poll((lines) => lines.to)).toBe('more');
    const read = reading.follower.state().files.find(({ position }) => position > 0);
    const lines = criLines(1, 30_000).slice(0, read?.position).split('\n').length - 1;
    expect(lines).toBeGreaterThan(1_000);
    expect(lines).toBeLessThan(20_000);
    volume.write(LOG, criLines(30_002, 30_002));
    for (let second = 0; second < 15; second++) reading.poll(1000);
    expect(new Set(reading.fresh())).toEqual(new Set([...texts(lines + 1, 30_000), 'line 30002']));
    expect(reading.lines.length).toBe(30_000 - lines + 1);
  });

  test.each([
    ['is there', false],
    ['was removed', true],
  ])('its log is compressed while the copy %s: nothing comes again', async (_name, isRemoved) => {
    const volume = createVolume();
    const options = { checkpoint: volume.path('checkpoint.json') };
    volume.write(LOG, criLines(1, 100));
    const reading = follow(volume, options);
    await reading.pollTurns();
    volume.write(SHORTER, criLines(1, 100));
    await reading.pollTurns(1000);
    volume.append(LOG, criLines(101, 200));
    await reading.pollTurns(1000);
    volume.rename(LOG, renamed);
    volume.append(LOG, criLines(201, 202));
    await pollLong(reading);
    // As kubelet does it.
    volume.write(`${renamed}.gz`, gzipSync(criLines(1, 200)));
    await reading.pollTurns(1000);
    volume.remove(renamed);
    await pollLong(reading);
    if (isRemoved) volume.remove(SHORTER);
    await pollLong(reading);
    expect(reading.fresh()).toEqual(texts(1, 202));
    await expectNothingAnew(reading, volume, options);
  });

  test('its log is gone for a while, and comes back compressed: nothing comes again', async () => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 200));
    volume.write(SHORTER, criLines(1, 100));
    const reading = follow(volume);
    await reading.pollTurns();
    volume.rename(LOG, renamed);
    volume.append(LOG, criLines(201, 202));
    await pollLong(reading);
    volume.remove(renamed);
    await pollLong(reading);
    volume.write(`${renamed}.gz`, gzipSync(criLines(1, 200)));
    await pollLong(reading);
    expect(reading.fresh()).toEqual(texts(1, 202));
  });
});

test('twin: an archive that ends in several members is read, since its end does not tell what it holds', async () => {
  const volume = createVolume();
  volume.write(ARCHIVE, Buffer.concat([gzipSync(criLines(1, 100)), gzipSync(criLines(101, 200))]));
  volume.write(LOG, criLines(1, 100));
  const reading = follow(volume);
  await pollLong(reading);
  expect(new Set(reading.fresh())).toEqual(new Set(texts(1, 200)));
});

/** An archive of several members: the first and the last are always the same. */
function pack(between: string): Buffer {
  return Buffer.concat([criLines(1, 100), between, criLines(301, 400)].map((text) => gzipSync(text)));
}

describe.each([
  ['and another one is between', criLines(101, 200), { lines: 400, read: 600 }],
  ['twin: and all others', criLines(201, 300), { lines: 300, read: 300 }],
])('two archives whose first and last members agree, %s', (_name, between, expected) => {
  function write(): Volume {
    const volume = createVolume();
    volume.write(`${LOG}.20261121-100000.gz`, pack(criLines(201, 300)));
    volume.write(ARCHIVE, pack(between));
    return volume;
  }

  test('followed', async () => {
    const reading = follow(write());
    await pollLong(reading);
    const read = reading.fresh();
    expect(new Set(read).size).toBe(expected.lines);
    expect(read.length).toBe(expected.read);
  });

  test('replayed', async () => {
    const { texts: read } = await replay(write());
    expect(new Set(read).size).toBe(expected.lines);
  });
});

test('files that do not change are not compared again', async () => {
  const volume = createVolume();
  volume.write(LOG, criLines(1, 5_000));
  volume.write(COPY, criLines(1, 4_000));
  let bytes = 0;
  const files: Files = {
    ...SYSTEM_FILES,
    read(fd, into, position) {
      const filled = SYSTEM_FILES.read(fd, into, position);
      bytes += filled;
      return filled;
    },
  };
  const reading = follow(volume, { files });
  await reading.pollTurns();
  expect(bytes).toBeGreaterThan(criLines(1, 9_000).length);
  bytes = 0;
  await pollLong(reading);
  volume.append(LOG, criLines(5_001, 5_001));
  await pollLong(reading);
  // A look at the heads, and the new line.
  expect(bytes).toBeLessThan(100_000);
  expect(reading.fresh()).toEqual(texts(1, 5_001));
});

test('a log that was read and closed cannot be opened again: what begins like it is read at once', async () => {
  const volume = createVolume();
  const renamed = `${LOG}.20261121-110000`;
  let isReadable = true;
  const files: Files = {
    ...SYSTEM_FILES,
    open(path) {
      if (!isReadable && path.endsWith(renamed)) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return SYSTEM_FILES.open(path);
    },
  };
  volume.write(renamed, criLines(1, 100));
  volume.write(LOG, criLines(201, 201));
  const reading = follow(volume, { files });
  await pollLong(reading);
  expect(reading.fresh()).toEqual([...texts(1, 100), ...texts(201, 201)]);
  isReadable = false;
  volume.write(COPY, criLines(1, 120));
  await reading.pollTurns(1000);
  volume.append(COPY, criLines(121, 121));
  await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual(texts(1, 121));
  // Nobody reads the closed one.
  expect(reading.self.count('corespan_source_errors_total', 'read')).toBe(0);
});

describe('huge logs are compared a piece at a look', () => {
  const MAX_SUMMED = 32 * 1024 * 1024;
  const wide = (from: number, to: number): string =>
    criLines(from, to).replaceAll('\n', `${'x'.repeat(60_000)}\n`);

  async function beside(copy: string) {
    const volume = createVolume();
    let bytes = 0;
    const files: Files = {
      ...SYSTEM_FILES,
      read(fd, into, position) {
        const filled = SYSTEM_FILES.read(fd, into, position);
        bytes += filled;
        return filled;
      },
    };
    volume.write(LOG, wide(1, 1_300));
    const reading = follow(volume, { files });
    await reading.pollTurns();
    expect(reading.fresh().length).toBe(1_300);
    volume.write(COPY, copy);
    const looks: number[] = [];
    // So far apart that the copy is no more expected to grow.
    for (let look = 0; look < 6; look++) {
      bytes = 0;
      reading.tick(11_000);
      reading.follower.poll(() => {});
      looks.push(bytes);
    }
    await reading.pollTurns();
    return { reading, looks };
  }

  test('a copy', async () => {
    const { reading, looks } = await beside(wide(1, 1_250));
    expect(Math.max(...looks)).toBeGreaterThan(MAX_SUMMED);
    expect(Math.max(...looks)).toBeLessThan(2.1 * MAX_SUMMED);
    // Some 75 MB each.
    expect(looks.filter((read) => read > 1_000_000).length).toBe(3);
    expect(reading.lines.length).toBe(1_300);
    expect(reading.follower.state().files.length).toBe(1);
  });

  test('twin: one that differs in the end is read', async () => {
    const { reading } = await beside(wide(1, 1_249) + wide(2_000, 2_000));
    expect(reading.follower.state().files.length).toBe(2);
  });
});

describe('a replay', () => {
  test.each(COPIES)(
    '%s: the longer one is read, wherever it stands, and the copy is told',
    async (_name, name, pack) => {
      const volume = createVolume();
      volume.write(LOG, criLines(1, 400));
      volume.write(name, pack(criLines(1, 150)));
      expect(await replay(volume)).toEqual({ texts: texts(1, 400), ids: 1, leftOut: true });
      volume.write(`${LOG}.20261121-100000`, criLines(1, 300));
      volume.write(`${LOG}.20261121-090000.gz`, gzipSync(criLines(1, 400)));
      expect(await replay(volume)).toEqual({ texts: texts(1, 400), ids: 1, leftOut: true });
    },
  );

  test.each(COPIES)('%s: one that only begins like another one is read whole', async (_name, name, pack) => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 100) + criLines(201, 300));
    volume.write(name, pack(criLines(1, 100) + criLines(301, 350)));
    const found = await replay(volume);
    expect(found).toMatchObject({ ids: 2, leftOut: false });
    expect(found.texts.toSorted()).toEqual(
      [...texts(1, 100), ...texts(201, 300), ...texts(1, 100), ...texts(301, 350)].toSorted(),
    );
  });

  test('a damaged archive beside a whole log is read as far as it goes', async () => {
    const volume = createVolume();
    const packed = gzipSync(criLines(1, 5_000));
    volume.write(LOG, criLines(1, 5_000));
    volume.write(ARCHIVE, packed.subarray(0, packed.length / 2));
    const found = await replay(volume);
    expect(found).toMatchObject({ ids: 2, leftOut: false });
    expect(found.texts).toEqual(expect.arrayContaining(texts(1, 5_000)));
    expect(found.texts.length).toBeGreaterThan(6_000);
  });
});
