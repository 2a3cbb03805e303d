/** A Service gives an address up and lives on: whoever asks from it later, or for it, is not taken for the Service. */
import { expect, it } from 'vitest';
import { serviceObject } from '../support/objects.ts';
import { createSyncedPeers, put } from '../support/peers.ts';

const ADDRESS = '198.51.100.20';
const REVERSE = '20.100.51.198.in-addr.arpa';
const withAddress = serviceObject('api', { type: 'LoadBalancer', externalAddresses: [ADDRESS] });
const withoutAddress = serviceObject('api');

it('an address is the Service’s only while it has it', () => {
  const peers = createSyncedPeers([withoutAddress]);
  peers.apply(put(withAddress, 1_000));
  peers.apply(put(withoutAddress, 2_000));
  const times = [999, 1_000, 1_999, 2_000, 62_000];
  expect(times.map((at) => peers.clientAt(ADDRESS, at))).toEqual([
    'external',
    'service',
    'service',
    'external',
    'external',
  ]);
  expect(times.map((at) => peers.targetAt(REVERSE, at).service)).toEqual([
    undefined,
    'api',
    'api',
    undefined,
    undefined,
  ]);
});

it('the addresses that it keeps stay its own (twin)', () => {
  const peers = createSyncedPeers([withAddress]);
  peers.apply(put({ ...withAddress, externalAddresses: [ADDRESS, '198.51.100.21'] }, 1_000));
  expect([999, 1_000].map((at) => peers.clientAt(ADDRESS, at))).toEqual(['service', 'service']);
});
