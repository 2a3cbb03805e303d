/** The generated log is what it claims to be, or the benchmarks that read it mean nothing. */
import { expect, test } from 'vitest';
import type { Query } from '../../src/records/query.ts';
import { type CorpusOptions, generateCorpus } from '../support/corpus.ts';
import { fromBytes, unwrapped } from './lines.ts';
import { type Fates, parse } from './parse.ts';

function generate(options: Partial<CorpusOptions> = {}): Buffer {
  return Buffer.concat([...generateCorpus({ lines: 20_000, seed: 1, ...options })]);
}

function read(log: Buffer): Fates {
  return parse(unwrapped(log));
}

function share(queries: readonly Query[], isCounted: (query: Query) => boolean): number {
  return queries.filter(isCounted).length / queries.length;
}

test('a seed gives one log, another seed another', () => {
  const log = generate();
  expect(generate().equals(log)).toBe(true);
  expect(generate({ seed: 2 }).equals(log)).toBe(false);
});

test('it has the stated number of lines, in whole lines a piece', () => {
  for (const piece of generateCorpus({ lines: 20_000, seed: 1 })) expect(piece.at(-1)).toBe(10);
  expect(generate().toString('latin1').split('\n').length - 1).toBe(20_000);
});

test('the mix: search walks, IPv6, slow answers, failures with their errors line', () => {
  const { queries, notices } = read(generate());
  const errors = notices['errors'] ?? 0;
  expect(queries.length + errors).toBe(20_000);
  expect(share(queries, ({ rcode }) => rcode === 'NXDOMAIN')).toBeCloseTo(0.58, 1);
  expect(share(queries, ({ client }) => client.includes(':'))).toBeGreaterThan(0.002);
  expect(share(queries, ({ duration }) => duration >= 1e9)).toBeGreaterThan(0.003);
  expect(queries.filter(({ rcode }) => rcode === 'SERVFAIL').length).toBe(errors);
  expect(errors).toBeGreaterThan(20);
  expect(new Set(queries.map(({ client }) => client)).size).toBeGreaterThan(190);
  expect(new Set(queries.map(({ question }) => question.qtype))).toEqual(
    new Set(['A', 'AAAA', 'PTR', 'SRV', 'HTTPS', 'TXT']),
  );
  expect(queries.some(({ question }) => question.qname.includes('\\"'))).toBe(true);
  expect(queries.every(({ time }, i) => i === 0 || time >= (queries[i - 1]?.time ?? 0))).toBe(true);
});

test('variants', () => {
  expect(share(read(generate({ clients: 'ipv6' })).queries, ({ client }) => client.includes(':'))).toBe(1);
  const names = (log: Buffer): number => new Set(read(log).queries.map(({ question }) => question)).size;
  expect(names(generate({ uniqueNames: true }))).toBeGreaterThan(19_000);
  expect(names(generate())).toBeLessThan(12_000);
  const raw = fromBytes(generate({ wrapping: 'none' }));
  expect(raw.bytes.toString('latin1', 0, 7)).toBe('[INFO] ');
  const plain = read(generate()).queries.map(({ question }) => question);
  expect(read(generate({ shape: 'json' })).queries.map(({ question }) => question)).toEqual(plain);
});
