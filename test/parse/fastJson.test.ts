/**
 * The fast path of JSON lines against the plain parser, field by field: over recorded and generated logs, over lines broken
 * at random, and over lines written from random members. `FUZZ_CASES` sets how many (25,000), `FUZZ_SEED` where to start.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFastJsonReader } from '../../src/parse/fastJson.ts';
import { createInterning } from '../../src/parse/interning.ts';
import { createRandom, generateCorpus, type Random } from '../support/corpus.ts';
import { type Comparison, type Counts, createComparison } from './comparison.ts';
import { FILE, fromBytes, toLines, toWritten, unwrapped, type WrittenQuery } from './lines.ts';
import { mutate } from './mutate.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 25_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

function compareAll(lines: readonly string[]): Counts {
  const { counts, compare } = createJsonComparison();
  compare(toLines(lines));
  return counts;
}

function createJsonComparison(): Comparison {
  return createComparison(createFastJsonReader, SEED);
}

describe('logs', () => {
  test('every recorded line, and each query of CoreDNS 1.15.0 takes the fast path', () => {
    const { counts, compare } = createJsonComparison();
    for (const log of readRecorded()) compare(unwrapped(log));
    // The other log of that day is a node-local cache's, which writes text.
    expect(counts).toEqual({ fast: 338, slow: 123, neither: 12 });
  });

  test.each([
    ['ordinary', {}],
    ['over IPv6', { clients: 'ipv6' }],
    ['no name twice', { uniqueNames: true }],
  ] as const)('a generated log: %s', (_, options) => {
    const { counts, compare } = createJsonComparison();
    const log = { lines: 20_000, seed: SEED, wrapping: 'none', shape: 'json', ...options } as const;
    for (const piece of generateCorpus(log)) compare(fromBytes(piece));
    // Beside the errors lines, only names with quotes and durations of many decimals are out of the ordinary.
    expect(counts.fast).toBeGreaterThan(19_800);
    expect(counts.slow).toBeGreaterThan(5);
    expect(counts.neither).toBeGreaterThan(5);
  });
});

const LINE =
  '{"time":"2026-11-21T11:37:08.955801501Z","level":"INFO",' +
  '"msg":"192.0.2.7:39874 - 17424 \\"A IN a.example. udp 17 false 1232\\" NXDOMAIN qr,aa,rd 59 0.000452425s",' +
  '"plugin":"log","client_ip":"192.0.2.7","client_port":39874,"qname":"a.example.","qtype":"A","qclass":"IN",' +
  '"protocol":"udp","id":17424,"opcode":0,"request_size":17,"dnssec_ok":false,"bufsize":1232,"rcode":"NXDOMAIN",' +
  '"response_size":59,"duration_seconds":0.000458364}';

const QUERY: WrittenQuery = {
  file: FILE,
  offset: 0,
  time: Date.UTC(2026, 10, 21, 11, 37, 8) + 955.801501,
  duration: 458_364,
  client: '192.0.2.7',
  port: 39_874,
  id: 17_424,
  question: {
    qname: 'a.example.',
    qtype: 'A',
    qclass: 'IN',
    transport: 'udp',
    size: 17,
    dnssecOk: false,
    bufsize: 1232,
  },
  rcode: 'NXDOMAIN',
  flags: 'qr,aa,rd',
  size: 59,
  failure: undefined,
  metadata: undefined,
};

/** Every text of the first line that is in `changes`, wherever it stands. */
function change(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((line, [from, to]) => {
    expect(line).toContain(from);
    return line.replaceAll(from, to);
  }, LINE);
}

