/** A pod lives on with another address (its sandbox was made anew): it did not have that since its start. */
import { expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers, put, remove } from '../support/peers.ts';

const OLD = '10.244.1.5';
const NEW = '10.244.1.6';
const a = podObject('a', { addresses: [OLD] });
const moved = podObject('a', { addresses: [NEW] });
const b = podObject('b', { addresses: [NEW] });
const unready = podObject('a', { phase: 'Pending' });

it('is not named for what its new address asked before, whether that was another’s or nobody’s', () => {
  const peers = createSyncedPeers([a, b]);
  for (const change of [remove(b, 100_000), put(a, 1_000_000), put(moved, 2_000_000)]) peers.apply(change);
  const times = [50_000, 100_000, 500_000, 1_999_999, 2_000_000];
  expect(times.map((at) => peers.clientAt(NEW, at))).toEqual(['b', 'stale', 'stale', 'stale', 'a']);
  expect(times.map((at) => peers.clientAt(OLD, at))).toEqual(['a', 'a', 'a', 'a', 'stale']);

  const nobodys = createSyncedPeers([a]);
  nobodys.apply(put(moved, 2_000_000));
  expect(times.map((at) => nobodys.clientAt(NEW, at))).toEqual(['stale', 'stale', 'stale', 'stale', 'a']);
});

it('is named back to the last state without any address, and not beyond', () => {
  const peers = createSyncedPeers([a]);
  for (const change of [put(unready, 10_000), put(moved, 12_000)]) peers.apply(change);
  expect([9_999, 10_000, 11_999].map((at) => peers.clientAt(NEW, at))).toEqual(['stale', 'a', 'a']);
});

it('is named once when it comes back to an address that it had', () => {
  const peers = createSyncedPeers([a]);
  for (const change of [put(moved, 10_000), put(a, 20_000)]) peers.apply(change);
  expect([9_999, 10_000, 19_999, 20_000].map((at) => peers.clientAt(OLD, at))).toEqual([
    'a',
    'stale',
    'stale',
    'a',
  ]);

  const late = createSyncedPeers([a]);
  for (const change of [remove(a, 10_000), put({ ...a, deleted: 1 }, 10_100), remove(a, 10_200)])
    late.apply(change);
  expect([9_999, 10_000, 10_200].map((at) => late.clientAt(OLD, at))).toEqual(['a', 'a', 'stale']);
});

it('is named back to its start if no state told otherwise (twin)', () => {
  const peers = createSyncedPeers();
  peers.apply(put(a, 2_000_000));
  expect([-60_001, -60_000, 500_000].map((at) => peers.clientAt(OLD, at))).toEqual(['stale', 'a', 'a']);
});

it('is one holder of an address that its status spells twice', () => {
  const peers = createSyncedPeers();
  peers.apply(put(podObject('a', { addresses: ['2001:db8::9', '2001:0db8::0009'] }), 1_000));
  expect(peers.clientAt('2001:db8::9', 1_000)).toBe('a');
});
