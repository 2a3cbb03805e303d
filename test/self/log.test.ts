import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel } from '../../src/self/log.ts';

function createRoom(level: LogLevel = 'info', isTerminal = false) {
  const written: string[] = [];
  let time = Date.parse('2026-11-21T12:00:00Z');
  const log = createLog({ level, isTerminal, write: (text) => written.push(text), now: () => time });
  return {
    log,
    written,
    pass(ms: number): number {
      time += ms;
      return time;
    },
  };
}

describe('a message', () => {
  it('is one JSON object a line for machines', () => {
    const { log, written } = createRoom();
    log.warn('Spans were dropped', { reason: 'queue_full', spans: 3 });
    expect(written).toEqual([
      '{"time":"2026-11-21T12:00:00.000Z","level":"warn","message":"Spans were dropped","reason":"queue_full","spans":3}\n',
    ]);
  });

  it('is plain on a terminal, and never carries a raw control character there', () => {
    const { log, written } = createRoom('info', true);
    log.error('A file cannot be read', { path: '/a b\u001b[31m', code: 13, note: undefined });
    // The diagnostics of a library, which holds what an endpoint answered.
    log.info('it answered \u001b[2J\nwarn: forged');
    expect(written).toEqual([
      'error: A file cannot be read path="/a b\\u001b[31m" code=13\n',
      'it answered ?[2J?warn: forged\n',
    ]);
  });

  it('is left out below the level', () => {
    const { log, written } = createRoom('warn');
    log.debug('no');
    log.info('no');
    log.warn('yes');
    expect(written).toHaveLength(1);
  });
});

describe('a happening that comes by the thousand', () => {
  it('is written once, then as a count a minute', () => {
    const { log, written, pass } = createRoom();
    for (let n = 0; n < 1000; n++) log.often('warn', 'A line was not understood', { n });
    expect(written).toHaveLength(1);
    log.tick(pass(59_000));
    expect(written).toHaveLength(1);
    log.tick(pass(2_000));
    expect(written[1]).toContain('"message":"A line was not understood (again)","times":999');
    log.often('warn', 'A line was not understood');
    expect(written).toHaveLength(3);
  });

  it('adds up what it brings, so that the first number is not taken for the whole', () => {
    const { log, written, pass } = createRoom('info', true);
    for (const spans of [1, 500, 700]) log.often('warn', 'Spans were dropped', { reason: 'rate', spans });
    log.tick(pass(61_000));
    expect(written).toEqual([
      'warn: Spans were dropped reason=rate spans=1\n',
      'warn: Spans were dropped (again) times=2 spans=1200\n',
    ]);
  });
});

it.each([
  { text: 'plain-name.example.org', printed: 'plain-name.example.org' },
  { text: 'two words', printed: '"two words"' },
  { text: 'bell\u0007', printed: '"bell\\u0007"' },
  { text: 'ü\u2028', printed: '"\\u00fc\\u2028"' },
])('prints $printed', ({ text, printed }) => {
  const { log, written } = createRoom('info', true);
  log.info('A name', { text });
  expect(written).toEqual([`A name text=${printed}\n`]);
});
