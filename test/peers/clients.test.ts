import { describe, expect, it } from 'vitest';
import type { Change, ClusterObject, PodObject } from '../../src/kube/objects.ts';
import { nodeObject, podObject, serviceObject } from '../support/objects.ts';
import { createTestPeers, type TestPeers } from '../support/peers.ts';
import { NOON, type QueryFields, toQuery } from '../support/queries.ts';

const ADDRESS = '10.244.1.9';

const put = (object: ClusterObject, at: number): Change => ({ type: 'put', at: NOON + at, object });
const remove = (object: ClusterObject, at: number): Change => ({ type: 'delete', at: NOON + at, object });
const list = (at: number, resource: Change & { type: 'replace' }, ...objects: ClusterObject[]): Change => ({
  ...resource,
  at: NOON + at,
  objects,
});
const pods = { type: 'replace', resource: 'pods', at: 0, objects: [] } as const;

/** Who asked at `at`: a pod by its name, anybody else by the reason. */
function clientAt(peers: TestPeers, at: number, fields: Partial<QueryFields> = {}): string {
  const query = toQuery({ name: 'example.org', client: ADDRESS, took: 0, ...fields, at });
  const [resolved] = peers.accept([query], NOON + at);
  return resolved?.client.pod?.name ?? resolved?.client.result ?? 'waits';
}

const a = podObject('a', { addresses: [ADDRESS], started: NOON - 60_000 });
const b = podObject('b', { addresses: [ADDRESS], started: NOON + 10_000 });

describe('an address that is handed on', () => {
  it('names whoever held it at the time of the query, late lines included', () => {
    const peers = createTestPeers();
    for (const change of [list(-1000, pods, a), remove(a, 10_000), put(b, 10_200)]) peers.apply(change);
    expect([9_999, 10_000, 10_199, 10_200, 20_000, -30_000].map((at) => clientAt(peers, at))).toEqual([
      'a',
      'stale',
      'stale',
      'b',
      'b',
      'a',
    ]);
  });

  it('reaches back to a start that is surely after the end of the last holder', () => {
    const peers = createTestPeers();
    const late = podObject('late', { addresses: [ADDRESS], started: NOON + 12_000 });
    for (const change of [list(-1000, pods, a), remove(a, 10_000), put(late, 20_000)]) peers.apply(change);
    expect([12_999, 13_000, 19_999].map((at) => clientAt(peers, at))).toEqual(['stale', 'late', 'late']);
  });

  it('lets a new holder win over one that is stopping', () => {
    const peers = createTestPeers();
    const stopping: PodObject = { ...a, deleted: NOON + 5_000 };
    for (const change of [list(-1000, pods, a), put(stopping, 4_000), put(b, 11_000)]) peers.apply(change);
    expect([4_500, 10_999, 11_000].map((at) => clientAt(peers, at))).toEqual(['a', 'a', 'b']);
  });

  it('names nobody for the time before the watch in which both the stopping and the new holder may have had it', () => {
    const peers = createTestPeers();
    const stopping: PodObject = { ...a, deleted: NOON + 40_000 };
    peers.apply(list(20_000, pods, stopping, b));
    expect([9_999, 10_000, 19_999, 20_000].map((at) => clientAt(peers, at))).toEqual([
      'a',
      'conflict',
      'conflict',
      'b',
    ]);
  });

  it('names nobody where two running pods claim it', () => {
    const peers = createTestPeers();
    for (const change of [list(-1000, pods, a), put(b, 11_000)]) peers.apply(change);
    expect([10_000, 11_000].map((at) => clientAt(peers, at))).toEqual(['a', 'conflict']);
  });

  it('takes a finished pod for gone though it still lists its address', () => {
    const peers = createTestPeers();
    for (const change of [list(-1000, pods, a), put({ ...a, phase: 'Succeeded' }, 5_000)])
      peers.apply(change);
    expect([4_999, 5_000].map((at) => clientAt(peers, at))).toEqual(['a', 'stale']);
  });

  it('does not trust an end that nobody saw', () => {
    const peers = createTestPeers();
    for (const change of [list(-1000, pods, a), put(podObject('other'), 2_000), list(60_000, pods)]) {
      peers.apply(change);
    }
    expect([1_999, 2_000, 59_000].map((at) => clientAt(peers, at))).toEqual(['a', 'stale', 'stale']);
  });
});

describe('the identity of a pod', () => {
  it('changes with its owner, from then on', () => {
    const peers = createTestPeers();
    const owned = podObject('debug', {
      addresses: [ADDRESS],
      controller: { kind: 'StatefulSet', name: 'debug' },
    });
    for (const change of [list(-1000, pods, owned), put({ ...owned, controller: undefined }, 5_000)]) {
      peers.apply(change);
    }
    const workloadAt = (at: number): string | undefined => {
      const query = toQuery({ name: 'example.org', client: ADDRESS, took: 0, at });
      return peers.accept([query], NOON + at)[0]?.client.pod?.workload.kind;
    };
    expect([4_999, 5_000].map(workloadAt)).toEqual(['StatefulSet', 'Pod']);
  });

  it('keeps one peer object while nothing about it changes', () => {
    const peers = createTestPeers();
    const clientOf = (at: number) =>
      peers.accept([toQuery({ name: 'x.', client: ADDRESS, at })], NOON)[0]?.client;
    peers.apply(list(-1000, pods, a));
    const before = clientOf(1);
    peers.apply(put({ ...a, resourceVersion: '2' }, 500));
    expect(clientOf(1_000)).toBe(before);
  });

  it('has both addresses of a dual-stack pod, in any spelling', () => {
    const peers = createTestPeers();
    peers.apply(list(-1000, pods, podObject('dual', { addresses: [ADDRESS, '2001:0db8::0009'] })));
    expect([ADDRESS, '2001:db8::9'].map((client) => clientAt(peers, 0, { client }))).toEqual([
      'dual',
      'dual',
    ]);
  });
});

