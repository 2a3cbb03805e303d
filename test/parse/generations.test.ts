/** One line of every generation and shape of the default formats, and what it says. */
import { describe, expect, test } from 'vitest';
import { createParser } from '../../src/parse/parser.ts';
import type { FailureShape, Query } from '../../src/records/query.ts';
import { createTestSelf } from '../support/self.ts';
import { FILE, NOON, QUESTION, toLines, toWritten, type WrittenQuery } from './lines.ts';

/** Reads one line the way the product does. */
function parse(line: string): readonly WrittenQuery[] {
  const parser = createParser({ format: undefined }, createTestSelf().parse);
  return parser.accept(toLines([line])).map(toWritten);
}

const QUERY: WrittenQuery = {
  file: FILE,
  offset: 0,
  time: NOON,
  duration: 235_741,
  client: '192.0.2.7',
  port: 43_518,
  id: 52_620,
  question: QUESTION,
  rcode: 'NOERROR',
  flags: 'qr,rd,ra',
  size: 45,
  failure: undefined,
  metadata: undefined,
};

const QUOTED = '"A IN example.org. udp 29 false 512"';
const TAIL = `${QUOTED} NOERROR qr,rd,ra 45 0.000235741s`;
const BODY = `192.0.2.7:43518 - 52620 ${TAIL}`;
const LINE = `[INFO] ${BODY}`;

describe('generations', () => {
  test.each<[string, string, Partial<WrittenQuery>]>([
    ['≥ 1.6.3', LINE, {}],
    ['≥ 1.6.3, combined', `${LINE} "0"`, {}],
    ['NOTIFY, combined', `${LINE} "4"`, {}],
    ['trailing blanks', `${LINE}  `, {}],
    ['trailing blanks, combined', `${LINE} "0" `, {}],
    ['1.3.0–1.6.2', `2019-01-24T16:18:08.501Z [INFO] ${BODY}`, {}],
    ['1.3.0–1.6.2 with an offset', `2019-01-24T16:18:08.501-07:00 [INFO] ${BODY}`, {}],
    ['1.2.6, milliseconds cut', `2018-11-21T06:48:49.1Z [INFO] ${BODY}`, {}],
    ['1.1.0–1.2.5', `192.0.2.7:43518 - [21/Nov/2018:06:48:51 +0000] 52620 ${TAIL}`, {}],
    ['1.0.5', `192.0.2.7 - [21/Nov/2018:06:48:51 +0000] 52620 ${TAIL}`, { port: 0 }],
    [
      '≤ 1.0.4, Go duration',
      `192.0.2.7 - [21/Nov/2018:06:48:51 +0000] ${QUOTED} NOERROR qr,rd,ra 45 102.2µs`,
      { port: 0, id: undefined, duration: 102_200 },
    ],
    [
      '≤ 1.0.5 over IPv6, without brackets',
      `2001:db8::7 - [21/Nov/2018:06:48:51 +0000] 52620 ${TAIL}`,
      { port: 0, client: '2001:db8::7' },
    ],
    ['kubectl logs --timestamps', `2026-11-21T12:01:04.85268522Z ${LINE}`, {}],
    ['kubectl over a time of its own', `2026-11-21T12:01:04.85Z 2019-01-24T16:18:08.501Z [INFO] ${BODY}`, {}],
    ['kubectl logs --prefix', `[pod/coredns-5d78c9869d-x2x9n/coredns] ${LINE}`, {}],
    ['journald', `Jun 05 16:41:03 host coredns[123]: ${LINE}`, {}],
    ['journald with a whole date', `2026-05-05 19:48:40.015 host coredns[530]: ${LINE}`, {}],
    ['container name', `node-cache ${LINE}`, {}],
    ['container name before a time', `coredns 2018-11-21T06:48:51Z [INFO] ${BODY}`, {}],
    ["Go's time", `2018/11/21 06:48:51 [INFO] ${BODY}`, {}],
  ])('%s', (_, line, changed) => {
    expect(parse(line)).toEqual([{ ...QUERY, ...changed }]);
  });
});

