/** Nodes come and go with the load: late lines still know a gone one, and then it is forgotten. */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/kube/objects.ts';
import { nodeObject, podObject } from '../support/objects.ts';
import { createSyncedPeers, list, put, remove, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

const MINUTE = 60_000;
const node = nodeObject('node1');
const ADDRESS = '192.0.2.11';
const pod = podObject('web', { addresses: ['10.244.1.7'] });

describe('the address of a node that goes', () => {
  it.each([
    { case: 'deleted', change: remove(node, 1_000) },
    { case: 'gone across a relist', change: list('nodes', 1_000) },
  ])('is its own for late lines, and nobody’s after that ($case)', ({ change }) => {
    const peers = createSyncedPeers([node], { retainMs: 10 * MINUTE });
    peers.apply(change);
    expect([0, 5 * MINUTE].map((at) => peers.clientAt(ADDRESS, at))).toEqual([
      'host_network',
      'host_network',
    ]);
    peers.tick(NOON + 20 * MINUTE);
    expect(peers.clientAt(ADDRESS, 20 * MINUTE)).toBe('external');
    expect(peers.held('nodes')).toBe(0);
  });

  it('stays its own while a pod on it tells of it', () => {
    const peers = createSyncedPeers([node, pod], { retainMs: 10 * MINUTE });
    peers.apply(remove(node, 1_000));
    peers.tick(NOON + 20 * MINUTE);
    expect(peers.clientAt(ADDRESS, 20 * MINUTE)).toBe('host_network');
    peers.apply(remove(pod, 21 * MINUTE));
    peers.tick(NOON + 40 * MINUTE);
    expect(peers.clientAt(ADDRESS, 40 * MINUTE)).toBe('external');
  });

  it('is the next one’s from the moment that one has it', () => {
    const peers = createSyncedPeers([node]);
    peers.apply(remove(node, 1_000));
    peers.apply(put(nodeObject('node2'), 2_000));
    const nameAt = (at: number): string | undefined => {
      const [resolved] = peers.accept(
        [toQuery({ name: 'example.org', client: ADDRESS, took: 0, at })],
        NOON + at,
      );
      return resolved?.client.name;
    };
    expect([0, 1_500, 2_000].map(nameAt)).toEqual(['node:node1', 'node:node1', 'node:node2']);
  });
});

describe('20,000 ranges of nodes that came and went', () => {
  const OWN = '10.244.1.9';
  const FIRST = '10.0.0.9';

  function createPast(halfway: () => readonly Change[]): TestPeers {
    const peers = createSyncedPeers([node]);
    expect(peers.clientAt(OWN, 0)).toBe('snat');
    for (let n = 0; n < 20_000; n++) {
      const guest = nodeObject(`guest-${n}`, {
        addresses: [],
        podRanges: [`10.${n >> 8}.${n & 255}.0/24`],
      });
      const changes = n === 10_000 ? halfway() : [];
      for (const change of [...changes, put(guest, n), remove(guest, n + 1)]) peers.apply(change);
    }
    return peers;
  }

  it('push out one that nobody tells of any more, until somebody does', () => {
    const peers = createPast(() => []);
    const strangers = (): string[] => [OWN, FIRST].map((address) => peers.clientAt(address, 30_000));
    expect(strangers()).toEqual(['external', 'snat']);
    peers.apply(put(pod, 30_000));
    expect(strangers()).toEqual(['snat', 'external']);
  });

  it('push out the oldest of their own while the node of another one speaks (twin)', () => {
    const peers = createPast(() => [put(node, 10_000)]);
    expect([OWN, FIRST].map((address) => peers.clientAt(address, 30_000))).toEqual(['snat', 'external']);
  });
});

it('5,000 nodes that came and went leave nothing behind', () => {
  const peers = createSyncedPeers([node], { retainMs: 10 * MINUTE });
  for (let n = 0; n < 5_000; n++) {
    const fields = { addresses: [`192.0.${n >> 8}.${n & 255}`, '2001:db8::1'], podRanges: [] };
    const guest = nodeObject(`guest-${n}`, fields);
    peers.apply(put(guest, n));
    peers.apply(remove(guest, n + 1));
  }
  peers.tick(NOON + 20 * MINUTE);
  expect(peers.held('nodes')).toBe(1);
  expect(peers.clientAt(ADDRESS, 20 * MINUTE)).toBe('host_network');
  expect(peers.clientAt('2001:db8::1', 20 * MINUTE)).toBe('external');
});
