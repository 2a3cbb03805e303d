/** FORMAT strings: what they compile to, what they read, and which are refused with a reason. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueryFields } from '../../src/parse/fields.ts';
import { compileFormat } from '../../src/parse/format.ts';

function read(format: string, message: string): QueryFields | undefined {
  const compiled = compileFormat(format);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.read(message);
}

const NOTHING: QueryFields = {
  duration: 0,
  client: '',
  port: 0,
  id: undefined,
  question: {
    qname: '',
    qtype: '',
    qclass: '',
    transport: 'unknown',
    size: undefined,
    dnssecOk: undefined,
    bufsize: undefined,
  },
  rcode: '',
  flags: '',
  size: undefined,
  failure: undefined,
  metadata: undefined,
};

describe('reading', () => {
  test.each<[string, string, string, Partial<QueryFields>]>([
    ['a single field', '{remote}', '192.0.2.7', { client: '192.0.2.7' }],
    ['IPv6', '{remote}:{port}', '[2001:db8::7]:53', { client: '2001:db8::7', port: 53 }],
    ['text around', '<{remote}>', '<192.0.2.7>', { client: '192.0.2.7' }],
    ['an unknown label is text', '{when} {remote}', '{when} 192.0.2.7', { client: '192.0.2.7' }],
    ['labels are case-sensitive', '{REMOTE} {remote}', '{REMOTE} 192.0.2.7', { client: '192.0.2.7' }],
    ['braces around a field', '{ {remote} }', '{ 192.0.2.7 }', { client: '192.0.2.7' }],
    ['a closing brace alone', 'a } {remote}', 'a } 192.0.2.7', { client: '192.0.2.7' }],
    ['an opening brace at the end', '{remote} {', '192.0.2.7 {', { client: '192.0.2.7' }],
    [
      'TAB between fields',
      '{remote}\t{rcode}',
      '192.0.2.7\tNOERROR',
      { client: '192.0.2.7', rcode: 'NOERROR' },
    ],
    [
      'no response',
      '{remote} {rcode} {>rflags}',
      '192.0.2.7 - -',
      { client: '192.0.2.7', rcode: 'none', failure: 'without_message' },
    ],
    [
      'a failure',
      '{remote} {rcode}',
      '192.0.2.7 SERVFAIL',
      { client: '192.0.2.7', rcode: 'SERVFAIL', failure: 'rcode' },
    ],
    [
      'metadata',
      '{remote} {/a/b}',
      '192.0.2.7 x y',
      { client: '192.0.2.7', metadata: new Map([['a/b', 'x y']]) },
    ],
    [
      'metadata that is empty',
      '{/a} {remote}',
      ' 192.0.2.7',
      { client: '192.0.2.7', metadata: new Map([['a', '']]) },
    ],
    [
      'metadata called __proto__',
      '{remote} {/__proto__}',
      '192.0.2.7 x',
      { client: '192.0.2.7', metadata: new Map([['__proto__', 'x']]) },
    ],
    ['trailing blanks', '{remote}', '192.0.2.7  ', { client: '192.0.2.7' }],
  ])('%s', (_, format, message, changed) => {
    expect(read(format, message)).toEqual({ ...NOTHING, ...changed });
  });

  test('a hostile name stays inside its field', () => {
    const name = String.raw`a\"\,\"t\":\"TXT\"\ b.`;
    expect(read('{"q":"{name}","t":"{type}"}', `{"q":"${name}","t":"A"}`)).toEqual({
      ...NOTHING,
      question: { ...NOTHING.question, qname: name, qtype: 'A' },
    });
  });

  test.each(['common', 'json', '{common}'])('%s has the fields of the default format', (format) => {
    const message = '192.0.2.7:39874 - 17424 "NS IN . tcp 17 false 65535" NXDOMAIN qr,aa,rd 59 0.000452425s';
    expect(read(format, message)).toEqual({
      duration: 452_425,
      client: '192.0.2.7',
      port: 39_874,
      id: 17_424,
      question: {
        qname: '.',
        qtype: 'NS',
        qclass: 'IN',
        transport: 'tcp',
        size: 17,
        dnssecOk: false,
        bufsize: 65_535,
      },
      rcode: 'NXDOMAIN',
      flags: 'qr,aa,rd',
      size: 59,
      failure: undefined,
      metadata: undefined,
    });
    expect(read(format, `${message} "0"`)).toBeUndefined();
    expect(read('combined', `${message} "0"`)).toBeDefined();
  });

  test.each([
    ['other text', '<{remote}>', '[192.0.2.7]'],
    ['too short', '{remote} {port}', '192.0.2.7'],
    ['too long', '{remote}', '192.0.2.7 x'],
    ['port out of range', '{remote}:{port}', '192.0.2.7:65536'],
    ['no address', '{remote} {port}', '1.2.3 5'],
    ['a name without its dot', '{name} {type}', 'maxprocs: A'],
  ])('not written by this format: %s', (_, format, message) => {
    expect(read(format, message)).toBeUndefined();
  });
});

describe('problems', () => {
  const NEITHER =
    'the format has neither {name} nor {remote}: its lines tell nothing about who asked for whom';
  test.each([
    ['{type} {class}', NEITHER],
    ['', NEITHER],
    ['{Name}', NEITHER],
    ['{remote}{port}', 'nothing stands between {remote} and what follows it'],
    ['{remote} {/a}{/b}', 'nothing stands between {/a} and what follows it'],
    ['{name},{type}', '{name} may itself hold the "," that follows it; put a blank there'],
    ['{remote} {>rflags},x', '{>rflags} may itself hold the "," that follows it; put a blank there'],
    ['{remote} {type}-{class}', '{type} may itself hold the "-" that follows it; put a blank there'],
  ])('%j', (format, problem) => {
    expect(compileFormat(format)).toEqual({ problem });
  });
});

/** Fields with what CoreDNS can write into them, and where the value must come out again. */
const FIELDS = [
  { label: '{remote}', text: fc.ipV4(), out: (q: QueryFields) => q.client },
  { label: '{port}', text: fc.nat(65_535).map(String), out: (q: QueryFields) => String(q.port) },
  { label: '{>id}', text: fc.nat(65_535).map(String), out: (q: QueryFields) => String(q.id) },
  {
    label: '{type}',
    text: fc.constantFrom('A', 'NSAP-PTR', 'TYPE65280'),
    out: (q: QueryFields) => q.question.qtype,
  },
  { label: '{class}', text: fc.constantFrom('IN', 'CLASS77'), out: (q: QueryFields) => q.question.qclass },
  {
    label: '{name}',
    text: fc
      .array(fc.constantFrom('a', '-', ',', '{', '}', '%s', '\\"', '\\ ', '\\.', '\\255', '.'), {
        maxLength: 12,
      })
      .map((units) => `${units.join('')}.`),
    out: (q: QueryFields) => q.question.qname,
  },
  {
    label: '{rcode}',
    text: fc.constantFrom('NOERROR', '3841', 'SERVFAIL'),
    out: (q: QueryFields) => q.rcode,
  },
  { label: '{>rflags}', text: fc.constantFrom('qr', 'qr,aa,rd', ''), out: (q: QueryFields) => q.flags },
  { label: '{rsize}', text: fc.nat().map(String), out: (q: QueryFields) => String(q.size) },
  {
    label: '{duration}',
    text: fc.nat(999_999_999).map((ns) => `${(ns / 1e9).toFixed(9)}s`),
    out: (q: QueryFields) => `${(q.duration / 1e9).toFixed(9)}s`,
  },
] as const;

test('whatever a FORMAT writes it reads back', () => {
  const formats = fc.shuffledSubarray([...FIELDS.slice(1)], { minLength: 1 }).chain((fields) => {
    const all = [FIELDS[0], ...fields];
    const texts = fc.tuple(...all.map(({ text }) => text));
    const borders = fc.array(fc.constantFrom(' ', ' | ', '\t', ' "', ') {x} ('), {
      minLength: all.length,
      maxLength: all.length,
    });
    return fc.record({ fields: fc.constant(all), texts, borders });
  });
  fc.assert(
    fc.property(formats, ({ fields, texts, borders }) => {
      const toText = (parts: readonly string[]): string =>
        parts.map((part, i) => `${borders[i]}${part}`).join('');
      const query = read(toText(fields.map(({ label }) => label)), toText(texts));
      expect(fields.map(({ out }) => query && out(query))).toEqual(texts);
    }),
    // So many that every two of the labels stand side by side with each of the borders between them.
    { numRuns: 2000 },
  );
});
