/** An endpoint moves between slices, or its name or address is handed on: it is there all the time, and whose it is. */
import { describe, expect, it } from 'vitest';
import type { EndpointObject, EndpointSliceObject } from '../../src/kube/objects.ts';
import { podObject, serviceObject, sliceObject } from '../support/objects.ts';
import { createSyncedPeers, list, put, remove, type TestPeers } from '../support/peers.ts';

const ADDRESS = '10.244.1.5';
const DASHED = '10-244-1-5.db.pay.svc.cluster.local';
const REVERSE = '5.1.244.10.in-addr.arpa';

const toEndpoint = (pod: string): EndpointObject => ({
  addresses: [ADDRESS],
  hostname: undefined,
  pod,
});
const toSlice = (name: string, ...pods: string[]): EndpointSliceObject =>
  sliceObject('db', { name, uid: name, endpoints: pods.map(toEndpoint) });

function createIndex(...slices: EndpointSliceObject[]): TestPeers {
  return createSyncedPeers([serviceObject('db', { clusterAddresses: [] }), ...slices]);
}

/** Existence and pod of the endpoint, by its address and by its pod's name. */
function endpointAt(peers: TestPeers, at: number): (string | undefined)[] {
  return [DASHED, 'db-0.db.pay.svc.cluster.local'].flatMap((name) => {
    const { existence, pod } = peers.targetAt(name, at);
    return [existence, pod];
  });
}
const THERE = ['exists', 'db-0', 'exists', 'db-0'];
const GONE = ['gone', undefined, 'gone', undefined];

describe('an endpoint that moves from one slice to another', () => {
  it('exists, if the new slice lists it first', () => {
    const peers = createIndex(toSlice('a', 'db-0'));
    for (const change of [put(toSlice('b', 'db-0'), 1_000), put(toSlice('a'), 1_010)]) peers.apply(change);
    expect([500, 1_005, 5_000].map((at) => endpointAt(peers, at))).toEqual([THERE, THERE, THERE]);
  });

  it('is gone for the moment between, if the old slice lets it go first', () => {
    const peers = createIndex(toSlice('a', 'db-0'));
    for (const change of [put(toSlice('a'), 1_000), put(toSlice('b', 'db-0'), 1_010)]) peers.apply(change);
    expect([999, 1_000, 1_010].map((at) => endpointAt(peers, at))).toEqual([THERE, GONE, THERE]);
  });

  it('is gone with the last slice that lists it (twin)', () => {
    const peers = createIndex(toSlice('a', 'db-0'), toSlice('b', 'db-0'));
    for (const change of [remove(toSlice('a'), 1_000), list('endpointslices', 2_000)]) peers.apply(change);
    expect([1_500, 2_000].map((at) => endpointAt(peers, at))).toEqual([THERE, GONE]);
  });
});

describe('an address that another pod of the Service gets', () => {
  it('leads to the pod that had it then', () => {
    const peers = createIndex(toSlice('a', 'db-old'));
    peers.apply(put(toSlice('a', 'db-new'), 1_000));
    expect([999, 1_000].map((at) => peers.targetAt(DASHED, at).pod)).toEqual(['db-old', 'db-new']);
  });

  it('leads to the newer one while both are listed', () => {
    const peers = createIndex(toSlice('a', 'db-old'));
    for (const change of [put(toSlice('b', 'db-new'), 1_000), put(toSlice('a'), 2_000)]) peers.apply(change);
    expect([999, 1_500, 2_500].map((at) => peers.targetAt(DASHED, at).pod)).toEqual([
      'db-old',
      'db-new',
      'db-new',
    ]);
  });
});

it('an endpoint that a known slice gets later did not exist before', () => {
  const peers = createIndex(toSlice('a'));
  peers.apply(put(toSlice('a', 'db-0'), 1_000));
  expect([999, 1_000].map((at) => peers.targetAt(DASHED, at).existence)).toEqual(['never', 'exists']);
});

describe('an address that is handed on from one Service to another', () => {
  /** As in a replay: everything has happened before the first name is asked for. */
  function createReplayed(targetLabel: 'service' | 'workload' = 'service'): TestPeers {
    const [api, web] = ['api', 'web'].map((name) => serviceObject(name, { clusterAddresses: [] }));
    const pods = ['api-1', 'web-1'].map((name) => podObject(name, { namespace: 'pay' }));
    if (api === undefined || web === undefined) throw new Error('two Services');
    const apiSlice = sliceObject('api', { endpoints: [toEndpoint('api-1')] });
    const peers = createSyncedPeers([api, web, ...pods, apiSlice], { targetLabel });
    peers.apply(put(sliceObject('api', { endpoints: [] }), 1_000));
    peers.apply(put(sliceObject('web', { endpoints: [toEndpoint('web-1')] }), 2_000));
    return peers;
  }

  it.each([REVERSE, '10-244-1-5.pay.pod.cluster.local'])('%s leads to the one that had it then', (name) => {
    const peers = createReplayed();
    expect([999, 1_500, 2_000].map((at) => peers.targetAt(name, at).service)).toEqual([
      'api',
      undefined,
      'web',
    ]);
  });

  it('a Service is labelled with the workload that served it then', () => {
    const peers = createReplayed('workload');
    peers.apply(put(sliceObject('web', { endpoints: [toEndpoint('api-1')] }), 3_000));
    expect([999, 2_500, 3_000].map((at) => peers.targetAt(REVERSE, at).name)).toEqual([
      'api-1',
      'web-1',
      'api-1',
    ]);
  });
});

describe('two endpoints of one Service at one address', () => {
  it('lead to that Service', () => {
    const peers = createIndex(toSlice('a', 'db-0', 'db-1'));
    expect(peers.targetAt(REVERSE, 0).service).toBe('db');
  });
});

describe('names that look like something else', () => {
  it('a pod that is called like an address does not have it', () => {
    const slice = sliceObject('db', { endpoints: [{ ...toEndpoint(ADDRESS), addresses: ['10.244.1.6'] }] });
    const peers = createIndex(slice);
    expect(peers.targetAt(REVERSE, 0).service).toBeUndefined();
    expect(peers.targetAt('6.1.244.10.in-addr.arpa', 0).service).toBe('db');
  });

  it('a label that reads like the key of its Service is no endpoint', () => {
    const peers = createIndex(toSlice('a', 'db-0'));
    expect(peers.targetAt('pay/db.db.pay.svc.cluster.local', 0).existence).toBe('never');
  });
});

it.each([
  ['2001:db8::5', '2001-db8--5'],
  ['2001:0db8:0:0::5', '2001-0db8-0-0--5'],
])('an endpoint at %s is found by its label', (address, label) => {
  const peers = createIndex(
    sliceObject('db', { endpoints: [{ ...toEndpoint('db-0'), addresses: [address] }] }),
  );
  expect(peers.targetAt(`${label}.db.pay.svc.cluster.local`, 0)).toMatchObject({
    pod: 'db-0',
    existence: 'exists',
  });
});
