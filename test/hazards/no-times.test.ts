/**
 * A log without times, as `kubectl logs` prints it: who has an address now may not be who asked. It is said, and lines
 * are of different moments.
 */
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';
import { createStdinSource } from '../../src/sources/stdin.ts';
import {
  createVolume,
  cri,
  criLines,
  follow,
  LOG,
  NOON,
  type ReadLine,
  toReadLines,
} from '../sources/harness.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

const START = '2026/11/21 12:00:00 [INFO] Starting node-cache image: 1.26\n';
const QUERY = '[INFO] 10.9.1.7:4000 - 7 "A IN a.example.org. udp 40 false 512" NOERROR qr,rd,ra 60 0.1s\n';

function warnings(self: TestSelf): string[] {
  return self.messages.filter((message) => message.includes('kubectl logs --timestamps'));
}

async function replay(text: string) {
  const self = createTestSelf();
  const lines: ReadLine[] = [];
  const options = { stdin: Readable.from([text]), now: () => NOON };
  for await (const run of readLines(toInputs(['-'], undefined), options, self.sources))
    lines.push(...toReadLines(run));
  return { self, times: lines.map(({ time }) => time - NOON) };
}

describe('a replay', () => {
  test('of lines without any time says so, once, and names the input', async () => {
    const { self } = await replay(QUERY.repeat(5000));
    expect(warnings(self)).toHaveLength(1);
    expect(warnings(self)[0]).toContain('"path":"-"');
  });

  test('of one line with a time and many without says so; they are a millisecond apart', async () => {
    const { self, times } = await replay(START + QUERY.repeat(5000));
    expect(warnings(self)).toHaveLength(1);
    expect(times).toEqual(Array.from({ length: 5001 }, (_, n) => n));
  });

  test.each([
    ['all lines have times', criLines(1, 5000)],
    [
      'a message has several lines',
      `${START}goroutine 1 [running]:\n${'\tmain.main()\n'.repeat(50)}`.repeat(20),
    ],
  ])('twin: it says nothing where %s', async (_name, text) => {
    const { self, times } = await replay(text);
    expect(times.length).toBeGreaterThan(1000);
    expect(warnings(self)).toEqual([]);
  });
});

test('standard input, read as it comes: behind a long run lines are of now, and never later', async () => {
  const stdin = new PassThrough();
  const self = createTestSelf();
  const clock = { now: NOON + 3_600_000 };
  const source = createStdinSource({ stdin, now: () => clock.now }, self.sources);
  const times: number[] = [];
  const write = async (text: string): Promise<void> => {
    stdin.write(text);
    await nextTurn();
    source.poll((lines) => times.push(...toReadLines(lines).map(({ time }) => time)));
  };
  await write(START + QUERY.repeat(50));
  expect(times.at(-1)).toBe(NOON + 50);
  expect(warnings(self)).toEqual([]);
  await write(QUERY.repeat(60));
  expect(times.at(-1)).toBe(clock.now);
  expect(warnings(self)).toHaveLength(1);
  clock.now += 5_000;
  await write(QUERY);
  expect(times.at(-1)).toBe(clock.now);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a log volume, read as it is written, says so too; twin: not of what the runtime has wrapped', () => {
  const volume = createVolume();
  volume.write(LOG, cri('a', 1));
  const reading = follow(volume);
  reading.poll();
  expect(reading.lines).toHaveLength(1);
  expect(warnings(reading.self)).toEqual([]);
  volume.write(LOG, QUERY);
  reading.poll(1000);
  expect(warnings(reading.self)).toHaveLength(1);
});
