import { describe, expect, it } from 'vitest';
import { createLookups } from '../../src/lookups/lookups.ts';
import type { Lookup, QueryRole, ResolvedQuery } from '../../src/records/lookup.ts';
import type { Peer, Target } from '../../src/records/peer.ts';
import {
  COREDNS,
  NODE_CACHE,
  NOON,
  NOWHERE,
  type QueryFields,
  toPod,
  toResolved,
  toService,
  WEB,
} from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const NODE = '192.0.2.11';

interface Told {
  readonly lookups: Lookup[];
  readonly queries: (ResolvedQuery & { readonly role: QueryRole })[];
}

function createRoom(limits: { maxOpen?: number; maxOpenPerClient?: number } = {}) {
  const self = createTestSelf();
  const told: Told = { lookups: [], queries: [] };
  const lookups = createLookups(
    {
      domains: ['cluster.local.'],
      maxOpen: limits.maxOpen ?? 1000,
      maxOpenPerClient: limits.maxOpenPerClient ?? 1000,
      cacheAddressOf: (pod) => (pod.name === 'node-local-dns-1' ? NODE : undefined),
      hasCacheAt: (address) => address === NODE,
      isSelf: ({ query }) => query.question.qname === 'tempo.example.org.',
    },
    {
      query: (resolved, role) => told.queries.push({ ...resolved, role }),
      lookup: (lookup) => told.lookups.push(lookup),
    },
    self.lookups,
  );
  const take = (resolved: readonly ResolvedQuery[]): void => {
    for (const { query, client, target } of resolved) lookups.take(query, client, target);
  };
  return { self, lookups, told, take };
}

/** Plays queries in the order of their lines, which is the order of their ends. */
function play(queries: readonly ResolvedQuery[]): Told {
  const { lookups, told, take } = createRoom();
  take([...queries].sort((a, b) => a.query.time - b.query.time));
  lookups.flush();
  told.lookups.sort((a, b) => a.start - b.start);
  return told;
}

/** What a reader wants to know of a lookup, in one line. */
function toLine(lookup: Lookup): string {
  const names = lookup.attempts.map(({ query }) => `${query.question.qtype} ${query.question.qname}`);
  return `${lookup.name} ${lookup.outcome} [${names.join(', ')}]`;
}

function toLines(queries: readonly QueryFields[]): string[] {
  return play(queries.map((fields) => toResolved(fields))).lookups.map(toLine);
}

/** A and AAAA from one socket, as glibc and musl send them. */
function pair(fields: QueryFields): QueryFields[] {
  return [
    { ...fields, type: 'A' },
    { ...fields, type: 'AAAA', at: fields.at + 0.05 },
  ];
}

/** The walk of glibc for `base` from a pod in `shop`: a socket for each name, NXDOMAIN until the last. */
function walk(base: string, at: number, port: number, suffixes: readonly string[]): QueryFields[] {
  return suffixes.flatMap((suffix, step) =>
    pair({
      at: at + step * 0.6,
      name: suffix === '' ? base : `${base}.${suffix}`,
      port: port + step,
      rcode: step === suffixes.length - 1 ? 'NOERROR' : 'NXDOMAIN',
    }),
  );
}

const SHOP = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', ''];

