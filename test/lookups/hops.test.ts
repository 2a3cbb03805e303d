/** What a NodeLocal DNSCache forwards is joined to its own line, and makes no lookup. */
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/records/peer.ts';
import { createRoom, NODE, play } from '../support/lookupsRoom.ts';
import { COREDNS, NODE_CACHE, NOON, toResolved } from '../support/queries.ts';

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

  it('takes none by udp where the cache asks by tcp: a process of the node asked the same at once', () => {
    const direct = toResolved({ ...asked, at: 0.2, took: 0.2, client: NODE }, { client: node });
    const hop = toResolved(
      { ...asked, at: 0.4, took: 0.2, transport: 'tcp', client: NODE },
      { client: cache },
    );
    // From then on it is known that a cache's log is read.
    const before = toResolved({ name: 'other.example.org', at: -500, file: NODE_CACHE });
    const { lookups, queries } = play([before, own, direct, hop]);
    expect(queries.filter(({ role }) => role === 'hop').map(({ query }) => query)).toEqual([hop.query]);
    expect(lookups.map(({ client, attempts }) => [client.name, attempts[0]?.hop])).toEqual([
      [before.client.name, undefined],
      [own.client.name, hop.query],
      ['node:node1', undefined],
    ]);
  });

  it('takes none for a query that the cache had the answer to: a process of the node asked just then', () => {
    const fromMemory = toResolved({ ...asked, at: 0, took: 0.02, file: NODE_CACHE });
    const direct = toResolved({ ...asked, at: 0.3, took: 0.2, client: NODE }, { client: node });
    const { lookups } = play([fromMemory, direct]);
    expect(lookups.map(({ client, attempts }) => [client.name, attempts[0]?.hop])).toEqual([
      [fromMemory.client.name, undefined],
      ['node:node1', undefined],
    ]);
  });

  it.each([14, -14])('joins a hop that was stamped %d ms late, to the nearest query', (late) => {
    const at = [0, 30, 60];
    const asking = at.map((start) => toResolved({ ...asked, at: start, took: 1, file: NODE_CACHE }));
    const hop = toResolved(
      { ...asked, at: 30.3 + late, took: 0.2, transport: 'tcp', client: NODE },
      { client: cache },
    );
    const { lookups } = play([...asking, hop]);
    expect(lookups.map(({ attempts }) => attempts[0]?.hop?.offset)).toEqual([
      undefined,
      hop.query.offset,
      undefined,
    ]);
  });

  it('joins a hop that was read before the query of the cache', () => {
    const { lookups, told, take } = createRoom();
    // CoreDNS's log is read at once, the cache's a moment later.
    const hop = toResolved(
      { ...asked, at: 0.3, took: 0.2, transport: 'tcp', client: NODE },
      { client: cache },
    );
    const later = toResolved({ name: 'other.example.org', at: 200 });
    take([hop, later, own]);
    lookups.flush();
    const hops = told.lookups.map(({ name, attempts }) => [name, attempts[0]?.hop?.file.id] as const);
    expect(new Map(hops)).toEqual(
      new Map([
        ['other.example.org', undefined],
        ['kubernetes.default.svc.cluster.local', COREDNS.id],
      ]),
    );
  });

  it('gives each query of the same name its own hop', () => {
    const pairs = [0, 40, 80].map((at) => ({
      own: toResolved({ ...asked, at, took: 1, file: NODE_CACHE, port: 41_000 + at }),
      hop: toResolved(
        { ...asked, at: at + 0.3, took: 0.2, transport: 'tcp', client: NODE },
        { client: cache },
      ),
    }));
    const { lookups } = play(pairs.flatMap((one) => [one.own, one.hop]));
    expect(lookups.map(({ attempts }) => attempts[0]?.hop?.offset)).toEqual(
      pairs.map((one) => one.hop.query.offset),
    );
  });

  it('gives nothing to a lookup that has closed: its record does not change', () => {
    const { lookups, told, take } = createRoom();
    take([own]);
    lookups.flush();
    const closed = structuredClone(told.lookups);
    take([toResolved({ ...asked, at: 0.3, took: 0.2, transport: 'tcp', client: NODE }, { client: cache })]);
    lookups.flush();
    expect(told.lookups).toEqual(closed);
    expect(closed[0]?.attempts[0]?.hop).toBeUndefined();
  });

  it('needs the bytes of a hop until somebody came for it', () => {
    const { lookups, take } = createRoom();
    const hop = toResolved({ ...asked, at: 0, transport: 'tcp', client: NODE }, { client: cache });
    take([hop, toResolved({ name: 'other.example.org', at: 500, client: '10.244.1.8' })]);
    expect(lookups.lowestOpen().get(COREDNS.id)).toBe(hop.query.offset);
    lookups.tick(hop.query.time + 5_000);
    expect(lookups.lowestOpen()).toEqual(new Map());
  });

  it('holds a bounded number of hops where the logs of the caches are not read', () => {
    const { self, lookups, take } = createRoom();
    take(
      Array.from({ length: 25_000 }, (_, n) =>
        toResolved(
          { ...asked, name: `n${n}.example.org`, at: n / 1000, transport: 'tcp', client: NODE },
          { client: cache },
        ),
      ),
    );
    lookups.tick(NOON + 100);
    expect(self.count('corespan_hops_total', 'unjoined')).toBe(5_000);
    lookups.flush();
    expect(self.count('corespan_hops_total', 'unjoined')).toBe(25_000);
  });
});
