import { execFileSync } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Files, SYSTEM_FILES } from '../../src/sources/files.ts';
import { toInputs } from '../../src/sources/inputs.ts';
import { type ReplayOptions, readLines } from '../../src/sources/replay.ts';
import { createTestSelf } from '../support/self.ts';
import {
  createVolume,
  cri,
  criLines,
  LABEL,
  LOG,
  NOON,
  type ReadLine,
  texts,
  toReadLines,
} from './harness.ts';

const CACHE = 'kube-system_node-local-dns-2_9b1d/node-cache/0.log';

async function read(
  paths: readonly string[],
  options: ReplayOptions = {},
): Promise<{
  readonly lines: ReadLine[];
  readonly runs: number;
  readonly self: ReturnType<typeof createTestSelf>;
}> {
  const self = createTestSelf();
  const lines: ReadLine[] = [];
  let runs = 0;
  for await (const run of readLines(toInputs(paths, ['coredns', 'node-cache']), options, self.sources)) {
    lines.push(...toReadLines(run));
    runs++;
  }
  return { lines, runs, self };
}

async function readTexts(paths: readonly string[], options: ReplayOptions = {}): Promise<string[]> {
  return (await read(paths, options)).lines.map(({ text }) => text);
}

describe('a folder', () => {
  test('of pods: all containers, merged by time line by line, leftovers in order', async () => {
    const volume = createVolume();
    volume.write(`${LOG}.20261121-110000.gz`, gzipSync(criLines(1, 2)));
    volume.write(`${LOG}.20261121-120000`, criLines(4, 4));
    volume.write(LOG, criLines(6, 6));
    volume.write(LOG.replace('0.log', '1.log'), criLines(8, 9));
    volume.write(CACHE, criLines(3, 3) + criLines(5, 5) + criLines(7, 7) + criLines(10, 12));
    const { lines, runs, self } = await read([volume.dir]);
    expect(lines.map(({ text }) => text)).toEqual(texts(1, 12));
    expect(runs).toBe(8);
    expect(self.count('corespan_lines_read_total', LABEL)).toBe(6);
    expect(self.count('corespan_lines_read_total', 'kube-system/node-local-dns-2')).toBe(6);
  });

  test.each([
    ['of one pod', (path: string) => path, 'coredns/0.log'],
    ['of one container', (path: string) => `${path}/coredns`, 'coredns/0.log'],
    ['of loose logs', (path: string) => path, 'some.log'],
  ])('%s', async (_name, toPath, file) => {
    const volume = createVolume();
    volume.write(`logs/${file}`, criLines(2, 3));
    volume.write(`logs/${file}.1`, criLines(1, 1));
    expect(await readTexts([toPath(volume.path('logs'))])).toEqual(texts(1, 3));
  });

  test('a single log is handed over in whole batches', async () => {
    const volume = createVolume();
    volume.write(LOG, criLines(1, 1000));
    expect((await read([volume.dir])).runs).toBe(1);
  });

  test('a log and what was compressed from it are one; a file that is named twice is one', async () => {
    const volume = createVolume();
    volume.write(LOG, criLines(3, 4));
    volume.write(`${LOG}.20261121-110000`, criLines(1, 2));
    volume.write(`${LOG}.20261121-110000.gz`, gzipSync(criLines(1, 2)));
    expect(await readTexts([volume.dir, volume.path(LOG), volume.path(LOG)])).toEqual(texts(1, 4));
  });
});

