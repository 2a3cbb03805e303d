/** A pod gets another address while nobody watches: until when it had the old one is as unknown as of a pod that went. */
import { expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers, list, put } from '../support/peers.ts';

const OLD = '10.244.1.5';
const NEW = '10.244.1.6';
const a = podObject('a', { addresses: [OLD] });
const moved = podObject('a', { addresses: [NEW] });
const b = podObject('b', { addresses: [OLD], started: a.started });
const other = podObject('other', { addresses: ['10.244.1.200'] });

/** The last sign of life is at 20 s, the whole state comes at 100 s. */
function relist(...pods: ReturnType<typeof podObject>[]) {
  const peers = createSyncedPeers([a, other]);
  peers.apply(put(other, 20_000));
  peers.apply(list('pods', 100_000, ...pods, other));
  return peers;
}

it('names nobody between the last sign of life and the new state, for either address', () => {
  for (const pods of [
    [moved, b],
    [b, moved],
  ]) {
    const peers = relist(...pods);
    const times = [19_999, 20_000, 60_000, 99_999, 100_000];
    expect(times.map((at) => peers.clientAt(OLD, at))).toEqual(['a', 'stale', 'stale', 'stale', 'b']);
    expect(times.map((at) => peers.clientAt(NEW, at))).toEqual(['stale', 'stale', 'stale', 'stale', 'a']);
  }
});

it('is sure of an address that the pod still has (twin)', () => {
  const peers = relist(a);
  expect([20_000, 60_000, 99_999, 100_000].map((at) => peers.clientAt(OLD, at))).toEqual([
    'a',
    'a',
    'a',
    'a',
  ]);
});

it('names a pod that began unseen from where its start is certain: who had the address before may have gone unseen', () => {
  const started = (a.started ?? 0) + 100_000;
  const peers = relist(podObject('late', { addresses: [NEW], started }));
  expect([40_000, 40_999, 41_000].map((at) => peers.clientAt(NEW, at))).toEqual(['stale', 'stale', 'late']);
});
