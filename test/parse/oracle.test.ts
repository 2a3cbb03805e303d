/**
 * The fast path, and the parser as a whole, against the plain parser, field by field: over generated logs, over lines broken at random, and
 * over lines written from random fields. `FUZZ_CASES` sets how many (100,000), `FUZZ_SEED` where to start.
 */
import { expect, test } from 'vitest';
import { createFastReader } from '../../src/parse/fast.ts';
import { createInterning } from '../../src/parse/interning.ts';
import { createRandom, generateCorpus, type Random } from '../support/corpus.ts';
import { createComparison, expectEqual, readPlain } from './comparison.ts';
import { fromBytes, toLines, toWritten } from './lines.ts';
import { mutate } from './mutate.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

test.each([
  ['ordinary', {}],
  ['over IPv6', { clients: 'ipv6' }],
  ['no name twice', { uniqueNames: true }],
] as const)('a generated log: %s', (_, options) => {
  const { counts, compare } = createComparison(createFastReader, SEED);
  for (const piece of generateCorpus({ lines: 20_000, seed: SEED, wrapping: 'none', ...options })) {
    compare(fromBytes(piece));
  }
  // Beside the errors lines, only names with quotes and durations of many decimals are out of the ordinary.
  expect(counts.fast).toBeGreaterThan(19_800);
  expect(counts.slow).toBeGreaterThan(5);
  expect(counts.neither).toBeGreaterThan(5);
});

test('lines broken at random', () => {
  const { counts, compare } = createComparison(createFastReader, SEED);
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

test.each([
  ['a transport', '"protocol":"quic","request_size":17,"dnssec_ok":false,"bufsize":1232', '- 17 false 1232'],
  ['a size', '"protocol":"udp","dnssec_ok":false,"bufsize":1232', 'udp - false 1232'],
  ['whether it wants DNSSEC', '"protocol":"udp","request_size":17,"bufsize":1232', 'udp 17 - 1232'],
  ['a buffer', '"protocol":"udp","request_size":17,"dnssec_ok":false', 'udp 17 false -'],
])('a question that was shared without %s is no excuse for a dash', (_, members, words) => {
  const { counts, compare } = createComparison(createFastReader, SEED);
  const json = `{"plugin":"log","qname":"a.example.","qtype":"A","qclass":"IN",${members},"rcode":"NOERROR"}`;
  const text = `[INFO] 192.0.2.7:1 - 2 "A IN a.example. ${words}" NOERROR qr 59 0.1s`;
  compare(toLines([json, text]));
  expect(counts).toEqual({ fast: 0, slow: 1, neither: 1 });
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
