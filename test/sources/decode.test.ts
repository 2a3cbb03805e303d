import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from './decoding.ts';
import { decodePlainly } from './plainDecoder.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 5000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

const NOON = Date.UTC(2026, 10, 21, 12);

describe('one line', () => {
  test.each<[name: string, line: string, text: string, time: number]>([
    ['CRI, nine digits', '2026-11-21T12:00:04.820707411Z stdout F [INFO] a', '[INFO] a', NOON + 4820.707411],
    ['CRI, zeros trimmed', '2026-11-21T12:00:04.82Z stderr F a', 'a', NOON + 4820],
    ['CRI, whole second', '2026-11-21T12:00:04Z stdout F a', 'a', NOON + 4000],
    ['CRI, another zone', '2026-11-21T13:30:04.5+01:30 stdout F a', 'a', NOON + 4500],
    ['CRI, a zone in the west', '2026-11-21T04:00:00-08:00 stdout F a', 'a', NOON],
    ['CRI, further tags', '2026-11-21T12:00:00Z stdout F:x:y a b', 'a b', NOON],
    ['CRI, empty', '2026-11-21T12:00:00Z stdout F ', '', NOON],
    ['CRI, empty, last blank cut', '2026-11-21T12:00:00Z stdout F', '', NOON],
    ['CRI, blanks kept', '2026-11-21T12:00:00Z stdout F  a ', ' a ', NOON],
    [
      'docker',
      '{"log":"[INFO] \\"A\\" \\\\ \\u003c\\n","stream":"stdout","time":"2026-11-21T12:00:00.5Z"}',
      '[INFO] "A" \\ <',
      NOON + 500,
    ],
    [
      'docker, attributes',
      '{"log":"a\\n","stream":"stderr","attrs":{"time":"x"},"time":"2026-11-21T12:00:00Z"}',
      'a',
      NOON,
    ],
    ['docker, CRLF', '{"log":"a\\r\\n","stream":"stdout","time":"2026-11-21T12:00:00Z"}', 'a', NOON],
    [
      'docker, a text like its own end',
      '{"log":"\\"time\\":\\"1\\"}\\n","stream":"stdout","time":"2026-11-21T12:00:00Z"}',
      '"time":"1"}',
      NOON,
    ],
    ['bare', '[INFO] 192.0.2.1:53 - 1', '[INFO] 192.0.2.1:53 - 1', Number.NaN],
    ['bare, RFC 3339', '2026-11-21T12:00:00.501Z [INFO] a', '2026-11-21T12:00:00.501Z [INFO] a', NOON + 501],
    [
      'bare, RFC 3339 with a fraction and a zone',
      '2026-11-21T13:00:00.25+01:00 [INFO] a',
      '2026-11-21T13:00:00.25+01:00 [INFO] a',
      NOON + 250,
    ],
    [
      'bare, the first of two',
      '2026-11-21T12:00:01Z 2018-11-21T06:48:49Z [DEBUG] a',
      '2026-11-21T12:00:01Z 2018-11-21T06:48:49Z [DEBUG] a',
      NOON + 1000,
    ],
    ['bare, Go', '2026/11/21 12:00:01 [INFO] a', '2026/11/21 12:00:01 [INFO] a', NOON + 1000],
    ['bare, Go with a fraction', '2026/11/21 12:00:01.5 a', '2026/11/21 12:00:01.5 a', NOON + 1500],
    ['bare, journald', '2026-11-21 12:00:01.25 host a', '2026-11-21 12:00:01.25 host a', NOON + 1250],
    [
      'bare, behind a word',
      'node-cache 2026-11-21T12:00:01Z a',
      'node-cache 2026-11-21T12:00:01Z a',
      NOON + 1000,
    ],
    [
      'bare, CoreDNS 1.1',
      '192.0.2.1:5 - [21/Nov/2026:13:00:01 +0100] 4 "A',
      '192.0.2.1:5 - [21/Nov/2026:13:00:01 +0100] 4 "A',
      NOON + 1000,
    ],
    [
      'bare, CoreDNS 1.1, a zone in the west',
      '192.0.2.1:5 - [21/Nov/2026:07:00:01 -0500] 4 "A',
      '192.0.2.1:5 - [21/Nov/2026:07:00:01 -0500] 4 "A',
      NOON + 1000,
    ],
    [
      'bare, CoreDNS 1.1, half an hour',
      '192.0.2.1:5 - [21/Nov/2026:13:30:01 +0130] 4 "A',
      '192.0.2.1:5 - [21/Nov/2026:13:30:01 +0130] 4 "A',
      NOON + 1000,
    ],
    [
      'bare, CoreDNS 1.0, IPv6',
      '2001:db8::7 - [21/Nov/2026:12:00:01 +0000] "A',
      '2001:db8::7 - [21/Nov/2026:12:00:01 +0000] "A',
      NOON + 1000,
    ],
    [
      'bare, JSON',
      '{"time":"2026-11-21T12:00:00.5Z","level":"INFO"}',
      '{"time":"2026-11-21T12:00:00.5Z","level":"INFO"}',
      NOON + 500,
    ],
    ['CRI, the epoch', '1970-01-01T00:00:00.5Z stdout F a', 'a', 500],
    ['bare, other JSON', '{"level":"INFO"}', '{"level":"INFO"}', Number.NaN],
    ['bare, a time alone', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', NOON],
    [
      'bare, a word like a stream',
      '2026-11-21T12:00:00Z stdouts F a',
      '2026-11-21T12:00:00Z stdouts F a',
      NOON,
    ],
    [
      'no time: a day that does not exist',
      '2026-02-30T12:00:00Z stdout F a',
      '2026-02-30T12:00:00Z stdout F a',
      Number.NaN,
    ],
    [
      'no time: a month that does not exist',
      '192.0.2.1:5 - [21/Nox/2026:12:00:01 +0000] 4 "A',
      '192.0.2.1:5 - [21/Nox/2026:12:00:01 +0000] 4 "A',
      Number.NaN,
    ],
    ['no time: numbers that are none', '2026-13-41T12:01:04Z .:53', '2026-13-41T12:01:04Z .:53', Number.NaN],
    [
      'no time: journald names no year',
      'Jun 05 16:41:03 host coredns[1]: .:53',
      'Jun 05 16:41:03 host coredns[1]: .:53',
      Number.NaN,
    ],
    ['no time: no zone', '2026-11-21T12:00:00 stdout F a', '2026-11-21T12:00:00 stdout F a', Number.NaN],
  ])('%s', (_name, line, text, time) => {
    expect(decode(Buffer.from(`${line}\n`))).toEqual({ lines: [{ text, time, offset: 0 }], rejected: [] });
    expect(decodePlainly(`${line}\n`, 65_536)).toEqual({ lines: [{ text, time, offset: 0 }], rejected: [] });
  });

  test.each([
    ['CRI without a tag', '2026-11-21T12:00:00Z stdout'],
    ['CRI with another tag', '2026-11-21T12:00:00Z stdout X a'],
    ['CRI, the tag runs on', '2026-11-21T12:00:00Z stderr Full a'],
    ['docker, cut', '{"log":"[INFO] a'],
    ['docker, cut behind the text', '{"log":"a\\n","stream":"stdout"'],
    ['docker, no time', '{"log":"a\\n","stream":"stdout"}'],
    ['docker, a hole where the time was', `{"log":"a\\n","stream":"stdout","time":"${'\0'.repeat(16)}:00"}`],
    ['docker, a broken escape', '{"log":"\\x\\n","stream":"stdout","time":"2026-11-21T12:00:00Z"}'],
    ['docker, a broken \\u', '{"log":"\\u12\\n","stream":"stdout","time":"2026-11-21T12:00:00Z"}'],
  ])('is no wrapping: %s', (_name, line) => {
    expect(decode(Buffer.from(`${line}\n`))).toEqual({ lines: [], rejected: ['bad_wrapping'] });
  });
});

describe('a fraction of a second', () => {
  test.each(Array.from({ length: 12 }, (_, digits) => digits + 1))('of %i digits', (digits) => {
    const fraction = '987654321987'.slice(0, digits);
    const [line] = decode(Buffer.from(`2026-11-21T12:00:00.${fraction}Z stdout F a\n`)).lines;
    expect(line?.time).toBeCloseTo(NOON + Number(`0.${fraction}`) * 1000, 3);
  });
});

describe('lines without a time', () => {
  function timesOf(...lines: string[]): number[] {
    let made = 0;
    return decode(Buffer.from(lines.join('\n')), { made: () => made++ }).lines.map(({ time }) => time);
  }

  test.each<[string, string[], number[]]>([
    [
      'are a millisecond behind the previous one',
      ['2026-11-21T12:00:01Z a', 'b', 'c'],
      [NOON + 1000, NOON + 1001, NOON + 1002],
    ],
    [
      'are not behind the next one that has a time',
      ['2026-11-21T12:00:01Z a', 'b', 'c', 'd', '2026-11-21T12:00:01.0015Z e', 'f'],
      [NOON + 1000, NOON + 1001, NOON + 1001.5, NOON + 1001.5, NOON + 1001.5, NOON + 1002.5],
    ],
    [
      'do not go back where the clock did',
      ['2026-11-21T12:00:01Z a', 'b', '2026-11-21T12:00:00Z c', 'd'],
      [NOON + 1000, NOON + 1000, NOON, NOON + 1],
    ],
    [
      'get the first one’s at the beginning',
      ['a', 'b', '2026-11-21T12:00:01Z c'],
      [NOON + 1000, NOON + 1000, NOON + 1000],
    ],
    ['get made ones where no line has any', ['a', 'b', 'c'], [0, 1, 2]],
  ])('%s', (_name, lines, expected) => {
    expect(timesOf(...lines)).toEqual(expected);
  });
});

describe('cut lines', () => {
  const P = (stream: string, text: string, second: number): string =>
    `2026-11-21T12:00:0${second}Z ${stream} P ${text}\n`;
  const F = (stream: string, text: string, second: number): string =>
    `2026-11-21T12:00:0${second}Z ${stream} F ${text}\n`;

  test.each<[string, string, [string, number, number][]]>([
    [
      'become one, with the first part’s time and place',
      P('stdout', 'a', 1) + P('stdout', 'b', 2) + F('stdout', 'c', 3),
      [['abc', 1, 0]],
    ],
    [
      'of both streams do not mix',
      P('stdout', 'a', 1) + P('stderr', 'x', 2) + F('stdout', 'b', 3) + F('stderr', 'y', 4),
      [
        ['ab', 1, 0],
        ['xy', 2, 32],
      ],
    ],
    [
      'let other streams pass',
      P('stdout', 'a', 1) + F('stderr', 'x', 2) + F('stdout', 'b', 3),
      [
        ['x', 2, 32],
        ['ab', 1, 0],
      ],
    ],
    ['that nobody ends are a line at the end', P('stdout', 'a', 1) + P('stdout', 'b', 2), [['ab', 1, 0]]],
    [
      'let lines without wrapping pass',
      `${P('stdout', 'a', 1)}2026-11-21T12:00:02Z bare\n${F('stdout', 'b', 3)}`,
      [
        ['2026-11-21T12:00:02Z bare', 2, 32],
        ['ab', 1, 0],
      ],
    ],
    [
      'of docker',
      '{"log":"a","stream":"stdout","time":"2026-11-21T12:00:01Z"}\n{"log":"b\\n","stream":"stdout","time":"2026-11-21T12:00:02Z"}\n',
      [['ab', 1, 0]],
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(decode(Buffer.from(bytes)).lines).toEqual(
      expected.map(([text, second, offset]) => ({ text, time: NOON + second * 1000, offset })),
    );
  });

  test('many in one window do not run out of room', () => {
    const long = 'x'.repeat(1500);
    const bytes = Array.from({ length: 100 }, () => P('stdout', long, 1) + F('stdout', long, 2)).join('');
    const { lines, rejected } = decode(Buffer.from(bytes), { lineLimit: 4000 });
    expect(lines).toHaveLength(100);
    expect(new Set(lines.map(({ text }) => text))).toEqual(new Set([long + long]));
    expect(rejected).toEqual([]);
  });

  test('longer than the limit are rejected once, and the next line is read', () => {
    const bytes = P('stdout', 'x'.repeat(60), 1).repeat(3) + F('stdout', 'end', 2) + F('stdout', 'next', 3);
    const { lines, rejected } = decode(Buffer.from(bytes), { lineLimit: 150 });
    expect(lines.map(({ text }) => text)).toEqual(['next']);
    expect(rejected).toEqual(['oversize']);
  });
});

describe('the plain decoder', () => {
  const SECOND = fc.integer({ min: 0, max: 300 });
  const TEXT = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({
        unit: fc.constantFrom('a', ' ', '"', '\\', '{', '}', ':', 'é', '\t'),
        maxLength: 40,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'x'.repeat(80),
        'stdout F ',
        '"time":"2026-11-21T12:00:00Z"}',
        ' - [21/Nov/2026:13:00:01 +0100]',
      ),
    },
  );
  const TIME = fc
    .tuple(
      SECOND,
      fc.constantFrom('', '.5', '.123456', '.999999999', '.1234567891'),
      fc.constantFrom('Z', 'Z', 'Z', '+01:00', '-09:30', ''),
    )
    .map(
      ([second, fraction, zone]) =>
        `${new Date(NOON + second * 1000).toISOString().slice(0, 19)}${fraction}${zone}`,
    );
  const STREAM = fc.constantFrom('stdout', 'stderr');
  const LINE = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(TIME, STREAM, fc.constantFrom('F', 'F', 'F', 'P', 'P', 'F:a', 'X', ''), TEXT)
        .map((parts) => parts.join(' ')),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(TEXT, STREAM, TIME, fc.constantFrom('\n', '\n', '\r\n', ''))
        .map(([log, stream, time, end]) => toDocker(log + end, stream, time)),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('', 'word '), TIME, TEXT)
        .map(([word, time, text]) => `${word}${time} ${text}`),
    },
    { weight: 1, arbitrary: TIME.map((time) => `{"time":"${time}","level":"INFO"}`) },
    { weight: 1, arbitrary: TIME.map((time) => time.replaceAll('-', '/').replace('T', ' ')) },
    { weight: 2, arbitrary: TEXT },
    { weight: 1, arbitrary: fc.constantFrom('', '\0\0\0', '\0a', '\r', 'y'.repeat(300)) },
  );
  /** Sometimes something cuts a line short. */
  const CUT_LINE = fc.oneof(
    { weight: 9, arbitrary: LINE },
    { weight: 1, arbitrary: fc.tuple(LINE, fc.nat(60)).map(([line, length]) => line.slice(0, length)) },
  );
  const FILE = fc
    .tuple(fc.array(CUT_LINE, { maxLength: 30 }), fc.constantFrom('\n', ''))
    .map(([lines, end]) => Buffer.from(lines.join('\n') + end));

  test(`agrees on ${CASES} files, cut into windows anywhere`, () => {
    let read = 0;
    let timeless = 0;
    let rejected = 0;
    fc.assert(
      fc.property(FILE, fc.array(fc.nat(2000), { maxLength: 5 }), (bytes, looks) => {
        const expected = decodePlainly(bytes.toString('latin1'), 200);
        const decoded = decode(bytes, { lineLimit: 200, looks, made: () => 0 });
        expect(decoded.lines.filter(({ time }) => Number.isNaN(time))).toEqual([]);
        // Lines without a time get one that depends on their neighbours in the window.
        const lines = decoded.lines.map((line, index) =>
          Number.isNaN(expected.lines[index]?.time) ? { ...line, time: Number.NaN } : line,
        );
        expect(lines).toEqual(expected.lines);
        expect(decoded.rejected.toSorted()).toEqual(expected.rejected.toSorted());
        read += expected.lines.length;
        timeless += expected.lines.filter(({ time }) => Number.isNaN(time)).length;
        rejected += expected.rejected.length;
      }),
      { numRuns: CASES, seed: SEED },
    );
    expect(read).toBeGreaterThan(3 * CASES);
    expect(timeless).toBeGreaterThan(CASES);
    expect(rejected).toBeGreaterThan(CASES / 10);
  });
});

function toDocker(log: string, stream: string, time: string): string {
  return JSON.stringify({ log, stream, time }).replaceAll('é', '\\u00e9');
}