describe('a file', () => {
  test('keeps its id under every name, plain or compressed', async () => {
    const volume = createVolume();
    volume.write(`a/${LOG}`, criLines(1, 3));
    volume.write(`b/${LOG}.20261121-110000.gz`, gzipSync(criLines(1, 3)));
    const [plain, packed] = [await read([volume.path('a')]), await read([volume.path('b')])];
    expect(plain.lines.map(({ id, offset }) => ({ id, offset }))).toEqual(
      packed.lines.map(({ id, offset }) => ({ id, offset })),
    );
  });

  test('others have other ids, even with the same first line under the same name', async () => {
    const volume = createVolume();
    for (const name of ['a/x.log', 'b/x.log']) volume.write(name, '.:53\n');
    const { lines } = await read([volume.path('a/x.log'), volume.path('b/x.log')]);
    expect(lines).toHaveLength(2);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
  });

  test('its last line needs no line break; a cut one is a line', async () => {
    const volume = createVolume();
    volume.write('x.log', `a\n2026-11-21T12:00:00Z stdout P b\nc`);
    expect(await readTexts([volume.path('x.log')])).toEqual(['a', 'c', 'b']);
  });

  test('its pod is told by its path, or by where a link leads', async () => {
    const volume = createVolume();
    volume.write(`pods/${LOG}`, criLines(1, 1));
    volume.link('containers/coredns-1_kube-system_coredns-0123.log', volume.path(`pods/${LOG}`));
    for (const path of [`pods/${LOG}`, 'containers']) {
      const { self } = await read([volume.path(path)]);
      expect(self.count('corespan_lines_read_total', LABEL)).toBe(1);
    }
  });

  test('of many windows, compressed: all of it', async () => {
    const volume = createVolume();
    volume.write('x.log.gz', gzipSync(criLines(1, 20_000)));
    expect(await readTexts([volume.path('x.log.gz')])).toEqual(texts(1, 20_000));
  });

  test('compressed and damaged in the middle: what could be unpacked, and the damage is counted', async () => {
    const volume = createVolume();
    const packed = gzipSync(criLines(1, 20_000));
    volume.write('x.log.gz', packed.subarray(0, packed.length / 2));
    const { lines, self } = await read([volume.path('x.log.gz')]);
    expect(lines.length).toBeGreaterThan(5000);
    expect(lines.length).toBeLessThan(20_000);
    expect(self.count('corespan_source_errors_total', 'gzip')).toBe(1);
  });

  test('a pipe is read as it comes', async () => {
    const volume = createVolume();
    volume.write('text', criLines(1, 20_000));
    const fifo = volume.path('pipe');
    execFileSync('mkfifo', [fifo]);
    execFileSync('sh', ['-c', `cat "$1" > "$2" &`, 'sh', volume.path('text'), fifo], { stdio: 'ignore' });
    expect(await readTexts([fifo])).toEqual(texts(1, 20_000));
  });
});

describe('standard input', () => {
  test.each([
    { size: 1, count: 300 },
    { size: 7, count: 3000 },
    { size: 100, count: 3000 },
    { size: 65_536, count: 3000 },
    { size: 1_000_000, count: 3000 },
  ])('in pieces of $size bytes', async ({ size, count }) => {
    const bytes = Buffer.from(criLines(1, count));
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    const stdin = Readable.from(pieces, { objectMode: false });
    const { lines, self } = await read(['-'], { stdin });
    expect(lines.map(({ text }) => text)).toEqual(texts(1, count));
    expect(self.count('corespan_lines_read_total', '-')).toBe(count);
  });

  test('without times: the order of lines is the clock', async () => {
    const { lines } = await read(['-'], { stdin: Readable.from(['a\nb\nc']), now: () => NOON });
    expect(lines.map(({ text, time }) => [text, time - NOON])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
  });

  test('that breaks off: what came before is read', async () => {
    const stdin = new Readable({ read() {} });
    stdin.push(criLines(1, 2));
    const reading = readTexts(['-'], { stdin });
    setImmediate(() => stdin.destroy());
    expect(await reading).toEqual(texts(1, 2));
  });

  test('empty', async () => {
    expect(await readTexts(['-'], { stdin: Readable.from([]) })).toEqual([]);
  });
});

test('a file without times ends when it was written last', async () => {
  const volume = createVolume();
  for (const end of ['', '\n']) {
    volume.write('x.log', `a\nb\nc${end}`);
    utimesSync(volume.path('x.log'), NOON / 1000, NOON / 1000);
    const { lines } = await read([volume.path('x.log')]);
    expect(lines.map(({ time }) => time - NOON)).toEqual([-2, -1, 0]);
  }
});

test('times that go back do not stop the merge, and no line is moved within its file', async () => {
  const volume = createVolume();
  const seconds = [1, 5, 4, 6];
  volume.write(LOG, seconds.map((second) => cri(`a${second}`, second)).join(''));
  volume.write(CACHE, [2, 4.5, 7].map((second) => cri(`b${second}`, second)).join(''));
  const found = await readTexts([volume.dir]);
  expect(found.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a5', 'a4', 'a6']);
  expect(found).toHaveLength(7);
});

test('what stands before --from and from --to on is left out and not counted', async () => {
  const volume = createVolume();
  volume.write(LOG, criLines(1, 10));
  volume.write(CACHE, criLines(11, 20));
  const { lines, self } = await read([volume.dir], { from: NOON + 8000, to: NOON + 13_000 });
  expect(lines.map(({ text }) => text)).toEqual(texts(8, 12));
  expect(self.count('corespan_lines_read_total', LABEL)).toBe(3);
});

test.each(['test/fixtures/day', 'test/fixtures/day-json'])(
  'the recorded %s: every line of both logs, in the order of time',
  async (day) => {
    const { lines, self } = await read([`${day}/pods`]);
    const times = lines.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const paths = [...new Set(lines.map(({ path }) => path))];
    expect(paths).toHaveLength(2);
    expect(lines.length).toBe(paths.reduce((sum, path) => sum + countLines(path), 0));
    const counted = self.registry.samples('corespan_lines_read_total');
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(lines.length);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
  },
);

test('any logs whose times do not go back come out in the order of time', async () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(gaps, { minLength: 1, maxLength: 4 }), async (logs) => {
      const volume = createVolume();
      const written = logs.map((gapsOfLog, log) => {
        return gapsOfLog.map((_, n) => ({ text: `${log} ${n}`, second: sumOf(gapsOfLog, n + 1) }));
      });
      for (const [log, lines] of written.entries()) {
        volume.write(`${log}.log/x.log`, lines.map(({ text, second }) => cri(text, second)).join(''));
      }
      const { lines } = await read(logs.map((_, log) => volume.path(`${log}.log/x.log`)));
      const times = lines.map(({ time }) => time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const [log, expected] of written.entries()) {
        const own = lines.filter(({ text }) => text.startsWith(`${log} `)).map(({ text }) => text);
        expect(own).toEqual(expected.map(({ text }) => text));
      }
    }),
  );
});

