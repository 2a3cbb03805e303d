import { describe, expect, it } from 'vitest';
import type { Peer, Target } from '../../src/records/peer.ts';
import { createRoom, pair, play, SHOP, toLines, walk } from '../support/lookupsRoom.ts';
import {
  COREDNS,
  NOON,
  NOWHERE,
  type QueryFields,
  toPod,
  toResolved,
  toService,
  WEB,
} from '../support/queries.ts';

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
    { case: 'not nested in time', second: { at: -25, took: 0.4 } },
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

  it('keeps what changes the outcome, however late in a storm it comes', () => {
    const asked = { name: 'x.example.org', id: 7 };
    const storm = Array.from({ length: 100 }, (_, n) =>
      toResolved({ ...asked, at: n * 0.01, rcode: 'SERVFAIL' }),
    );
    const [lookup, ...others] = play([...storm, toResolved({ ...asked, at: 2 })]).lookups;
    expect(others).toEqual([]);
    expect(lookup).toMatchObject({
      outcome: 'success',
      queries: 101,
      decided: { query: { rcode: 'NOERROR' } },
    });
  });

  it('lets no walk grow beyond what a resolver asks', () => {
    const suffixes = ['', ...Array.from({ length: 60 }, (_, n) => `corp${n}.example.net`)];
    const queries = suffixes.map((suffix, n) =>
      toResolved({
        at: n * 0.1,
        name: suffix === '' ? 'www.example.org' : `www.example.org.${suffix}`,
        rcode: 'NXDOMAIN',
        port: 40_000 + n,
      }),
    );
    const { lookups } = play(queries);
    expect(lookups.reduce((sum, { queries: count }) => sum + count, 0)).toBe(61);
    expect(Math.max(...lookups.map(({ attempts }) => attempts.length))).toBeLessThanOrEqual(10);
  });
});

describe('a suffix of the host', () => {
  const denied = { rcode: 'NXDOMAIN', bufsize: 512 };
  const steps = (names: readonly string[], from = 40_000): QueryFields[] =>
    names.flatMap((name, n) => pair({ ...denied, at: n * 0.6, name, port: from + n }));

  it('follows the suffixes of the cluster, and comes before the name as typed', () => {
    const names = [
      'db.shop.svc.cluster.local',
      'db.svc.cluster.local',
      'db.cluster.local',
      'db.corp.example.org',
      'db',
    ];
    expect(toLines(steps(names))).toHaveLength(1);
  });

  it('ends a walk that began with the name as typed, however long the upstream takes over it', () => {
    const name = 'www.nosuch.example.net';
    const suffixes = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
    for (const took of [1, 50, 200, 2000]) {
      const walked = steps([name, ...suffixes.map((suffix) => `${name}.${suffix}`)]);
      const ofHost = pair({ ...denied, at: 3, took, name: `${name}.corp.example.net`, port: 40_009 });
      expect(toLines([...walked, ...ofHost])).toHaveLength(1);
    }
  });

  it.each([
    { case: 'before them it is another wish', names: ['nosuch.shop.svc.cluster.local', 'nosuch.invalid'] },
    {
      case: 'after the name as typed it is another wish',
      names: [
        'nosuch.shop.svc.cluster.local',
        'nosuch.svc.cluster.local',
        'nosuch.cluster.local',
        'nosuch',
        ...Array.from({ length: 12 }, (_, n) => `other${n}.example.org`),
        'nosuch.invalid',
      ],
    },
  ])('$case', ({ names }) => {
    const lines = toLines(steps(names));
    expect(lines.filter((line) => line.includes('nosuch'))).toHaveLength(2);
  });
});