describe('one line', () => {
  test.each<[string, string, Partial<WrittenQuery>]>([
    ['as CoreDNS writes it', LINE, {}],
    ['format combined', change(['0.000452425s', '0.000452425s \\"0\\"']), {}],
    ['a whole second', change(['08.955801501Z', '08Z']), { time: Date.UTC(2026, 10, 21, 11, 37, 8) }],
    [
      'trailing zeros cut off',
      change(['08.955801501Z', '08.95Z'], ['0.000458364', '1']),
      { time: Date.UTC(2026, 10, 21, 11, 37, 8, 950), duration: 1e9 },
    ],
    [
      'IPv6',
      change(['192.0.2.7:', '[2001:db8::7]:'], ['"192.0.2.7"', '"2001:db8::7"']),
      { client: '2001:db8::7' },
    ],
    [
      'tcp and DNSSEC',
      change(
        [' udp ', ' tcp '],
        ['"udp"', '"tcp"'],
        [' false ', ' true '],
        [':false,', ':true,'],
        ['1232', '65535'],
      ),
      { question: { ...QUERY.question, transport: 'tcp', dnssecOk: true, bufsize: 65_535 } },
    ],
    ['no flags', change([' qr,aa,rd ', '  ']), { flags: '' }],
    ['failed', change(['NXDOMAIN', 'SERVFAIL']), { rcode: 'SERVFAIL', failure: 'rcode' }],
    // Read by one clock, a moment later or by chance the same: what is compared is what was asked and answered.
    ['another id and port in the message', change([':39874 - 17424', ':1 - 2']), {}],
  ])('%s', (_, line, changed) => {
    const query = createFastJsonReader(createInterning(SEED))(toLines([line]), 0);
    expect(query && toWritten(query)).toEqual({ ...QUERY, ...changed });
    expect(compareAll([line])).toEqual({ fast: 1, slow: 0, neither: 0 });
  });

  test.each<[string, string]>([
    ['members in another order', change(['"id":17424,"opcode":0', '"opcode":0,"id":17424'])],
    ['a new member', change(['"opcode":0', '"opcode":0,"zone":"."'])],
    ['a member twice', change(['"opcode":0', '"opcode":0,"id":1'])],
    ['a member less', change([',"opcode":0', ''])],
    ['blanks between members', change(['"opcode":0', '"opcode": 0'])],
    ['behind a viewer', `2026-11-21T12:01:04.85Z ${LINE}`],
    ['blanks behind it', `${LINE}  `],
    ['another level', change(['INFO', 'WARN'])],
    ['a time with an offset', change(['501Z', '501+01:00'])],
    ['a time of ten decimals', change(['501Z', '5017Z'])],
    ['a time that is none', change(['11-21T', '13-21T'])],
    ['a name with an escape', change(['a.example.', 'a\\\\\\"b.example.'])],
    ['a member with an escape', change(['"a.example."', '"\\u0061.example."'])],
    ['a name beyond ASCII', change(['a.example.', 'ä.example.'])],
    ['a name other than the message has', change(['"a.example."', '"b.example."'])],
    ['a name longer than the message has', change(['"a.example."', '"a.example.org."'])],
    ['a name shorter than the message has', change(['"a.example."', '"a."'])],
    ['a type other than the message has', change(['"A"', '"AAAA"'])],
    ['a class other than the message has', change(['"IN"', '"CH"'])],
    ['a transport other than the message has', change(['"udp"', '"tcp"'])],
    ['a transport that is not known', change([' udp ', ' quic '], ['"udp"', '"quic"'])],
    ['a size other than the message has', change(['_size":17', '_size":18'])],
    ['a DO bit other than the message has', change([':false', ':true'])],
    ['a buffer other than the message has', change(['"bufsize":1232', '"bufsize":12321'])],
    ['a response code other than the message has', change(['"NXDOMAIN"', '"NOERROR"'])],
    ['a client other than the message has', change(['"192.0.2.7"', '"192.0.2.70"'])],
    ['a client with a zone', change(['192.0.2.7:', '[fe80::7%eth0]:'], ['"192.0.2.7"', '"fe80::7%eth0"'])],
    ['IPv6 without brackets', change(['192.0.2.7', '2001:db8::7'])],
    ['no client', change(['192.0.2.7', ''])],
    ['no client in brackets', change(['192.0.2.7:', '[]:'], ['"192.0.2.7"', '""'])],
    ['a bracket too many', change(['192.0.2.7:', '[[::1]:'], ['"192.0.2.7"', '"[::1"'])],
    ['a zone that has a backslash', change(['192.0.2.7:', '[::7%\\\\]:'], ['"192.0.2.7"', '"::7%\\\\"'])],
    ['no response recorded', change(['"NXDOMAIN"', 'null'])],
    ['no flags were written', change([' qr,aa,rd ', ' - '])],
    ['no response size in the message', change([' 59 ', ' - '])],
    ['more than nine decimals', change(['0.000458364', '2.2718096660000002'])],
    ['an exponent', change(['0.000458364', '5e-07'])],
    ['a duration too long to be exact', change(['0.000458364', '1000001'])],
    ['a message in another FORMAT', change(['192.0.2.7:39874 - ', ''])],
    ['a message with a time, as CoreDNS never wrote in JSON', change([' - 17424', ' - [x] 17424'])],
  ])('left to the plain parser: %s', (_, line) => {
    expect(compareAll([LINE, line, line])).toEqual({ fast: 1, slow: 2, neither: 0 });
  });

  test.each<[string, string]>([
    ['cut off', LINE.slice(0, -1)],
    ['cut off early', LINE.slice(0, 300)],
    ['text behind it', `${LINE}}`],
    ['a leading zero', change(['"id":17424', '"id":017424'])],
    ['a leading zero of the duration', change(['0.000458364', '00.000458364'])],
    ['a leading zero of the size', change([' 17 ', ' 017 '], [':17,', ':017,'])],
    ['a negative size', change(['"response_size":59', '"response_size":-59'])],
    ['a sign', change(['"opcode":0', '"opcode":+0'])],
    ['a port beyond its range', change(['39874', '65536'])],
    ['an id beyond its range', change(['"id":17424', '"id":65536'])],
    ['a buffer beyond its range', change(['1232', '65536'])],
    ['a raw tab in a name', change(['a.example.', 'a\texample.'])],
    ['a raw quote in a name', change(['a.example.', 'a"example.'])],
    [
      'a type that swallows the class',
      change(['"qtype":"A","qclass":"IN"', '"qtype":"A IN","qclass":"a.example."']),
    ],
    ['a control character in a zone', change(['192.0.2.7:', '[::7%\t]:'], ['"192.0.2.7"', '"::7%\t"'])],
    ['no address', change(['192.0.2.7', '192.0.2.256'])],
    ['a response code that is none', change(['NXDOMAIN', 'nxdomain'])],
    ['a dash for the response code', change(['NXDOMAIN', '-'])],
    ['a response code that swallows the flags', change(['"NXDOMAIN"', '"NXDOMAIN qr,aa,rd"'])],
    ['a response code that swallows the size too', change(['"NXDOMAIN"', '"NXDOMAIN qr,aa,rd 59"'])],
  ])('no query: %s', (_, line) => {
    expect(compareAll([LINE, line, line])).toEqual({ fast: 1, slow: 0, neither: 2 });
  });

  test('what other lines had shared is no excuse', () => {
    const text = '[INFO] 192.0.2.7:1 - 2 "A IN a\texample. udp 17 false 1232" NOERROR qr 59 0.1s';
    const tab = change(['a.example.', 'a\texample.']);
    expect(compareAll([text, tab])).toEqual({ fast: 0, slow: 1, neither: 1 });
    // A transport that is not known leaves no word behind that a line could have.
    const shared = change(['"udp"', '"quic"']);
    const dash = change([' udp ', ' - '], ['"udp"', '"-"']);
    expect(compareAll([shared, dash])).toEqual({ fast: 0, slow: 2, neither: 0 });
  });

  test('in the last bytes of a buffer, and cut off anywhere', () => {
    const bytes = Buffer.from(LINE);
    const fast = createFastJsonReader(createInterning(SEED));
    const lengths: number[] = [];
    for (let length = 0; length <= bytes.length; length++) {
      const lines = { ...toLines([LINE]), bytes: Buffer.from(bytes.subarray(0, length)) };
      if (fast({ ...lines, end: Int32Array.of(length) }, 0) !== undefined) lengths.push(length);
    }
    expect(lengths).toEqual([bytes.length]);
  });
});

