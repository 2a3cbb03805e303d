/** A compressed log comes through a pipe (`cat x.log.gz | corespan replay -`): it is unpacked, as the file would be. */
import { execFileSync } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { toInputs } from '../../src/sources/inputs.ts';
import { type ReplayOptions, readLines } from '../../src/sources/replay.ts';
import { createStdinSource } from '../../src/sources/stdin.ts';
import { createVolume, criLines, NOON, texts, toReadLines } from '../sources/harness.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

const PACKED = gzipSync(criLines(1, 20_000));

async function replay(path: string, options: ReplayOptions) {
  const self = createTestSelf();
  const read: string[] = [];
  for await (const run of readLines(toInputs([path], undefined), options, self.sources))
    read.push(...toReadLines(run).map(({ text }) => text));
  return { read, self };
}

function inPieces(bytes: Buffer, size: number): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

function damages(self: TestSelf): number {
  return self.count('corespan_possible_loss_total', 'damaged');
}

describe('a replay of standard input', () => {
  test.each([[1], [7], [1000], [PACKED.length]])('in pieces of %i bytes', async (size) => {
    const { read, self } = await replay('-', { stdin: inPieces(PACKED, size) });
    expect(read).toEqual(texts(1, 20_000));
    expect(damages(self)).toBe(0);
  });

  test('of several members', async () => {
    const stdin = Readable.from([gzipSync(criLines(1, 3)), gzipSync(criLines(4, 5))], { objectMode: false });
    expect((await replay('-', { stdin })).read).toEqual(texts(1, 5));
  });

  test('that is cut: what could be unpacked comes, and the damage is counted', async () => {
    const { read, self } = await replay('-', {
      stdin: inPieces(PACKED.subarray(0, PACKED.length / 2), 1000),
    });
    expect(read.length).toBeGreaterThan(5_000);
    expect(read.slice(0, 5_000)).toEqual(texts(1, 5_000));
    expect(damages(self)).toBe(1);
    expect(self.count('corespan_source_errors_total', 'gzip')).toBe(1);
  });

  test('that is stopped: what has come is read, and nothing is damaged', async () => {
    const stdin = new PassThrough();
    stdin.write(PACKED.subarray(0, PACKED.length / 2));
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    setTimeout(() => stop(), 50);
    const { read, self } = await replay('-', { stdin, stopped });
    expect(read.length).toBeGreaterThan(5_000);
    expect(damages(self)).toBe(0);
  });

  test.each([
    ['one byte', 'x', ['x']],
    ['nothing', '', []],
  ])('twin: of %s, which is not packed', async (_name, text, expected) => {
    const { read } = await replay('-', { stdin: Readable.from([Buffer.from(text)], { objectMode: false }) });
    expect(read).toEqual(expected);
  });
});

test('a named pipe', async () => {
  const volume = createVolume();
  volume.write('packed', PACKED);
  const fifo = volume.path('pipe');
  execFileSync('mkfifo', [fifo]);
  execFileSync('sh', ['-c', `cat "$1" > "$2" &`, 'sh', volume.path('packed'), fifo], { stdio: 'ignore' });
  expect((await replay(fifo, {})).read).toEqual(texts(1, 20_000));
});

test.each([
  ['whole', PACKED, 20_000, 0],
  ['cut', PACKED.subarray(0, PACKED.length / 2), 5_000, 1],
])(
  'run --source stdin, %s',
  async (_name, bytes, atLeast, damaged) => {
    const stdin = new PassThrough();
    const self = createTestSelf();
    const source = createStdinSource({ stdin, now: () => NOON }, self.sources);
    const read: string[] = [];
    const poll = () => source.poll((lines) => read.push(...toReadLines(lines).map(({ text }) => text)));
    stdin.write(bytes.subarray(0, 1));
    setImmediate(() => stdin.end(bytes.subarray(1)));
    // Unpacking takes as long as the thread pool takes: vitest ends what does not end.
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const polled = poll();
        if (polled === 'more') setImmediate(look);
        if (polled === 'ended') resolve();
      };
      source.onArrival?.(look);
      look();
    });
    expect(poll()).toBe('ended');
    expect(read.length).toBeGreaterThanOrEqual(atLeast);
    // The last line is cut as the archive is.
    const whole = read.slice(0, read.length - damaged);
    expect(whole).toEqual(texts(1, whole.length));
    expect(damages(self)).toBe(damaged);
  },
  60_000,
);
