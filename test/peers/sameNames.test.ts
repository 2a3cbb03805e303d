/** The same name in two namespaces, and under two Services: each leads to its own. */
import { describe, expect, it, test } from 'vitest';
import type { EndpointSliceObject, PodObject, ServiceObject } from '../../src/kube/objects.ts';
import { podObject, serviceObject, sliceObject } from '../support/objects.ts';
import { createSyncedPeers, put, remove, type TestPeers } from '../support/peers.ts';
import { NOON } from '../support/queries.ts';

const NAMESPACES = ['pay', 'shop'] as const;
type Namespace = (typeof NAMESPACES)[number];
const ADDRESSES = { pay: '10.244.1.7', shop: '10.244.1.8' };

function toPod(namespace: Namespace, started: number): PodObject {
  return podObject('web-0', {
    uid: `uid-${namespace}`,
    namespace,
    addresses: [ADDRESSES[namespace]],
    controller: { kind: 'StatefulSet', name: `${namespace}-web` },
    started,
  });
}

function toService(namespace: Namespace): ServiceObject {
  return serviceObject('web', { uid: `uid-service-${namespace}`, namespace, clusterAddresses: [] });
}

function toSlice(namespace: Namespace): EndpointSliceObject {
  const endpoints = [{ addresses: [ADDRESSES[namespace]], hostname: undefined, pod: 'web-0' }];
  return sliceObject('web', { uid: `uid-slice-${namespace}`, namespace, endpoints });
}

describe.each([
  { older: 'pay', newer: 'shop' },
  { older: 'shop', newer: 'pay' },
] as const)('a pod in $older, and later one of its name in $newer', ({ older, newer }) => {
  /** The newer one starts five seconds after noon, and is told of another five seconds later. */
  function createIndex(): TestPeers {
    const others = NAMESPACES.flatMap((namespace) => [toService(namespace), toSlice(namespace)]);
    const peers = createSyncedPeers([...others, toPod(older, NOON - 30_000)], { targetLabel: 'workload' });
    peers.apply(put(toPod(newer, NOON + 5_000), 10_000));
    return peers;
  }
  const labelAt = (peers: TestPeers, namespace: Namespace, at: number): string =>
    peers.targetAt(`web.${namespace}.svc.cluster.local`, at).name;

  it.each(NAMESPACES)('the one in %s has its own address', (namespace) => {
    expect(createIndex().addressOf(namespace, 'web-0')).toBe(ADDRESSES[namespace]);
  });

  it.each(NAMESPACES)('the Service in %s is labelled with its own workload', (namespace) => {
    expect(labelAt(createIndex(), namespace, 10_000)).toBe(`${namespace}-web`);
  });

  it('the newer one counts from its start, as the first of its name there', () => {
    const peers = createIndex();
    expect([4_999, 5_000].map((at) => labelAt(peers, newer, at))).toEqual(['web', `${newer}-web`]);
  });

  it('what one of them is after the other has gone', () => {
    const peers = createIndex();
    peers.apply(remove(toPod(newer, NOON + 5_000), 20_000));
    expect(NAMESPACES.map((namespace) => labelAt(peers, namespace, 20_000))).toEqual(
      NAMESPACES.map((namespace) => (namespace === older ? `${older}-web` : 'web')),
    );
    expect(peers.addressOf(newer, 'web-0')).toBeUndefined();
  });
});

describe('a hostname under two Services', () => {
  function toHost(service: string, address: string, created: number): EndpointSliceObject {
    const endpoints = [{ addresses: [address], hostname: 'db-0', pod: `${service}-0` }];
    return sliceObject(service, { created, endpoints });
  }
  const b = toHost('b', '10.244.1.8', NOON + 5_000);

  function createIndex(): TestPeers {
    const services = ['a', 'b', 'c'].map((name) => serviceObject(name, { clusterAddresses: [] }));
    const peers = createSyncedPeers([...services, toHost('a', '10.244.1.7', NOON - 30_000)]);
    peers.apply(put(b, 10_000));
    return peers;
  }

  test.each([
    { service: 'a', at: 10_000, pod: 'a-0', existence: 'exists' },
    { service: 'b', at: 10_000, pod: 'b-0', existence: 'exists' },
    { service: 'c', at: 10_000, pod: undefined, existence: 'never' },
    // The first of its name there: it counts from when its slice was made.
    { service: 'b', at: 5_000, pod: 'b-0', existence: 'exists' },
    { service: 'b', at: 4_999, pod: undefined, existence: 'never' },
    { service: 'a', at: 20_000, pod: 'a-0', existence: 'exists' },
    { service: 'b', at: 20_000, pod: undefined, existence: 'gone' },
    { service: 'c', at: 20_000, pod: undefined, existence: 'never' },
  ])('db-0.$service at $at: $existence, $pod', ({ service, at, pod, existence }) => {
    const peers = createIndex();
    peers.apply(remove(b, 20_000));
    const target = peers.targetAt(`db-0.${service}.pay.svc.cluster.local`, at);
    expect({ pod: target.pod, existence: target.existence }).toEqual({ pod, existence });
  });
});