describe('an address that is no pod’s', () => {
  const cache = podObject('node-local-dns-1', {
    isHostNetwork: true,
    addresses: ['192.0.2.11'],
    labels: new Map([['k8s-app', 'node-local-dns']]),
  });
  it.each([
    { case: 'a node', fields: { client: '192.0.2.11' }, expected: 'host_network' },
    {
      case: 'a node over tcp',
      fields: { client: '192.0.2.12', transport: 'tcp' as const },
      expected: 'host_network',
    },
    {
      case: 'a node’s cache',
      fields: { client: '192.0.2.11', transport: 'tcp' as const },
      expected: 'node_local_dns',
    },
    { case: 'translated', fields: { client: '10.244.1.0' }, expected: 'snat' },
    { case: 'a Service', fields: { client: '10.96.0.20' }, expected: 'service' },
    { case: 'outside', fields: { client: '198.51.100.7' }, expected: 'external' },
    { case: 'outside, IPv6', fields: { client: '2001:db8:ffff::1' }, expected: 'external' },
    { case: 'the server itself', fields: { client: '127.0.0.1' }, expected: 'loopback' },
    { case: 'the cache itself', fields: { client: '169.254.20.10' }, expected: 'loopback' },
    { case: 'none at all', fields: { client: '' }, expected: 'loopback' },
    { case: 'a legal name that is none', fields: { client: 'constructor' }, expected: 'external' },
  ])('$case: $expected', ({ fields, expected }) => {
    const peers = createTestPeers();
    peers.apply(list(-1000, pods, cache, a));
    peers.apply({
      type: 'replace',
      at: NOON,
      resource: 'nodes',
      objects: [nodeObject('node1'), nodeObject('node2', { addresses: ['192.0.2.12'], podRanges: [] })],
    });
    peers.apply({ type: 'replace', at: NOON, resource: 'services', objects: [serviceObject('api')] });
    expect(clientAt(peers, 0, fields)).toBe(expected);
  });

  it('knows the pods’ ranges from pods alone where nodes may not be read', () => {
    const peers = createTestPeers();
    peers.apply(list(-1000, pods, a));
    expect(clientAt(peers, 0, { client: '10.244.1.0' })).toBe('snat');
  });

  it('is cold before the first sync, and stale for lines that are older than it', () => {
    const peers = createTestPeers();
    expect(clientAt(peers, 0)).toBe('cold');
    peers.apply(list(0, pods, podObject('other', { addresses: ['10.244.1.200'] })));
    expect([-1, 1].map((at) => clientAt(peers, at))).toEqual(['stale', 'snat']);
  });
});

describe('a query whose pod is not known yet', () => {
  const neighbour = podObject('neighbour', { addresses: ['10.244.1.200'] });
  function createWaiting(): TestPeers {
    const peers = createTestPeers({ graceMs: 3_000 });
    peers.apply(list(-60_000, pods, neighbour));
    return peers;
  }

  it('waits for the change that names it', () => {
    const peers = createWaiting();
    expect(clientAt(peers, 0)).toBe('waits');
    expect(peers.tick(NOON + 1_000)).toEqual([]);
    peers.apply(put(podObject('new', { addresses: [ADDRESS], started: NOON - 500 }), 1_500));
    expect(peers.tick(NOON + 1_600).map(({ client }) => client.pod?.name)).toEqual(['new']);
  });

  it('goes on under its reason when nobody comes, and the next one does not wait', () => {
    const peers = createWaiting();
    expect(clientAt(peers, 0)).toBe('waits');
    expect(peers.tick(NOON + 3_001).map(({ client }) => client.result)).toEqual(['snat']);
    expect(clientAt(peers, 4_000)).toBe('snat');
  });

  it('does not wait in a backlog', () => {
    const peers = createWaiting();
    const query = toQuery({ name: 'example.org', client: ADDRESS, at: 0 });
    expect(peers.accept([query], NOON + 10_000).map(({ client }) => client.result)).toEqual(['snat']);
  });

  it('is never lost: the end of the input lets it out', () => {
    const peers = createWaiting();
    clientAt(peers, 0);
    expect([...peers.waiting()]).toHaveLength(1);
    expect(peers.flush().map(({ client }) => client.result)).toEqual(['snat']);
    expect([...peers.waiting()]).toEqual([]);
  });
});

it('forgets ended claims when late lines can no longer come', () => {
  const peers = createTestPeers({ retainMs: 60_000 });
  for (const change of [list(-1000, pods, a), remove(a, 1_000)]) peers.apply(change);
  expect(clientAt(peers, 500)).toBe('a');
  peers.tick(NOON + 120_000);
  expect(clientAt(peers, 500)).toBe('snat');
});
