/**
 * A made-up cluster's query log, the same for the same seed: what benchmarks and fuzz tests read.
 *
 * 200 pods (one in fifty over IPv6) in 12 namespaces ask for 300 services and 1,500 names outside with a few
 * favourites each (Zipf), walk their search path (`ndots:5`, A and AAAA), and now and then do what breaks
 * parsers: SERVFAIL with its line of the errors plugin, durations of seconds, names with quotes and blanks.
 */

export interface CorpusOptions {
  /** Lines in all, those of the errors plugin included. */
  readonly lines: number;
  readonly seed: number;
  /** No two lookups share a name: what a flood of random names does to tables. */
  readonly uniqueNames?: boolean;
  /** In the form of the container runtime (default), or as CoreDNS wrote them. */
  readonly wrapping?: 'cri' | 'none';
  readonly clients?: 'mixed' | 'ipv6';
  /** CoreDNS's `-log-format`. */
  readonly shape?: 'text' | 'json';
  /** Time of the first line, in whole milliseconds since the epoch. */
  readonly begin?: number;
  /** Queries a second by the lines' own clock. */
  readonly rate?: number;
  /** Least characters of a piece. */
  readonly pieceLength?: number;
}

/** Yields whole lines, some 256 KiB at a time unless told otherwise. */
export function* generateCorpus(options: CorpusOptions): Generator<Buffer> {
  const random = createRandom(options.seed);
  const world = createWorld(options, random);
  const { begin = BEGIN, rate = RATE, pieceLength = PIECE_LENGTH } = options;
  const clock = createClock(begin);
  const write = options.shape === 'json' ? toJson : toText;
  const isWrapped = options.wrapping !== 'none';
  const underway: Query[][] = Array.from({ length: LOOKUPS_AT_ONCE }, () => world.ask());
  let piece = '';
  for (let left = options.lines; left > 0; ) {
    const lane = random.below(LOOKUPS_AT_ONCE);
    const query = underway[lane]?.shift();
    if (query === undefined) {
      underway[lane] = world.ask();
      continue;
    }
    clock.advance(Math.floor(((20_000 + random.below(160_000)) * RATE) / rate));
    for (const line of write(query, clock).slice(0, left)) {
      piece += isWrapped ? `${clock.toText()} stdout F ${line}\n` : `${line}\n`;
      left--;
    }
    if (piece.length >= pieceLength) {
      yield Buffer.from(piece, 'latin1');
      piece = '';
    }
  }
  if (piece !== '') yield Buffer.from(piece, 'latin1');
}

/** A generator of numbers that starts from a seed: mulberry32. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number of at least 0, below `limit`. */
  below(limit: number): number;
}

export function createRandom(seed: number): Random {
  let state = seed | 0;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { next, below: (limit) => Math.floor(next() * limit) };
}

const PIECE_LENGTH = 256 * 1024;
const BEGIN = Date.UTC(2026, 10, 21, 12);
const RATE = 10_000;
const LOOKUPS_AT_ONCE = 16;
const CLIENTS = 200;
const NAMESPACES = 12;
const SERVICES = 300;
const EXTERNAL_NAMES = 1500;
const ZONE = 'cluster.local.';

/** Who asks: the address as it is logged, and the namespace of the pod that has it. */
export interface Client {
  readonly address: string;
  readonly namespace: string;
}

/** The pods that ask in every corpus. */
export function toClients(clients: CorpusOptions['clients'] = 'mixed'): Client[] {
  return Array.from({ length: CLIENTS }, (_, i) => toClient(i, clients === 'ipv6' || i % 50 === 49));
}

/** The Services that they ask for, as `name.namespace`. */
export function toServices(): string[] {
  return Array.from({ length: SERVICES }, (_, i) => `svc-${i}.ns-${i % NAMESPACES}`);
}

interface Query {
  readonly client: Client;
  readonly port: number;
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly isAuthoritative: boolean;
  readonly nanoseconds: number;
}