function sumOf(numbers: readonly number[], count: number): number {
  return numbers.slice(0, count).reduce((sum, number) => sum + number, 0);
}

function countLines(path: string): number {
  return readFileSync(path, 'latin1').split('\n').length - 1;
}

describe('paths are checked before', () => {
  const volume = (): ReturnType<typeof createVolume> => {
    const made = createVolume();
    made.write(`pods/${LOG}`, criLines(1, 1));
    made.write('empty/readme.txt', '');
    made.write('image.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
    made.write('broken.gz', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(50, 7)]));
    made.write('hole.log', Buffer.concat([Buffer.alloc(5000), Buffer.from(criLines(1, 1))]));
    made.write('nothing.log', '');
    made.link('link.log', made.path('nowhere'));
    return made;
  };

  test.each([
    ['pods', undefined],
    [`pods/${LOG}`, undefined],
    ['hole.log', undefined],
    ['nothing.log', undefined],
    ['missing', 'there is no such file or folder'],
    ['link.log', 'is a symbolic link that leads nowhere'],
    ['image.png', 'is no log: it holds binary data'],
    ['broken.gz', 'is no log: its gzip compression is damaged'],
    [
      'empty',
      'holds no logs of coredns (wants <namespace>_<pod>_<uid>/<container>/*.log, <container>/*.log or *.log)',
    ],
  ])('%s: %s', (name, problem) => {
    const { path } = volume();
    expect(toInputs([path(name)], ['coredns']).problems).toEqual(
      problem === undefined ? [] : [`${path(name)}: ${problem}`],
    );
  });

  test('each path by itself; standard input is always right', () => {
    const { path } = volume();
    const paths = ['-', path('missing'), path('pods'), path('image.png')];
    expect(toInputs(paths, undefined).problems).toHaveLength(2);
  });

  test('a file that may not be read', () => {
    const { path } = volume();
    const open = (): never => {
      throw new Error('EACCES: permission denied, open');
    };
    const files: Files = { ...SYSTEM_FILES, open };
    expect(toInputs([path('nothing.log')], undefined, files)).toEqual({
      inputs: [],
      problems: [`${path('nothing.log')}: cannot be read: EACCES: permission denied, open`],
      leftOut: [],
    });
  });
});
