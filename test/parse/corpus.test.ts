/** Every line that a real CoreDNS or NodeLocal DNSCache was recorded to write comes out as what it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createParser } from '../../src/parse/parser.ts';
import { createTestSelf } from '../support/self.ts';
import { fromBytes, toLines, unwrapped } from './lines.ts';
import { type Fates, parse as parseLines } from './parse.ts';

const CORPUS = new URL('../fixtures/corpus/', import.meta.url);

interface Row {
  readonly kind: string;
  readonly origin: string;
  readonly line: string;
}

const ROWS: readonly Row[] = readFileSync(new URL('coredns-measured.tsv', CORPUS), 'utf8')
  .split('\n')
  .slice(0, -1)
  .map((row) => {
    const [kind = '', origin = '', line = ''] = row.split('\t');
    return { kind, origin, line };
  });

function parse(lines: readonly string[], format?: string): Fates {
  return parseLines(toLines(lines), format);
}

function rowsOf(kind: string, origin = ''): Row[] {
  return ROWS.filter((row) => row.kind === kind && row.origin.includes(origin));
}

describe('measured lines', () => {
  test('the table is whole', () => {
    expect(ROWS.length).toBe(197);
    expect(rowsOf('query').length).toBe(127);
  });

  test('queries', () => {
    for (const { line } of rowsOf('query')) {
      const { queries, notices, rejected } = parse([line]);
      expect({ line, notices, rejected }).toEqual({ line, notices: {}, rejected: {} });
      // Written back in the format it was read from, a query is the line again.
      const [query] = queries;
      const { qname, qtype, qclass, transport, size, dnssecOk, bufsize } = query?.question ?? {};
      expect(line).toContain(
        `- ${query?.id} "${qtype} ${qclass} ${qname} ${transport} ${size} ${dnssecOk} ${bufsize}" `,
      );
    }
  });

  test('lines of the errors plugin', () => {
    for (const { line } of rowsOf('error')) {
      expect(parse([line])).toEqual({ queries: [], notices: { errors: 1 }, rejected: {} });
    }
  });

  test('everything else is a notice', () => {
    expect(parse(rowsOf('other').map(({ line }) => line))).toEqual({
      queries: [],
      notices: { banner: 23, reload: 6, stop: 4, node_cache: 22, dnstap: 2, loop: 1 },
      rejected: {},
    });
  });

  test('lines in a FORMAT that nobody named are not passed off as messages', () => {
    const rejected = { bad_query: 4, unrecognised: 3 };
    expect(parse(rowsOf('custom').map(({ line }) => line))).toEqual({ queries: [], notices: {}, rejected });
  });
});

describe('measured lines in their own FORMAT', () => {
  test.each([
    ['text around {common}', 'TWO {common} up={/forward/upstream} x={/x/y} cls={/log/class}', 1],
    [
      'every placeholder',
      '{remote} {port} {local} {>id} {>opcode} {>do} {>bufsize} {size} {proto} {class} {type} {name} {rcode} {rsize} {>rflags} {duration} {unknown} {>unknown} {when} {/x/y}',
      4,
    ],
    ['hand-made JSON', '{"q":"{name}","t":"{type}","r":"{rcode}","d":"{duration}"}', 2],
  ])('%s', (origin, format, count) => {
    const lines = rowsOf('custom', origin).map(({ line }) => line);
    const { queries, notices, rejected } = parse(lines, format);
    expect({ count: queries.length, notices, rejected }).toEqual({ count, notices: {}, rejected: {} });
    expect(
      queries.every(
        ({ question }) => question.qname.endsWith('.test.') || question.qname === 'x.example.org.',
      ),
    ).toBe(true);
  });

  test('metadata', () => {
    const [row] = rowsOf('custom', 'text around {common}');
    const { queries } = parse(
      [row?.line ?? ''],
      'TWO {common} up={/forward/upstream} x={/x/y} cls={/log/class}',
    );
    const metadata = new Map([
      ['forward/upstream', '127.0.0.1:15999'],
      ['x/y', '-'],
      ['log/class', '-'],
    ]);
    expect(queries).toMatchObject([{ client: '127.0.0.1', id: 51_258, metadata }]);
  });
});

describe('whole logs', () => {
  test.each([
    ['coredns-hostile-names.log', { banner: 4, query: 26, stop: 1 }],
    ['coredns-iodine-loopback.log', { banner: 6, query: 145, errors: 3 }],
    ['coredns-dns2tcp-loopback.log', { banner: 5, query: 84, errors: 8, stop: 1 }],
  ])('%s', (name, expected) => {
    expect(countsOf(fromBytes(readFileSync(new URL(name, CORPUS))))).toEqual(expected);
  });

  test.each([
    ['test/fixtures/day', 'coredns', { banner: 4, health: 1, reload: 1, query: 338 }],
    ['test/fixtures/day', 'node-local-dns', { banner: 7, reload: 1, query: 123 }],
    ['test/fixtures/day-json', 'coredns', { banner: 3, reload: 1, query: 338 }],
    ['test/fixtures/day-json', 'node-local-dns', { banner: 7, reload: 1, query: 123 }],
  ])('%s: %s', (day, pod, expected) => {
    expect(countsOf(unwrapped(readFileSync(toLogOf(day, pod))))).toEqual(expected);
  });

  function countsOf(lines: ReturnType<typeof fromBytes>): Record<string, number> {
    const self = createTestSelf();
    createParser({ format: undefined }, self.parse).accept(lines);
    const parsed = self.registry
      .samples('corespan_lines_parsed_total')
      .filter(({ value }) => value > 0)
      .map(({ labels: [, kind = ''], value }) => [kind, value] as const);
    const rejected = self.registry.samples('corespan_lines_rejected_total').filter(({ value }) => value > 0);
    expect(rejected).toEqual([]);
    return Object.fromEntries(parsed);
  }
});

/** The pod's folder has a generated name. */
function toLogOf(day: string, pod: string): URL {
  const pods = new URL(`../../${day}/pods/`, import.meta.url);
  const folder = readdirSync(pods).find((name) => name.startsWith(`kube-system_${pod}`)) ?? '';
  const container = pod === 'coredns' ? 'coredns' : 'node-cache';
  return new URL(`${folder}/${container}/0.log`, pods);
}