it('puts a walk together whose first lines are written last', () => {
  const [first, second, third, last] = SHOP.map((suffix, n) =>
    toResolved({
      at: n * 0.4,
      // The line of the first step is read 60 ms late, when the others have been placed.
      took: n === 0 ? 60 : 0.2,
      name: suffix === '' ? 'www.example.org' : `www.example.org.${suffix}`,
      rcode: n === 3 ? 'NOERROR' : 'NXDOMAIN',
      port: 40_000 + n,
    }),
  );
  expect(
    play([first, second, third, last].filter((one) => one !== undefined)).lookups.map(({ name }) => name),
  ).toEqual(['www.example.org']);
});

it('sets an inner line aside that had to wait for its client together with its query', () => {
  const { lookups, told, take } = createRoom();
  // Life went on while the two waited: the clock is a second further.
  take([
    toResolved({ at: 1_000, name: 'other.example.org', client: '10.244.1.8' }),
    toResolved({ at: 0.1, took: 0.3, name: 'api.example.org', port: 40_720, id: 8818 }),
    toResolved({ at: 0, took: 0.5, name: 'ext.pay.svc.cluster.local', port: 40_720, id: 8818 }),
  ]);
  lookups.flush();
  expect(told.queries.map(({ role, query }) => `${role} ${query.question.qname}`)).toContain(
    'inner api.example.org.',
  );
});

it('nobody hides behind one port and id: a question has ten inner lines at most', () => {
  const count = 300;
  const told = play(
    Array.from({ length: count }, (_, n) =>
      toResolved({ at: n, took: 0.1, name: `n${n}.example.org`, port: 5353, id: 4660 }),
    ),
  );
  const inner = told.queries.filter(({ role }) => role === 'inner').length;
  expect(told.queries).toHaveLength(count);
  expect(inner).toBeGreaterThan(0);
  expect(count - inner).toBeGreaterThanOrEqual(Math.floor(count / 11));
});

it('takes a line for an inner one that stands out by some milliseconds', () => {
  const told = play([
    toResolved({ at: -2.3, took: 0.3, name: 'api.example.org', port: 40_720, id: 8818 }),
    toResolved({ at: 0, took: 0.5, name: 'ext.pay.svc.cluster.local', port: 40_720, id: 8818 }),
  ]);
  expect(told.queries.map(({ role }) => role)).toContain('inner');
});

it('begins a new time after a flush, also an earlier one', () => {
  const { lookups, told, take } = createRoom();
  take([toResolved({ at: 0, name: 'late.example.org' })]);
  lookups.flush();
  take([toResolved({ at: -3_600_000, name: 'early.example.org' })]);
  lookups.tick(NOON - 3_600_000 + 30_000);
  expect(told.lookups.map(({ name }) => name)).toEqual(['late.example.org', 'early.example.org']);
});

it('lets an inner line be only while it settles: afterwards it has been counted', () => {
  const { lookups, told, take } = createRoom();
  // The line of the query that encloses the other one is read 200 ms late.
  const within = toResolved({ at: 0.1, took: 0.3, name: 'api.example.org', port: 40_720, id: 8818 });
  const around = toResolved({ at: 0, took: 0.5, name: 'ext.pay.svc.cluster.local', port: 40_720, id: 8818 });
  take([within]);
  lookups.tick(NOON + 200);
  take([around]);
  lookups.flush();
  expect(told.queries.map(({ role }) => role)).toEqual(['question', 'question']);
  expect(told.lookups.flatMap(({ attempts }) => attempts.flatMap(({ inner }) => inner))).toEqual([]);
});

it('needs the bytes of inner lines as long as those of their query', () => {
  const { lookups, take } = createRoom();
  const inner = toResolved({ at: 0.1, took: 0.3, name: 'api.example.org', port: 40_720, id: 8818 });
  take([
    inner,
    toResolved({
      at: 0,
      took: 0.5,
      rcode: 'NXDOMAIN',
      name: 'ext.pay.svc.cluster.local',
      port: 40_720,
      id: 8818,
    }),
  ]);
  lookups.tick(NOON + 200);
  expect(lookups.lowestOpen().get(COREDNS.id)).toBe(inner.query.offset);
});