interface World {
  /** The queries of the next lookup, in order. */
  ask(): Query[];
}

function createWorld(options: CorpusOptions, random: Random): World {
  const clients = toClients(options.clients);
  const services = toServices();
  const names = Array.from({ length: EXTERNAL_NAMES }, (_, i) => toExternalName(i));
  const pickClient = createZipf(CLIENTS, 0.9, random);
  const pickService = createZipf(SERVICES, 1.05, random);
  const pickName = createZipf(EXTERNAL_NAMES, 1.1, random);
  let lookups = 0;

  /** Each client has favourites of its own: the same rank means another target to each. */
  function at(list: readonly string[], rank: number, client: number): string {
    return list[(rank * 7 + client * 13) % list.length] ?? '';
  }

  return {
    ask() {
      lookups++;
      const index = pickClient();
      const client = clients[index] ?? toClient(0, false);
      const port = 32_768 + random.below(28_000);
      const unique = options.uniqueNames === true ? `u${lookups.toString(36)}-` : '';
      const draft = (name: string, type: string): Query => ({
        client,
        port,
        id: random.below(65_536),
        name,
        type,
        transport: 'udp',
        rcode: 'NOERROR',
        isAuthoritative: name.endsWith(ZONE),
        nanoseconds: toDuration(name, random),
      });
      const pair = (name: string): Query[] => [draft(name, 'A'), draft(name, 'AAAA')];
      const denied = (name: string): Query[] => pair(name).map((query) => ({ ...query, rcode: 'NXDOMAIN' }));

      const kind = random.below(1000);
      if (kind < 350) {
        const service = unique + at(services, pickService(), index);
        return [...denied(`${service}.${client.namespace}.svc.${ZONE}`), ...pair(`${service}.svc.${ZONE}`)];
      }
      if (kind < 480) return pair(`${unique}svc-${pickService()}.${client.namespace}.svc.${ZONE}`);
      if (kind < 830) {
        const name = unique + at(names, pickName(), index);
        const suffixes = [`${client.namespace}.svc.${ZONE}`, `svc.${ZONE}`, ZONE];
        return [...suffixes.flatMap((suffix) => denied(`${name}.${suffix}`)), ...pair(`${name}.`)];
      }
      const name = `${unique}${at(names, pickName(), index)}.`;
      if (kind < 880) return pair(name);
      if (kind < 910) return [draft(`${1 + random.below(254)}.2.0.192.in-addr.arpa.`, 'PTR')];
      if (kind < 930)
        return [draft(`_http._tcp.${unique}${at(services, pickService(), index)}.svc.${ZONE}`, 'SRV')];
      if (kind < 960) return [draft(name, 'HTTPS')];
      if (kind < 970) return [draft(`${random.below(2 ** 31).toString(36)}.probe.example.net.`, 'TXT')];
      if (kind < 985) return [{ ...draft(name, 'A'), transport: 'tcp' }];
      if (kind < 998)
        return [{ ...draft(name, 'A'), rcode: 'SERVFAIL', nanoseconds: 2_000_000_000 + random.below(5e9) }];
      return [{ ...draft(`${unique}we\\ ird\\"name.example.org.`, 'A'), rcode: 'NXDOMAIN' }];
    },
  };
}

function toClient(index: number, isIpv6: boolean): Client {
  const address = isIpv6 ? `[2001:db8::${(index + 1).toString(16)}]` : `192.0.2.${index + 1}`;
  return { address, namespace: `ns-${index % NAMESPACES}` };
}

function toExternalName(index: number): string {
  const host = ['api', 'www', 'cdn', 'login', 'registry-1', 'objects.eu-west'][index % 6] ?? 'www';
  return `${host}.site-${index}.example.${['com', 'net', 'org'][index % 3] ?? 'org'}`;
}

