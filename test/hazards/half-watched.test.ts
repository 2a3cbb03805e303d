/** One of two pod watches is down: the other one's signs of life vouch for no pod that it does not tell of. */
import { expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers, list, put } from '../support/peers.ts';

const ADDRESS = '10.244.1.9';
const web = podObject('web', { addresses: [ADDRESS] });
const other = podObject('other', { addresses: ['10.244.1.10'] });
const labels = new Map([['k8s-app', 'node-local-dns']]);
const cache = podObject('node-local-dns-1', { isHostNetwork: true, addresses: ['192.0.2.11'], labels });
/** Some networks give the caches an address of their own; both watches tell of them. */
const ownAddress = podObject('node-local-dns-2', { addresses: ['10.244.1.11'], labels });

it.each([cache, ownAddress])('$name is told of while the pods’ own watch is down', (sign) => {
  const peers = createSyncedPeers([web, other, cache, ownAddress]);
  peers.apply(put(other, -50_000));
  peers.apply(put({ ...sign, resourceVersion: '2' }, -100));
  peers.apply(list('pods', 0, other, cache, ownAddress));
  // ADR 003: nothing between the last sign of life and the relist is attributed.
  expect([-50_001, -50_000, -5_000].map((at) => peers.clientAt(ADDRESS, at))).toEqual([
    'web',
    'stale',
    'stale',
  ]);
});

it('a sign of the pods’ own watch does vouch for them (twin)', () => {
  const peers = createSyncedPeers([web, other]);
  peers.apply(put({ ...other, resourceVersion: '2' }, -100));
  peers.apply(list('pods', 0, other));
  expect([-5_000, -100].map((at) => peers.clientAt(ADDRESS, at))).toEqual(['web', 'stale']);
});