describe('fields', () => {
  test.each<[string, string, Partial<WrittenQuery>]>([
    ['IPv6 client', LINE.replace('192.0.2.7', '[2001:db8::7]'), { client: '2001:db8::7' }],
    ['IPv6 in another spelling', LINE.replace('192.0.2.7', '[2001:DB8:0:0::07]'), { client: '2001:db8::7' }],
    ['IPv6 with a zone', LINE.replace('192.0.2.7', '[fe80::7%eth0]'), { client: 'fe80::7' }],
    [
      'a zone as 1.2.6–1.9.3 broke it',
      LINE.replace('192.0.2.7', '[fe80::7%!e(MISSING)th0]'),
      { client: 'fe80::7' },
    ],
    ['IPv4-mapped', LINE.replace('192.0.2.7', '[::ffff:192.0.2.7]'), {}],
    ['DoH client without an address', LINE.replace('192.0.2.7:43518', ':0'), { client: '', port: 0 }],
    ['id 0', LINE.replace('52620', '0'), { id: 0 }],
    [
      'greatest port and id',
      LINE.replace('43518', '65535').replace('52620', '65535'),
      { port: 65_535, id: 65_535 },
    ],
    ['a second', LINE.replace('0.000235741s', '1s'), { duration: 1_000_000_000 }],
    [
      'more than nine decimals',
      LINE.replace('0.000235741s', '2.2718096660000002s'),
      { duration: 2_271_809_666 },
    ],
    ['unknown response code', LINE.replace('NOERROR', '3841'), { rcode: '3841', failure: 'rcode' }],
    ['every flag', LINE.replace('qr,rd,ra', 'qr,aa,tc,rd,ra,z,ad,cd'), { flags: 'qr,aa,tc,rd,ra,z,ad,cd' }],
    ['no flags', LINE.replace('qr,rd,ra', ''), { flags: '' }],
    ['NXDOMAIN is no failure', LINE.replace('NOERROR', 'NXDOMAIN'), { rcode: 'NXDOMAIN' }],
    ['size of an AXFR', LINE.replace(' 45 ', ' 4000000000 '), { size: 4_000_000_000 }],
  ])('%s', (_, line, changed) => {
    expect(parse(line)).toEqual([{ ...QUERY, ...changed }]);
  });

  test.each<[string, string, Partial<Query['question']>]>([
    ['root', '. udp 29 false 512', { qname: '.' }],
    ['DNSSEC, tcp', 'example.org. tcp 29 true 65535', { transport: 'tcp', dnssecOk: true, bufsize: 65_535 }],
    [
      'a blank and a quote',
      String.raw`q\"\ nxdomain\ qr\ 1\ 0\.1s. udp 29 false 512`,
      { qname: String.raw`q\"\ nxdomain\ qr\ 1\ 0\.1s.` },
    ],
    ['a backslash last', String.raw`back\\. udp 29 false 512`, { qname: String.raw`back\\.` }],
    [
      'an escaped backslash before digits',
      String.raw`b\\999. udp 29 false 512`,
      { qname: String.raw`b\\999.` },
    ],
    ['bytes', String.raw`\000\255. udp 29 false 512`, { qname: String.raw`\000\255.` }],
    [
      'percent signs as 1.2.6–1.9.3 broke them',
      '100%!s(MISSING). udp 29 false 512',
      { qname: '100%!s(MISSING).' },
    ],
    ['raw UTF-8, which CoreDNS does not write', 'mü. udp 29 false 512', { qname: 'mü.' }],
  ])('name: %s', (_, rest, changed) => {
    const line = LINE.replace('example.org. udp 29 false 512', rest);
    expect(parse(line)).toEqual([{ ...QUERY, question: { ...QUESTION, ...changed } }]);
  });

  test.each(['None', 'Reserved', 'TYPE65280', 'NSAP-PTR', 'HTTPS', ''])('type %j', (qtype) => {
    const line = LINE.replace('"A IN', `"${qtype} IN`);
    expect(parse(line)).toEqual([{ ...QUERY, question: { ...QUESTION, qtype } }]);
  });
});

describe('failures', () => {
  test.each<[string, string, string, FailureShape | undefined]>([
    ['≤ 1.8.4', 'NOERROR - 0', 'none', 'noerror_without_message'],
    ['1.8.5–1.14.4', '- - 0', 'none', 'without_message'],
    ['≥ 1.14.5', 'SERVFAIL qr,rd 0', 'SERVFAIL', 'rcode'],
  ])('%s', (_, answer, rcode, failure) => {
    const line = LINE.replace('NOERROR qr,rd,ra 45', answer);
    const flags = answer.includes('qr') ? 'qr,rd' : '';
    expect(parse(line)).toEqual([{ ...QUERY, rcode, flags, size: 0, failure }]);
  });

  test('dashes for size and duration', () => {
    const line = LINE.replace('NOERROR qr,rd,ra 45 0.000235741s', '- - - -');
    const failed = { rcode: 'none', flags: '', size: undefined, failure: 'without_message' } as const;
    expect(parse(line)).toEqual([{ ...QUERY, ...failed, duration: 0 }]);
  });
});

describe('broken', () => {
  test.each([
    ['port', LINE.replace('43518', '65536')],
    ['id', LINE.replace('52620', '65536')],
    ['bufsize', LINE.replace('false 512', 'false 65536')],
    ['a byte above 255', LINE.replace('example', String.raw`ex\256`)],
    ['a bare quote in the name', LINE.replace('example', 'ex"ample')],
    ['a bare blank in the name', LINE.replace('example', 'ex ample')],
    ['address', LINE.replace('192.0.2.7', '192.0.2.700')],
    ['IPv6 address', LINE.replace('192.0.2.7', '[2001:db8::g]')],
    ['transport', LINE.replace('udp', 'quic')],
    ['flag in capitals', LINE.replace('qr,rd', 'QR,rd')],
    ['unit of the duration', LINE.replace('0.000235741s', '0.000235741')],
    ['a second point in the duration', LINE.replace('0.000235741s', '0.000.741s')],
    ['a duration of 105 days', LINE.replace('0.000235741s', '9072000s')],
    ['text behind the end', `${LINE} x`],
    ['cut off', LINE.slice(0, 60)],
    ['cut off in the address', LINE.slice(0, 16)],
  ])('%s', (_, line) => {
    const self = createTestSelf();
    const parser = createParser({ format: undefined }, self.parse);
    expect(parser.accept(toLines([line]))).toEqual([]);
    expect(self.count('corespan_lines_rejected_total', 'kube-system/coredns-0', 'bad_query')).toBe(1);
  });
});