describe('one wish of one client is one lookup', () => {
  it('walks the search path in pairs', () => {
    expect(toLines(walk('api.pay', 0, 40_000, SHOP.slice(0, 2)))).toEqual([
      'api.pay success [A api.pay.shop.svc.cluster.local., AAAA api.pay.shop.svc.cluster.local., A api.pay.svc.cluster.local., AAAA api.pay.svc.cluster.local.]',
    ]);
  });

  it('ends with the name as typed', () => {
    const [line] = toLines(walk('www.example.org', 0, 40_000, SHOP));
    expect(line).toMatch(/^www\.example\.org success \[(A \S+ AAAA \S+ ?){4}\]$/);
  });

  it('takes the search suffix off a first try that succeeded', () => {
    expect(toLines(pair({ at: 0, name: 'web.shop.svc.cluster.local' }))).toEqual([
      'web success [A web.shop.svc.cluster.local., AAAA web.shop.svc.cluster.local.]',
    ]);
  });

  it('leaves the suffix on what dig asked: one type, with EDNS', () => {
    expect(toLines([{ at: 0, name: 'web.shop.svc.cluster.local', bufsize: 1232 }])).toEqual([
      'web.shop.svc.cluster.local success [A web.shop.svc.cluster.local.]',
    ]);
  });

  it("leaves another namespace's suffix on", () => {
    expect(toLines(pair({ at: 0, name: 'web.pay.svc.cluster.local' }))[0]).toMatch(
      /^web\.pay\.svc\.cluster\.local /,
    );
  });

  it('pairs A and AAAA from two sockets (Go)', () => {
    const lines = toLines([
      { at: 0, name: 'www.example.org', type: 'A', port: 40_001, bufsize: 1232 },
      { at: 0.3, name: 'www.example.org', type: 'AAAA', port: 40_002, bufsize: 1232 },
    ]);
    expect(lines).toEqual(['www.example.org success [A www.example.org., AAAA www.example.org.]']);
  });

  it('joins a storm with one id and port, and the retry after 2.5 s (musl)', () => {
    const failed = { name: 'x.example.org', rcode: 'SERVFAIL', port: 40_009 };
    const storm = [0, 0.1, 0.2, 2500, 2500.1].flatMap((at) => [
      { ...failed, at, type: 'A', id: 7 },
      { ...failed, at: at + 0.02, type: 'AAAA', id: 8 },
    ]);
    const { lookups } = play(storm.map((fields) => toResolved(fields)));
    expect(lookups.map(({ outcome, queries, name }) => ({ outcome, queries, name }))).toEqual([
      { outcome: 'error', queries: 10, name: 'x.example.org' },
    ]);
    expect(lookups[0]?.end).toBeCloseTo(NOON + 2500.1 + 0.02 + 0.2, 3);
  });

  it('joins the packet that glibc sends again after 5 s', () => {
    const lines = toLines([
      ...pair({ at: -1000, name: 'web.shop.svc.cluster.local', port: 39_000 }),
      { at: 0, name: 'www.example.org', type: 'A', port: 40_000, id: 1 },
      { at: 5000, name: 'www.example.org', type: 'A', port: 40_001, id: 1 },
      { at: 5000.1, name: 'www.example.org', type: 'AAAA', port: 40_001, id: 2 },
    ]);
    expect(lines[1]).toBe(
      'www.example.org success [A www.example.org., A www.example.org., AAAA www.example.org.]',
    );
  });

  it('waits for the half that an upstream keeps for 6 s', () => {
    const queries = [
      ...pair({ at: -1000, name: 'web.shop.svc.cluster.local', port: 39_000 }),
      { at: 0, name: 'slow.example.org', type: 'A' },
      { at: 0.1, name: 'slow.example.org', type: 'AAAA', took: 6000, rcode: 'SERVFAIL' },
      // Life goes on meanwhile, and moves the clock.
      { at: 3000, name: 'other.example.net', client: '10.244.1.8' },
    ];
    const { lookups } = play(queries.map((fields) => toResolved(fields)));
    const slow = lookups.find(({ name }) => name === 'slow.example.org');
    expect(slow?.attempts).toHaveLength(2);
    expect(slow?.outcome).toBe('success');
    expect(slow === undefined ? 0 : slow.end - slow.start).toBeGreaterThan(6000);
  });

  it('asks again over tcp after a truncated answer', () => {
    const lines = toLines([
      { at: 0, name: 'big.example.org', type: 'TXT', flags: 'qr,tc,rd,ra' },
      { at: 2, name: 'big.example.org', type: 'TXT', transport: 'tcp', port: 40_100 },
    ]);
    expect(lines).toEqual(['big.example.org success [TXT big.example.org., TXT big.example.org.]']);
  });

  it('puts lines in place that were written late', () => {
    const [first, second, ...rest] = walk('api.example.org', 0, 40_000, SHOP);
    if (first === undefined || second === undefined) throw new Error('no walk');
    // The first AAAA is written after the whole second step.
    const late = { ...second, took: 3 };
    expect(toLines([first, late, ...rest])).toHaveLength(1);
  });
});

describe('two wishes are two lookups', () => {
  it.each([
    {
      case: 'dig twice for one name',
      queries: [
        { at: 0, name: 'www.example.org', port: 40_000, bufsize: 1232 },
        { at: 1, name: 'www.example.org', port: 40_001, bufsize: 1232 },
      ],
      count: 2,
    },
    {
      case: 'A and then MX',
      queries: [
        { at: 0, name: 'example.org', port: 40_000 },
        { at: 1, name: 'example.org', type: 'MX', port: 40_001 },
      ],
      count: 2,
    },
    {
      case: 'one long-lived socket asks for one name every second (c-ares)',
      queries: [0, 1000, 2000].map((at) => ({ at, name: 'www.example.org', port: 40_000, bufsize: 1232 })),
      count: 3,
    },
    {
      case: 'two clients at once',
      queries: [
        { at: 0, name: 'www.example.org', type: 'A', client: '10.244.1.7' },
        { at: 0.1, name: 'www.example.org', type: 'AAAA', client: '10.244.1.8' },
      ],
      count: 2,
    },
    {
      case: 'the same walk twice at once',
      queries: [
        ...walk('api.pay', 0, 40_000, SHOP.slice(0, 2)),
        ...walk('api.pay', 0.2, 41_000, SHOP.slice(0, 2)),
      ],
      count: 2,
    },
    {
      case: 'five walks for five names at once',
      queries: ['a', 'b', 'c', 'd', 'e'].flatMap((name, n) =>
        walk(`${name}.example.org`, n * 0.1, 40_000 + n * 10, SHOP),
      ),
      count: 5,
    },
    {
      case: 'the same name a second later',
      queries: [...walk('api.pay', 0, 40_000, SHOP), ...walk('api.pay', 1000, 41_000, SHOP)],
      count: 2,
    },
  ])('$case', ({ queries, count }) => {
    expect(toLines(queries)).toHaveLength(count);
  });
});

