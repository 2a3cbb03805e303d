/**
 * The fast path, and the parser as a whole, against the plain parser, field by field: over generated logs, over lines broken at random, and
 * over lines written from random fields. `FUZZ_CASES` sets how many (100,000), `FUZZ_SEED` where to start.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { createFastReader } from '../../src/parse/fast.ts';
import { createInterning } from '../../src/parse/interning.ts';
import { createParser } from '../../src/parse/parser.ts';
import { readLine } from '../../src/parse/reading.ts';
import type { Lines } from '../../src/records/line.ts';
import { createRandom, generateCorpus, type Random } from '../support/corpus.ts';
import { createTestSelf } from '../support/self.ts';
import { fromBytes, toLines, toWritten, type WrittenQuery } from './lines.ts';
import { mutate } from './mutate.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

interface Comparison {
  /** Lines that the fast path read; each equals the plain parser's reading. */
  fast: number;
  /** Lines that only the plain parser read. */
  slow: number;
  /** Lines that are no query to either. */
  neither: number;
}

function createComparison(): { readonly counts: Comparison; readonly compare: (lines: Lines) => void } {
  const readFast = createFastReader(createInterning(SEED));
  const parser = createParser({ format: undefined, hashSeed: SEED }, createTestSelf().parse);
  const counts = { fast: 0, slow: 0, neither: 0 };
  return {
    counts,
    compare(lines) {
      const expected: WrittenQuery[] = [];
      for (let index = lines.from; index < lines.to; index++) {
        const fast = readFast(lines, index);
        const plain = readPlain(lines, index);
        if (fast !== undefined) expectEqual(toWritten(fast), plain);
        if (plain !== undefined) expected.push(plain);
        counts[fast !== undefined ? 'fast' : plain !== undefined ? 'slow' : 'neither']++;
      }
      expectEqual(parser.accept(lines).queries.map(toWritten), expected);
    },
  };
}

/** `expect` alone would take most of the time. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

function readPlain(lines: Lines, index: number): WrittenQuery | undefined {
  const reading = readLine(lines.bytes.toString('utf8', lines.start[index], lines.end[index]), undefined);
  if (reading.kind !== 'query') return undefined;
  return {
    file: lines.file,
    offset: lines.offset[index] ?? 0,
    time: lines.time[index] ?? 0,
    ...reading.fields,
  };
}

test.each([
  ['ordinary', {}],
  ['over IPv6', { clients: 'ipv6' }],
  ['no name twice', { uniqueNames: true }],
] as const)('a generated log: %s', (_, options) => {
  const { counts, compare } = createComparison();
  for (const piece of generateCorpus({ lines: 20_000, seed: SEED, wrapping: 'none', ...options })) {
    compare(fromBytes(piece));
  }
  // Beside the errors lines, only names with quotes and durations of many decimals are out of the ordinary.
  expect(counts.fast).toBeGreaterThan(19_800);
  expect(counts.slow).toBeGreaterThan(5);
  expect(counts.neither).toBeGreaterThan(5);
});

test('lines broken at random', () => {
  const { counts, compare } = createComparison();
  const random = createRandom(SEED);
  const originals = toOriginals(random);
  for (let done = 0; done < CASES; done += 1000) {
    compare(toLines(Array.from({ length: 1000 }, () => mutate(pick(originals, random), originals, random))));
  }
  // Enough of each kind, or the mutations are too tame or too wild.
  expect(counts.fast).toBeGreaterThan(CASES / 20);
  expect(counts.slow).toBeGreaterThan(CASES / 100);
  expect(counts.neither).toBeGreaterThan(CASES / 20);
});

test('twin: one member that differs would be seen', () => {
  const lines = fromBytes(Buffer.concat([...generateCorpus({ lines: 1, seed: SEED, wrapping: 'none' })]));
  const plain = readPlain(lines, 0);
  const fast = createFastReader(createInterning(SEED))(lines, 0);
  expectEqual(fast && toWritten(fast), plain);
  expect(() => expectEqual({ ...plain, duration: (plain?.duration ?? 0) + 1 }, plain)).toThrow();
});

function toOriginals(random: Random): string[] {
  const pieces = [...generateCorpus({ lines: 400, seed: SEED, wrapping: 'none' })];
  const generated = Buffer.concat(pieces).toString('latin1').trimEnd().split('\n');
  return [...generated, ...Array.from({ length: 400 }, () => toRandomLine(random))];
}

/** Each field from the whole range of what CoreDNS can write, and a little beyond. */
function toRandomLine(random: Random): string {
  const choose = (...texts: readonly string[]): string => pick(texts, random);
  const uint = (): string =>
    choose('0', '1', '512', '65535', '65536', '007', String(random.below(1e9)), '1234567890');
  const name = Array.from({ length: random.below(8) }, () =>
    choose('a.', 'b\\"', '\\ ', '\\\\', '\\255', '\\256', '-', '\\.'),
  ).join('');
  const remote = choose(
    '192.0.2.7',
    '[2001:db8::7]',
    '[FE80::7%eth0]',
    '1.2.3',
    '',
    '[::ffff:192.0.2.7]',
    '192.0.2.256',
  );
  const seconds = choose('0', '1', '12', '9000001', '104249991');
  const fraction = choose('', '.5', '.000235741', '.2718096660000002', '.', '.9999999995');
  const question = `${choose('A', 'TYPE65280', 'NSAP-PTR', '')} ${choose('IN', 'CLASS77')} ${name}. ${choose('udp', 'tcp', 'quic')} ${uint()} ${choose('true', 'false')} ${uint()}`;
  const answer = `${choose('NOERROR', 'NXDOMAIN', '3841', '-', 'noerror')} ${choose('qr,aa', 'qr', '-', '', 'QR')} ${choose(uint(), '-')}`;
  const duration = choose(`${seconds}${fraction}s`, '102.2µs', '1.5ms', '-');
  return `[INFO] ${remote}:${uint()} - ${uint()} "${question}" ${answer} ${duration}${choose('', '', ' "0"', ' "x"', ' ')}`;
}

function pick(texts: readonly string[], random: Random): string {
  return texts[random.below(texts.length)] ?? '';
}