/** Cluster names are answered from memory, the others by an upstream; one query in 250 takes over a second. */
function toDuration(name: string, random: Random): number {
  if (random.below(250) === 0) return 1_000_000_000 + random.below(5e9);
  const mean = name.endsWith(ZONE) ? 90_000 : 4_000_000;
  return 9_000 + Math.floor(-Math.log(1 - random.next()) * mean);
}

/** Ranks from 0; rank r is drawn with a weight of 1 / (r + 1) ** exponent. */
function createZipf(count: number, exponent: number, random: Random): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    sums[rank] = sum;
  }
  return () => {
    const wanted = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

interface Clock {
  advance(nanoseconds: number): void;
  /** RFC 3339 with the trailing zeros of the fraction cut off, as containerd writes it. */
  toText(): string;
}

function createClock(begin: number): Clock {
  let seconds = Math.floor(begin / 1000);
  let nanoseconds = (begin % 1000) * 1e6;
  let prefix = toSeconds();

  function toSeconds(): string {
    return new Date(seconds * 1000).toISOString().slice(0, 19);
  }

  return {
    advance(by) {
      nanoseconds += by;
      if (nanoseconds < 1e9) return;
      nanoseconds -= 1e9;
      seconds++;
      prefix = toSeconds();
    },
    toText() {
      const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
      return fraction === '' ? `${prefix}Z` : `${prefix}.${fraction}Z`;
    },
  };
}

/** CoreDNS adds the seconds and their fraction as floats, which is where more than nine decimals come from. */
function toSecondsText(nanoseconds: number): number {
  return Math.floor(nanoseconds / 1e9) + (nanoseconds % 1e9) / 1e9;
}

function toMessage(query: Query): string {
  const { client, port, id, type, name, transport, rcode } = query;
  const size = toSize(name);
  const flags = query.isAuthoritative ? 'qr,aa,rd' : rcode === 'SERVFAIL' ? 'qr,rd' : 'qr,rd,ra';
  const bufsize = transport === 'tcp' ? 65_535 : 512;
  const quoted = `"${type} IN ${name} ${transport} ${size} false ${bufsize}"`;
  const answer = `${rcode} ${flags} ${toResponseSize(query)} ${toSecondsText(query.nanoseconds)}s`;
  return `${client.address}:${port} - ${id} ${quoted} ${answer}`;
}

function toError(query: Query): string {
  return `2 ${query.name} ${query.type}: read udp 192.0.2.2:41247->192.0.2.53:53: i/o timeout`;
}

function toText(query: Query): string[] {
  const line = `[INFO] ${toMessage(query)}`;
  return query.rcode === 'SERVFAIL' ? [line, `[ERROR] plugin/errors: ${toError(query)}`] : [line];
}

function toJson(query: Query, clock: Clock): string[] {
  const time = clock.toText();
  const line = JSON.stringify({
    time,
    level: 'INFO',
    msg: toMessage(query),
    plugin: 'log',
    client_ip: query.client.address.replace(/[[\]]/g, ''),
    client_port: query.port,
    qname: query.name,
    qtype: query.type,
    qclass: 'IN',
    protocol: query.transport,
    id: query.id,
    opcode: 0,
    request_size: toSize(query.name),
    dnssec_ok: false,
    bufsize: query.transport === 'tcp' ? 65_535 : 512,
    rcode: query.rcode,
    response_size: toResponseSize(query),
    duration_seconds: toSecondsText(query.nanoseconds),
  });
  if (query.rcode !== 'SERVFAIL') return [line];
  return [line, JSON.stringify({ time, level: 'ERROR', msg: toError(query), plugin: 'errors' })];
}

/** Header, question and the name on the wire, which is one byte longer than its text. */
function toSize(name: string): number {
  return 12 + 4 + 1 + name.replace(/\\/g, '').length;
}

function toResponseSize({ name, rcode }: Query): number {
  return toSize(name) + (rcode === 'NXDOMAIN' ? 93 : rcode === 'SERVFAIL' ? 0 : 53);
}