test('lines broken at random', () => {
  const { counts, compare } = createJsonComparison();
  const random = createRandom(SEED);
  const originals = toOriginals(random);
  for (let done = 0; done < CASES; done += 1000) {
    compare(toLines(Array.from({ length: 1000 }, () => mutate(pick(originals, random), originals, random))));
  }
  // Enough of each kind, or the mutations are too tame or too wild.
  expect(counts.fast).toBeGreaterThan(CASES / 100);
  expect(counts.slow).toBeGreaterThan(CASES / 100);
  expect(counts.neither).toBeGreaterThan(CASES / 20);
});

test('members at random, most of them what the message says', () => {
  const { counts, compare } = createJsonComparison();
  const random = createRandom(SEED);
  for (let done = 0; done < CASES; done += 1000) {
    compare(toLines(Array.from({ length: 1000 }, () => toRandomLine(random))));
  }
  expect(counts.fast).toBeGreaterThan(CASES / 50);
  expect(counts.slow).toBeGreaterThan(CASES / 20);
  expect(counts.neither).toBeGreaterThan(CASES / 20);
});

function readRecorded(): Buffer[] {
  const pods = new URL('../fixtures/day-json/pods/', import.meta.url);
  const paths = readdirSync(pods, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.log')).map((path) => readFileSync(new URL(path, pods)));
}

function toOriginals(random: Random): string[] {
  const pieces = [...generateCorpus({ lines: 400, seed: SEED, wrapping: 'none', shape: 'json' })];
  const generated = Buffer.concat(pieces).toString('latin1').trimEnd().split('\n');
  return [...generated, ...Array.from({ length: 100 }, () => toRandomLine(random))];
}

/** Each member from the range of what CoreDNS can write, and a little beyond; one in forty says other than the message. */
function toRandomLine(random: Random): string {
  const choose = (usual: readonly string[], rare: readonly string[]): string =>
    pick(random.below(30) === 0 ? rare : usual, random);
  const again = (text: string, others: readonly string[]): string =>
    random.below(40) === 0 ? pick(others, random) : text;
  const uint = (): string =>
    choose(
      ['0', '1', '512', '65535', String(random.below(65_536))],
      ['65536', '007', '1234567890', '-1', '1.5', ''],
    );
  const flag = (): string => choose(['true', 'false'], ['-', 'TRUE', 'null']);

  const type = choose(['A', 'AAAA', 'TYPE65280', 'NSAP-PTR'], ['', 'A IN', '-']);
  const qclass = choose(['IN', 'CLASS77'], ['', '-']);
  const name = choose(
    ['a.', 'b.example.org.', '.', '_x._tcp.a,b.'],
    ['-', 'a\\\\\\"b.', 'a b.', 'ü.', 'a\t.', '\\\\255.'],
  );
  const transport = choose(['udp', 'tcp'], ['quic', 'unknown', '-']);
  const [size, bufsize, dnssec] = [uint(), uint(), flag()];
  const address = choose(
    ['192.0.2.7', '2001:db8::7'],
    ['', '1.2.3', 'FE80::7%eth0', '::ffff:192.0.2.7', '192.0.2.256'],
  );
  const remote = again(address.includes(':') ? `[${address}]` : address, ['[192.0.2.7]', '2001:db8::7', 'x']);
  const rcode = choose(['NOERROR', 'NXDOMAIN', 'SERVFAIL', '3841'], ['-', '', 'noerror']);
  const flags = choose(['qr,aa', 'qr', ''], ['-', 'QR']);
  const fraction = (): string =>
    choose(['', '.5', '.000235741'], ['.', '.2718096660000002', 'e-7', '.9999999995']);
  const seconds = (): string =>
    choose(['0', '1', '12'], ['00', '1000001', '9000001', '104249991', '-1']) + fraction();
  const time = `2026-11-2${random.below(3)}T11:37:0${random.below(3)}${choose(['', '.9', '.955801501'], ['.', '.9558015017'])}`;
  const opcode = choose(['', '', ' \\"0\\"'], [' \\"x\\"', ' ', ' "0"']);
  return (
    `{"time":"${time}${choose(['Z'], ['+01:00', ''])}","level":"INFO",` +
    `"msg":"${remote}:${uint()} - ${uint()} \\"${type} ${qclass} ${name} ${transport} ${size} ${dnssec} ${bufsize}\\" ` +
    `${rcode} ${flags} ${uint()} ${seconds()}s${opcode}","plugin":"log",` +
    `"client_ip":"${again(address, ['192.0.2.8'])}","client_port":${uint()},"qname":"${again(name, ['c.', 'a.b.'])}",` +
    `"qtype":"${again(type, ['MX'])}","qclass":"${again(qclass, ['CH'])}","protocol":"${again(transport, ['udp'])}",` +
    `"id":${uint()},"opcode":${uint()},"request_size":${again(size, ['3'])},"dnssec_ok":${again(dnssec, ['true'])},` +
    `"bufsize":${again(bufsize, ['3'])},"rcode":"${again(rcode, ['REFUSED'])}","response_size":${uint()},` +
    `"duration_seconds":${seconds()}}`
  );
}

function pick(texts: readonly string[], random: Random): string {
  return texts[random.below(texts.length)] ?? '';
}
