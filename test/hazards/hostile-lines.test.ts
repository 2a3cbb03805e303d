/**
 * Hostile lines (43): whatever stands in a log, nothing is thrown, every line is counted, nobody's prototype
 * changes, and no name reaches beyond its own field.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createParser } from '../../src/parse/parser.ts';
import type { Lines } from '../../src/records/line.ts';
import { fromBytes, toLines } from '../parse/lines.ts';
import { mutate } from '../parse/mutate.ts';
import { createRandom, generateCorpus } from '../support/corpus.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const CORPUS = new URL('../fixtures/corpus/', import.meta.url);

const FORMATS = [
  undefined,
  '{common} {/log/type}',
  '{"q":"{name}","r":"{rcode}","c":"{remote}"}',
  '{remote} {/a/b} {name}',
];

function countOf(
  self: TestSelf,
  name: 'corespan_lines_parsed_total' | 'corespan_lines_rejected_total',
): number {
  return self.registry.samples(name).reduce((sum, { value }) => sum + value, 0);
}

function textsOf(...names: readonly string[]): string[] {
  return names.flatMap((name) => readFileSync(new URL(name, CORPUS), 'latin1').trimEnd().split('\n'));
}

function prototypes(): unknown {
  return [Object.prototype, Array.prototype, Map.prototype, Function.prototype].map((prototype) =>
    Object.getOwnPropertyNames(prototype),
  );
}

describe('names made to break parsers', () => {
  const log: Lines = fromBytes(readFileSync(new URL('coredns-hostile-names.log', CORPUS)));
  const queries = createParser({ format: undefined }, createTestSelf().parse).accept(log);

  test('all of them are read as what they are', () => {
    expect(queries.length).toBe(26);
    expect(new Set(queries.map(({ client, rcode, flags }) => `${client} ${rcode} ${flags}`))).toEqual(
      new Set(['127.0.0.1 NXDOMAIN qr,aa,rd']),
    );
  });

  test.each([
    String.raw`q\"\ nxdomain\ qr\ 1\ 0\.1s.example.`,
    String.raw`nl\010[info]\ fake.example.`,
    String.raw`\027]0\;pwn\007.example.`,
    '__proto__.example.',
    'constructor.prototype.',
    String.raw`{{\.name}}$`.concat('{7*7}%s%n.example.'),
    '.',
  ])('%s', (qname) => {
    expect(queries.filter(({ question }) => question.qname === qname).length).toBeGreaterThan(0);
  });

  test('the longest name is whole', () => {
    expect(Math.max(...queries.map(({ question }) => question.qname.length))).toBe(1004);
  });
});

test.each(FORMATS)('lines broken at random, format %s', (format) => {
  const self = createTestSelf();
  const parser = createParser({ format }, self.parse);
  const random = createRandom(SEED);
  const json = Buffer.concat([
    ...generateCorpus({ lines: 100, seed: SEED, shape: 'json', wrapping: 'none' }),
  ]);
  const originals = [
    ...textsOf('coredns-hostile-names.log', 'coredns-iodine-loopback.log'),
    ...textsOf('coredns-measured.tsv').map((row) => row.slice(row.lastIndexOf('\t') + 1)),
    ...json.toString('latin1').trimEnd().split('\n'),
  ];
  const before = prototypes();
  const cases = Math.ceil(CASES / FORMATS.length / 1000) * 1000;
  let read = 0;
  for (let done = 0; done < cases; done += 1000) {
    const lines = toLines(
      Array.from({ length: 1000 }, () =>
        mutate(originals[random.below(originals.length)] ?? '', originals, random),
      ),
    );
    read += lines.to - lines.from;
    for (const query of parser.accept(lines)) {
      if (!isInRange(query)) expect(query).toBe('in range');
    }
  }
  // It looked: there were lines of every fate; and the ledger balances.
  const parsed = countOf(self, 'corespan_lines_parsed_total');
  const rejected = countOf(self, 'corespan_lines_rejected_total');
  expect(parsed + rejected).toBe(read);
  expect(parsed).toBeGreaterThan(read / 10);
  for (const reason of ['bad_query', 'bad_json', 'unrecognised']) {
    expect(self.count('corespan_lines_rejected_total', 'kube-system/coredns-0', reason)).toBeGreaterThan(0);
  }
  expect(prototypes()).toEqual(before);
});

interface Ranged {
  readonly port: number;
  readonly id: number | undefined;
  readonly duration: number;
  readonly client: string;
  readonly question: { readonly bufsize: number | undefined };
}

function isInRange({ port, id = 0, duration, client, question: { bufsize = 0 } }: Ranged): boolean {
  const isUint16 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;
  const isAddress = /^[0-9a-f.:]*$/.test(client);
  return [port, id, bufsize].every(isUint16) && Number.isSafeInteger(duration) && duration >= 0 && isAddress;
}

test('twin: a range check that is missing would be seen', () => {
  expect(isInRange({ port: 65_536, id: 1, duration: 1, client: '', question: { bufsize: 1 } })).toBe(false);
  expect(isInRange({ port: 1, id: 1, duration: 1, client: 'fe80::1%x', question: { bufsize: 1 } })).toBe(
    false,
  );
});
