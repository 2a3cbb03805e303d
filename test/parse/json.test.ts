/** Lines of `-log-format=json`: the same queries and notices as in text, with a better clock. */
import { describe, expect, test } from 'vitest';
import { FILE, NOON, toLines, toWritten, type WrittenQuery } from './lines.ts';
import { type Fates, parse as parseLines } from './parse.ts';

const TIME = Date.UTC(2026, 10, 21, 11, 37, 8) + 955.801501;

const MEMBERS = {
  time: '2026-11-21T11:37:08.955801501Z',
  level: 'INFO',
  msg: '192.0.2.7:39874 - 17424 "NS IN . tcp 17 false 65535" NXDOMAIN qr,aa,rd 59 0.000452425s',
  plugin: 'log',
  client_ip: '192.0.2.7',
  client_port: 39_874,
  qname: '.',
  qtype: 'NS',
  qclass: 'IN',
  protocol: 'tcp',
  id: 17_424,
  opcode: 0,
  request_size: 17,
  dnssec_ok: false,
  bufsize: 65_535,
  rcode: 'NXDOMAIN',
  response_size: 59,
  duration_seconds: 0.000458364,
};

const QUERY: WrittenQuery = {
  file: FILE,
  offset: 0,
  time: TIME,
  duration: 458_364,
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
};

function parse(line: string, format?: string): Omit<Fates, 'queries'> & { queries: readonly WrittenQuery[] } {
  const { queries, ...others } = parseLines(toLines([line]), format);
  return { queries: queries.map(toWritten), ...others };
}

function toLine(changed: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...MEMBERS, ...changed });
}

describe('queries', () => {
  test.each<[string, string, Partial<WrittenQuery>]>([
    ['as measured', toLine({}), {}],
    ['behind a viewer', `2026-11-21T12:01:04.85Z ${toLine({})}`, {}],
    [
      'members in another order, and new ones',
      JSON.stringify({ zone: '.', ...Object.fromEntries(Object.entries(MEMBERS).reverse()) }),
      {},
    ],
    ['IPv6', toLine({ client_ip: '2001:DB8::7' }), { client: '2001:db8::7' }],
    ['IPv6 with a zone', toLine({ client_ip: 'fe80::7%eth0' }), { client: 'fe80::7' }],
    ['no address', toLine({ client_ip: '' }), { client: '' }],
    [
      'no response recorded',
      toLine({ rcode: null, msg: '' }),
      { rcode: 'none', flags: '', failure: 'without_message' },
    ],
    ['unknown response code', toLine({ rcode: '3841' }), { rcode: '3841', failure: 'rcode' }],
    ['a FORMAT that is not known', toLine({ msg: 'x' }), { flags: '' }],
    ['without a message', toLine({ msg: undefined }), { flags: '' }],
    ['without a clock', toLine({ time: undefined }), { time: NOON }],
    ['a clock that is none', toLine({ time: 'yesterday' }), { time: NOON }],
    ['tiny duration', toLine({ duration_seconds: 5e-7 }), { duration: 500 }],
    ['long duration', toLine({ duration_seconds: 6.008535076 }), { duration: 6_008_535_076 }],
  ])('%s', (_, line, changed) => {
    expect(parse(line)).toEqual({ queries: [{ ...QUERY, ...changed }], notices: {}, rejected: {} });
  });

  test('only the name', () => {
    expect(parse('{"plugin":"log","qname":"a."}').queries).toEqual([
      {
        file: FILE,
        offset: 0,
        time: NOON,
        duration: 0,
        client: '',
        port: 0,
        id: undefined,
        question: {
          qname: 'a.',
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
      },
    ]);
  });

  test('flags and metadata from a message in the configured FORMAT', () => {
    const line = toLine({ msg: 'x . qr,rd NODATA' });
    expect(parse(line, 'x {name} {>rflags} {/log/type}').queries).toEqual([
      { ...QUERY, flags: 'qr,rd', metadata: new Map([['log/type', 'NODATA']]) },
    ]);
  });
});

describe('notices', () => {
  test.each([
    ['plugin', { level: 'INFO', msg: 'Running configuration SHA512 = 0f\n', plugin: 'reload' }, 'reload'],
    ['errors', { level: 'ERROR', msg: '2 a. A: i/o timeout', plugin: 'errors' }, 'errors'],
    ['several lines in one', { level: 'INFO', msg: 'CoreDNS-1.15.0\nlinux/amd64, go1.26.8, ' }, 'banner'],
    ['server', { level: 'INFO', msg: 'Reloading' }, 'reload'],
    ['new plugin', { level: 'WARN', msg: 'x', plugin: 'siit' }, 'message'],
    ['server, with a word that a query could have', { level: 'INFO', msg: 'NOERROR' }, 'message'],
    ['log plugin without a query', { level: 'WARN', msg: 'x', plugin: 'log' }, 'message'],
  ])('%s', (_, members, kind) => {
    const line = JSON.stringify({ time: MEMBERS.time, ...members });
    expect(parse(line)).toEqual({ queries: [], notices: { [kind]: 1 }, rejected: {} });
  });
});

describe('broken', () => {
  test.each([
    ['cut off', toLine({}).slice(0, 200)],
    ['no object', '{]'],
    ['no message', '{"time":"x"}'],
    ['deep', '{"a":'.repeat(10_000)],
    ['port', toLine({ client_port: 65_536 })],
    ['fraction of a port', toLine({ client_port: 1.5 })],
    ['id as text', toLine({ id: '5' })],
    ['name as number', toLine({ qname: 5 })],
    ['no name', toLine({ qname: '' })],
    ['a bare blank in the name', toLine({ qname: 'a b.' })],
    ['a blank in the type', toLine({ qtype: 'A IN' })],
    ['negative duration', toLine({ duration_seconds: -1 })],
    ['address', toLine({ client_ip: 'localhost' })],
    ['response code', toLine({ rcode: 'no error' })],
  ])('%s', (_, line) => {
    expect(parse(line)).toEqual({ queries: [], notices: {}, rejected: { bad_json: 1 } });
  });

  test('a member called __proto__ changes nobody', () => {
    const line = `{"__proto__":{"polluted":true},${toLine({}).slice(1)}`;
    expect(parse(line).queries).toEqual([QUERY]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });
});
