/** Nodes come and go with the load: late lines still know a gone one, and then it is forgotten. */
import { describe, expect, it } from 'vitest';
import { nodeObject, podObject } from '../support/objects.ts';
import { createSyncedPeers, list, put, remove } from '../support/peers.ts';
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
