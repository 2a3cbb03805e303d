/** The parser as a whole: order, the ledger, shared objects, and what it says of itself. */
import { describe, expect, test } from 'vitest';
import { createParser } from '../../src/parse/parser.ts';
import { NOTICE_KINDS, REJECTION_REASONS } from '../../src/records/line.ts';
import { generateCorpus } from '../support/corpus.ts';
import { createTestSelf } from '../support/self.ts';
import { fromBytes, NOON, toLines } from './lines.ts';

const QUERY =
  '[INFO] 192.0.2.7:43518 - 52620 "A IN example.org. udp 29 false 512" NOERROR qr,rd,ra 45 0.000235741s';
const POD = 'kube-system/coredns-0';

test('queries come in the order of their lines, with their places', () => {
  const { parse } = createTestSelf();
  const lines = toLines(['.:53', QUERY, '[INFO] Reloading', `${QUERY} "0"`, 'what is this']);
  const queries = createParser({ format: undefined }, parse).accept(lines);
  expect(queries.map(({ offset, time }) => [offset, time])).toEqual([
    [5, NOON + 1],
    [17 + 6 + QUERY.length, NOON + 3],
  ]);
});

test('only the lines from `from` to `to` are read', () => {
  const self = createTestSelf();
  const lines = { ...toLines(['.:53', QUERY, QUERY, QUERY]), from: 2, to: 3 };
  expect(createParser({ format: undefined }, self.parse).accept(lines)).toHaveLength(1);
  expect(self.count('corespan_lines_parsed_total', POD, 'query')).toBe(1);
  expect(self.count('corespan_lines_parsed_total', POD, 'banner')).toBe(0);
});

test('each call gives an array of its own', () => {
  const parser = createParser({ format: undefined }, createTestSelf().parse);
  const first = parser.accept(toLines([QUERY]));
  const second = parser.accept(toLines([QUERY]));
  expect(first).not.toBe(second);
  expect(first).toEqual(second);
});

describe('ledger', () => {
  test('every line is counted once, under its pod', () => {
    const self = createTestSelf();
    const parser = createParser({ format: undefined }, self.parse);
    const texts = [QUERY, QUERY, '', '.:53', 'what is this', '{', QUERY.replace('udp', 'ud')];
    parser.accept(toLines(texts));
    parser.accept(toLines([QUERY], { file: { path: '/logs/dns.log', id: 'x', pod: undefined } }));
    const parsed = self.registry.samples('corespan_lines_parsed_total');
    expect(parsed).toHaveLength(2 * (1 + NOTICE_KINDS.length));
    expect(parsed.filter(({ value }) => value > 0)).toEqual([
      { labels: [POD, 'query'], value: 2 },
      { labels: [POD, 'banner'], value: 1 },
      { labels: [POD, 'blank'], value: 1 },
      { labels: ['dns.log', 'query'], value: 1 },
    ]);
    expect(self.registry.samples('corespan_lines_rejected_total')).toEqual(
      [POD, 'dns.log'].flatMap((pod) =>
        REJECTION_REASONS.map((reason) => {
          const isSeen = pod === POD && ['bad_json', 'bad_query', 'unrecognised'].includes(reason);
          return { labels: [pod, reason], value: isSeen ? 1 : 0 };
        }),
      ),
    );
  });

  test('the first rejected line is shown, cut short, and only once', () => {
    const self = createTestSelf();
    const parser = createParser({ format: undefined }, self.parse);
    parser.accept(toLines(['x'.repeat(1000), 'y'.repeat(1000)]));
    expect(self.messages.map((message) => JSON.parse(message))).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        message: 'A line was not understood',
        reason: 'unrecognised',
        pod: POD,
        line: 'x'.repeat(120),
      },
    ]);
  });
});

describe('shared objects', () => {
  test('equal questions are one object, on the fast path and beside it', () => {
    const parser = createParser({ format: '{common} {/log/type}' }, createTestSelf().parse);
    const slow = QUERY.replace('0.000235741s', '2.2718096660000002s');
    const queries = parser.accept(toLines([QUERY, slow, `  ${QUERY}`, `${QUERY} NODATA`, QUERY]));
    expect(new Set(queries.map(({ question }) => question)).size).toBe(1);
    expect(queries.length).toBe(5);
  });

  test('a question without a name is none that has nothing where its name should be', () => {
    const format = '{remote} {type} {class} {proto} {size} {>do} {>bufsize}';
    const self = createTestSelf();
    const nameless = '[INFO] 192.0.2.7 A IN udp 29 false 512';
    const broken = QUERY.replace('example.org.', '');
    const queries = createParser({ format }, self.parse).accept(toLines([nameless, broken]));
    expect(queries.map(({ question }) => question.qname)).toEqual(['']);
    expect(self.count('corespan_lines_rejected_total', POD, 'bad_query')).toBe(1);
  });

  test('the buffer may be overwritten afterwards', () => {
    const parser = createParser({ format: undefined }, createTestSelf().parse);
    const lines = toLines([QUERY, `${QUERY} "0" `]);
    const queries = parser.accept(lines);
    const before = structuredClone(queries);
    lines.bytes.fill('x');
    expect(queries).toEqual(before);
  });
});

test('a FORMAT that does not compile is a bug of whoever passed it', () => {
  expect(() => createParser({ format: '{type}' }, createTestSelf().parse)).toThrow(
    'log format "{type}": the format has neither {name} nor {remote}',
  );
});

test.each(['common', 'combined', 'json', undefined])(
  'format %s understands text and JSON alike',
  (format) => {
    const self = createTestSelf();
    const parser = createParser({ format }, self.parse);
    for (const shape of ['text', 'json'] as const) {
      for (const piece of generateCorpus({ lines: 500, seed: 3, shape, wrapping: 'none' }))
        parser.accept(fromBytes(piece));
    }
    const read = ['query', 'errors'].map((kind) => self.count('corespan_lines_parsed_total', POD, kind));
    expect(read.reduce((sum, value) => sum + value)).toBe(1000);
  },
);
