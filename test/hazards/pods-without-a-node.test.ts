/** Pods are told before they have a node: what they were without one crowds out nothing that late lines still ask for. */
import { expect, it } from 'vitest';
import type { PodObject } from '../../src/kube/objects.ts';
import { podObject, serviceObject, sliceObject } from '../support/objects.ts';
import { createSyncedPeers, put, remove, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

/** As many as are kept of what has ended. */
const PODS = 20_000;
const NAME = 'api.pay.svc.cluster.local';

const served = podObject('api-0', {
  namespace: 'pay',
  controller: { kind: 'StatefulSet', name: 'payments' },
});
const slice = sliceObject('api', {
  endpoints: [{ addresses: ['10.244.1.7'], hostname: undefined, pod: 'api-0' }],
});

/** One pod has served and is gone; then come many, each of them in the states given. */
function createPast(...states: readonly Partial<PodObject>[]): TestPeers {
  const peers = createSyncedPeers([serviceObject('api'), slice, served], {
    targetLabel: 'workload',
    retainMs: 600_000,
  });
  peers.apply(remove(served, 1_000));
  for (let n = 0; n < PODS; n++) {
    for (const state of states) peers.apply(put(podObject(`job-${n}`, state), 2_000));
  }
  return peers;
}

const PENDING = { node: undefined, phase: 'Pending', nodeAddresses: [] };

it('a pod that has gone is known by its name while thousands are scheduled', () => {
  const peers = createPast(PENDING, { phase: 'Pending' }, {});
  expect([999, 1_000].map((at) => peers.targetAt(NAME, at).name)).toEqual(['payments', 'api']);
});

it('thousands that change their identity do crowd it out (twin)', () => {
  const peers = createPast({}, { controller: { kind: 'Job', name: 'job' } });
  expect(peers.targetAt(NAME, 999).name).toBe('api');
});

it('a pod that was met without a node has one from when it was told', () => {
  const address = '10.244.1.8';
  // Nobody has an address before a node; but what was handed out stays as it was.
  const bare = podObject('web-0', { node: undefined, addresses: [address], started: NOON - 30_000 });
  const peers = createSyncedPeers([bare]);
  expect(peers.clientAt(address, 0)).toBe('web-0');
  peers.apply(put({ ...bare, node: 'node1' }, 1_000));
  const nodeAt = (at: number): string | undefined => {
    const query = toQuery({ name: 'example.org', client: address, took: 0, at });
    return peers.accept([query], NOON + at)[0]?.client.node;
  };
  expect([999, 1_000].map(nodeAt)).toEqual([undefined, 'node1']);
});