describe('queries that are nobody’s question', () => {
  it('sets the inner line of a chased CNAME aside', () => {
    const told = play([
      toResolved({ at: 0.1, took: 0.3, name: 'api.example.org', port: 40_720, id: 8818 }),
      toResolved({ at: 0, took: 0.5, name: 'ext.pay.svc.cluster.local', port: 40_720, id: 8818 }),
    ]);
    expect(told.queries.map(({ role, query }) => `${role} ${query.question.qname}`)).toEqual([
      'question ext.pay.svc.cluster.local.',
      'inner api.example.org.',
    ]);
    expect(told.lookups.map(({ attempts }) => attempts.map(({ inner }) => inner.length))).toEqual([[1]]);
  });

  it.each([
    { case: 'another id', second: { id: 2 } },
    { case: 'another port', second: { port: 40_001 } },
    { case: 'another client', second: { client: '10.244.1.8' } },
    { case: 'another type', second: { type: 'AAAA' } },
    { case: 'not nested in time', second: { at: -1, took: 0.4 } },
    { case: 'id 0, as in every DoH query', second: { id: 0 }, first: { id: 0 } },
  ])('does not take a neighbour for an inner line: $case', ({ second, first }) => {
    const told = play([
      toResolved({ at: 0.1, took: 0.1, name: 'a.example.org', id: 1, ...first }),
      toResolved({ at: 0, took: 0.5, name: 'b.example.org', id: 1, ...second }),
    ]);
    expect(told.queries.map(({ role }) => role)).toEqual(['question', 'question']);
  });

  it.each([
    {
      case: 'loop probe',
      fields: { type: 'HINFO', name: '750328579472654443.578466270121879350.cluster.local' },
    },
    {
      case: 'health check of a forwarder',
      fields: { type: 'NS', name: '.', size: 17 },
      result: 'host_network' as const,
    },
  ])('$case', ({ fields, result }) => {
    const client: Peer = { ...WEB, result: result ?? 'loopback', pod: undefined };
    const told = play([toResolved({ at: 0, ...fields }, { client })]);
    expect(told.queries.map(({ role }) => role)).toEqual(['probe']);
    expect(told.lookups).toEqual([]);
  });

  it('counts its own lookups as self', () => {
    const told = play([toResolved({ at: 0, name: 'tempo.example.org' })]);
    expect(told.queries.map(({ role }) => role)).toEqual(['self']);
  });
});

describe('hops behind a NodeLocal DNSCache', () => {
  const cache: Peer = {
    result: 'node_local_dns',
    name: 'node-local-dns',
    namespace: '',
    pod: undefined,
    node: 'node1',
  };
  const node: Peer = { ...cache, result: 'host_network', name: 'node:node1' };
  const asked = { name: 'kubernetes.default.svc.cluster.local', bufsize: 1232 };
  const own = toResolved({ ...asked, at: 0, took: 1, file: NODE_CACHE });

  it('joins the hop to the query of the cache', () => {
    const hop = toResolved(
      { ...asked, at: 0.3, took: 0.2, transport: 'tcp', client: NODE },
      { client: cache },
    );
    const { lookups, queries } = play([own, hop]);
    expect(queries.map(({ role }) => role).sort()).toEqual(['hop', 'question']);
    expect(lookups.map(({ attempts }) => attempts[0]?.hop?.file)).toEqual([COREDNS]);
  });

  it('knows a hop without its query, and makes no lookup of it', () => {
    const { self, lookups, told, take } = createRoom();
    take([toResolved({ ...asked, at: 0, transport: 'tcp', client: NODE }, { client: cache })]);
    lookups.flush();
    expect(told.lookups).toEqual([]);
    expect(self.count('corespan_hops_total', 'unjoined')).toBe(1);
  });

  it('takes a udp query from the node for a hop only if the cache asked the same then', () => {
    const direct = toResolved({ ...asked, at: 0.3, took: 0.2, client: NODE }, { client: node });
    expect(
      play([own, direct])
        .queries.map(({ role }) => role)
        .sort(),
    ).toEqual(['hop', 'question']);
    expect(play([direct]).lookups.map(({ client }) => client.name)).toEqual(['node:node1']);
  });
});

