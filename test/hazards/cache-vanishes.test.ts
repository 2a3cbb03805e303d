/** A NodeLocal DNSCache ends, seen or unseen: from then on the node's own questions are its own again. */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/kube/objects.ts';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers, list, put, remove } from '../support/peers.ts';
import { NOON } from '../support/queries.ts';

const NODE = '192.0.2.11';
const HOUR = 3_600_000;
const cache = podObject('node-local-dns-1', {
  isHostNetwork: true,
  addresses: [NODE],
  labels: new Map([['k8s-app', 'node-local-dns']]),
});
const successor = { ...cache, uid: 'uid-2', name: 'node-local-dns-2' };
const web = podObject('web', { addresses: ['10.244.1.7'] });

describe.each<{ ends: string; change: Change }>([
  { ends: 'is deleted', change: remove(cache, 1_000) },
  { ends: 'vanishes across a relist', change: list('pods', 1_000, web) },
  { ends: 'fails', change: put({ ...cache, phase: 'Failed' }, 1_000) },
  { ends: 'succeeds', change: put({ ...cache, phase: 'Succeeded' }, 1_000) },
])('a cache that $ends', ({ change }) => {
  it('is no cache any more, but was one before', () => {
    const peers = createSyncedPeers([cache, web]);
    peers.apply(change);
    const times = [500, 1_000, HOUR];
    expect(times.map((at) => peers.hasCacheAt(NODE, NOON + at))).toEqual([true, false, false]);
    expect(times.map((at) => peers.clientAt(NODE, at, { transport: 'tcp' }))).toEqual([
      'node_local_dns',
      'host_network',
      'host_network',
    ]);
  });

  it('has a successor', () => {
    const peers = createSyncedPeers([cache, web]);
    peers.apply(change);
    peers.apply(put(successor, 2_000));
    const times = [1_500, 2_000, HOUR];
    expect(times.map((at) => peers.hasCacheAt(NODE, NOON + at))).toEqual([false, true, true]);
  });
});

it('a cache that a relist still lists goes on (twin)', () => {
  const peers = createSyncedPeers([cache, web]);
  peers.apply(list('pods', 1_000, cache));
  expect(peers.hasCacheAt(NODE, NOON + HOUR)).toBe(true);
});

it('a cache that had finished before the watch began never was one', () => {
  const peers = createSyncedPeers([{ ...cache, phase: 'Failed' }]);
  expect(peers.hasCacheAt(NODE, NOON)).toBe(false);
});
