/** Standard input as a source: lines are handed over as they come, with the wall clock where they say no time. */
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Lines } from '../../src/records/line.ts';
import { createStdinSource } from '../../src/sources/stdin.ts';
import { createTestSelf } from '../support/self.ts';
import { type ReadLine, toReadLines } from './harness.ts';

const START = Date.parse('2026-11-21T12:00:00Z');

function startSource(lineLimit?: number) {
  const stdin = new PassThrough();
  const self = createTestSelf();
  const lines: ReadLine[] = [];
  const clock = { now: START };
  const source = createStdinSource(
    { stdin, now: () => clock.now, ...(lineLimit === undefined ? {} : { lineLimit }) },
    self.sources,
  );
  let looks = 0;
  source.onArrival?.(() => looks++);
  const accept = (batch: Lines): void => {
    lines.push(...toReadLines(batch));
  };
  return {
    stdin,
    self,
    clock,
    source,
    texts: () => lines.map(({ text }) => text),
    lines,
    looks: () => looks,
    poll: () => source.poll(accept),
    /** Polls until nothing is left of what has been written. */
    async pollAll() {
      for (;;) {
        const polled = source.poll(accept);
        if (polled !== 'more') return polled;
        await nextTurn();
      }
    },
  };
}

describe('standard input', () => {
  it('is read as it comes: a line is handed over once its break has come', async () => {
    const input = startSource();
    expect(input.poll()).toBe('caughtUp');
    input.stdin.write('one\ntw');
    await nextTurn();
    expect(await input.pollAll()).toBe('caughtUp');
    expect(input.texts()).toEqual(['one']);
    input.stdin.write('o\n');
    await nextTurn();
    expect(await input.pollAll()).toBe('caughtUp');
    expect(input.lines.map(({ text, offset }) => [text, offset])).toEqual([
      ['one', 0],
      ['two', 4],
    ]);
  });

  it('says that lines have come, once for each time that it was found empty', async () => {
    const input = startSource();
    input.poll();
    await nextTurn();
    expect(input.looks()).toBe(0);
    input.stdin.write('one\n');
    input.stdin.write('two\n');
    await nextTurn();
    expect(input.looks()).toBe(1);
  });

  it('ends with its last line, with or without a line break', async () => {
    const input = startSource();
    input.poll();
    input.stdin.end('one\ntwo');
    await nextTurn();
    input.poll();
    await nextTurn();
    expect(await input.pollAll()).toBe('ended');
    expect(input.poll()).toBe('ended');
    expect(input.texts()).toEqual(['one', 'two']);
    expect(input.self.count('corespan_lines_read_total', 'stdin')).toBe(2);
  });

  it('gives lines without time the wall clock, and takes the wrapping off those that have one', async () => {
    const input = startSource();
    input.stdin.write('bare\n');
    await nextTurn();
    await input.pollAll();
    input.clock.now = START + 5_000;
    input.stdin.write('later\n');
    await nextTurn();
    await input.pollAll();
    input.stdin.write('2026-11-21T11:59:00.5Z stdout F wrapped\n');
    await nextTurn();
    await input.pollAll();
    expect(input.lines.map(({ text, time }) => [text, time - START])).toEqual([
      ['bare', 0],
      ['later', 5_000],
      ['wrapped', -59_500],
    ]);
  });

  it('holds no more than a window and a stream while nobody polls', async () => {
    const input = startSource(1024);
    input.poll();
    let isFull = false;
    for (let write = 0; !isFull && write < 10_000; write++) {
      isFull = !input.stdin.write(`${'x'.repeat(99)}\n`);
      await nextTurn();
    }
    expect(isFull).toBe(true);
  });

  it('counts what breaks it, and ends', async () => {
    const input = startSource();
    input.poll();
    input.stdin.destroy(new Error('the pipe is broken'));
    await nextTurn();
    expect(await input.pollAll()).toBe('ended');
    expect(input.self.count('corespan_source_errors_total', 'read')).toBe(1);
  });
});
