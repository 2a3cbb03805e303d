/** A log of yesterday is replayed within a second: what is remembered for a while is so by the log's clock. */
import { expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers } from '../support/peers.ts';
import { NOON } from '../support/queries.ts';

const MINUTE = 60_000;
const STRANGER = '10.244.1.9';

it('an address for which nobody came is waited for again ten minutes later in the log', () => {
  const neighbour = podObject('neighbour', { addresses: ['10.244.1.200'] });
  const peers = createSyncedPeers([neighbour], { graceMs: 3_000 });
  expect(peers.clientAt(STRANGER, 0)).toBe('waits');
  expect(peers.tick(NOON + 3_001).map(({ client }) => client.result)).toEqual(['snat']);
  const times = [1, 9, 11].map((minutes) => minutes * MINUTE);
  expect(times.map((at) => peers.clientAt(STRANGER, at))).toEqual(['snat', 'snat', 'waits']);
});