describe('what a denial means', () => {
  const gone: Target = { ...toService('pay', 'api'), existence: 'gone' };
  const elsewhere: Target = { ...toService('shop', 'api'), existence: 'elsewhere' };
  const never: Target = { ...toService('pay', 'nosuch'), existence: 'never' };
  it.each([
    { case: 'the Service was deleted', targets: [never, gone, NOWHERE, NOWHERE], kind: 'was_valid' },
    {
      case: 'it is in another namespace',
      targets: [elsewhere, never, NOWHERE, NOWHERE],
      kind: 'other_namespace',
    },
    { case: 'it never was', targets: [never, never, NOWHERE, NOWHERE], kind: 'never_valid' },
  ])('$case: $kind', ({ targets, kind }) => {
    const queries = SHOP.map((suffix, step) =>
      toResolved(
        {
          at: step * 0.5,
          name: suffix === '' ? 'api.pay' : `api.pay.${suffix}`,
          rcode: 'NXDOMAIN',
          port: 40_000 + step,
        },
        { target: targets[step] ?? NOWHERE },
      ),
    );
    const [lookup] = play(queries).lookups;
    expect(lookup?.outcome).toBe('denial');
    expect(lookup?.attempts.map(({ nxdomain }) => nxdomain)).toEqual(['search', 'search', 'search', kind]);
  });

  it('calls the misses of a search that succeeded search', () => {
    const [lookup] = play(
      walk('api.pay', 0, 40_000, SHOP.slice(0, 2)).map((fields) => toResolved(fields)),
    ).lookups;
    expect(lookup?.attempts.map(({ nxdomain }) => nxdomain)).toEqual([
      'search',
      'search',
      undefined,
      undefined,
    ]);
    expect(lookup?.expansions).toBe(2);
  });

  it('remembers that an outside name has resolved', () => {
    const external: Target = { ...NOWHERE, class: 'external', name: 'example.org' };
    const queries = [
      toResolved({ at: 0, name: 'www.example.org' }, { target: external }),
      toResolved(
        { at: 60_000, name: 'www.example.org', rcode: 'NXDOMAIN', port: 40_001 },
        { target: external },
      ),
    ];
    expect(play(queries).lookups.map(({ decided }) => decided.nxdomain)).toEqual([undefined, 'was_valid']);
  });
});

describe('bounds', () => {
  it('closes early what is due first, and counts it', () => {
    const { self, lookups, told, take } = createRoom({ maxOpen: 10 });
    const queries = Array.from({ length: 100 }, (_, n) =>
      toResolved({ at: n, name: `n${n}.example.org`, rcode: 'NXDOMAIN', client: `10.244.2.${n}` }),
    );
    take(queries);
    lookups.flush();
    expect(told.lookups).toHaveLength(100);
    expect(self.count('corespan_lookups_closed_early_total')).toBe(90);
  });

  it('keeps one client from crowding out another', () => {
    const { told, take } = createRoom({ maxOpenPerClient: 5 });
    const quiet = toPod('shop', 'quiet');
    const queries = [
      toResolved(
        { at: 0, name: 'first.example.org', rcode: 'NXDOMAIN', client: '10.244.2.1' },
        { client: quiet },
      ),
      ...Array.from({ length: 50 }, (_, n) =>
        toResolved({ at: 10 * n, name: `n${n}.example.org`, rcode: 'NXDOMAIN' }),
      ),
    ];
    take(queries);
    expect(told.lookups.length).toBeGreaterThan(30);
    expect(told.lookups.every(({ client }) => client === WEB)).toBe(true);
  });

  it('cuts a storm in one lookup but counts its queries', () => {
    const storm = Array.from({ length: 500 }, (_, n) =>
      toResolved({ at: n * 0.01, name: 'x.example.org', rcode: 'SERVFAIL', id: 7 }),
    );
    const [lookup, ...others] = play(storm).lookups;
    expect(others).toEqual([]);
    expect(lookup?.queries).toBe(500);
    expect(lookup?.attempts.length).toBeLessThanOrEqual(64);
  });

  it('tells the lowest byte that is still needed', () => {
    const { lookups, take } = createRoom();
    const first = toResolved({ at: 0, name: 'a.example.org', rcode: 'NXDOMAIN' });
    take([first, toResolved({ at: 1, name: 'b.example.org', rcode: 'NXDOMAIN' })]);
    expect(lookups.lowestOpen()).toEqual(new Map([[COREDNS.id, first.query.offset]]));
    lookups.flush();
    expect(lookups.lowestOpen()).toEqual(new Map());
  });
});
