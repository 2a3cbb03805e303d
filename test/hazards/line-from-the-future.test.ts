/** A line is stamped with tomorrow: its query keeps no other one waiting, and does not wait until tomorrow. */
import { expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createSyncedPeers, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

const GRACE = 3_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FUTURE = '10.244.1.8';
const STRANGER = '10.244.1.9';

const neighbour = podObject('neighbour', { addresses: ['10.244.1.200'] });
const createWaiting = (): TestPeers => createSyncedPeers([neighbour], { graceMs: GRACE });
const ask = (client: string, at: number) => toQuery({ name: 'example.org', client, at, took: 0 });
const goneAt = (peers: TestPeers, at: number): string[] =>
  peers.tick(NOON + at).map(({ query }) => query.client);

it('goes after the grace like anybody else', () => {
  const peers = createWaiting();
  expect(peers.accept([ask(FUTURE, DAY), ask(STRANGER, 0)], NOON)).toEqual([]);
  expect([goneAt(peers, GRACE - 1), goneAt(peers, GRACE)]).toEqual([[], [FUTURE, STRANGER]]);
});

it('goes after the grace of the clock that goes on, though the line set another one', () => {
  const peers = createWaiting();
  expect(peers.accept([ask(FUTURE, DAY), ask(STRANGER, DAY)], NOON + DAY)).toEqual([]);
  expect([0, GRACE - 1, GRACE].map((at) => goneAt(peers, at))).toEqual([[], [], [FUTURE, STRANGER]]);
});

it('leaves a late line, which waits less, its own time', () => {
  const peers = createWaiting();
  expect(peers.accept([ask(FUTURE, 500), ask(STRANGER, 100)], NOON + 500)).toEqual([]);
  expect([100, 500].map((at) => goneAt(peers, GRACE + at))).toEqual([[STRANGER], [FUTURE]]);
});

it('does not make its address a stranger for a day', () => {
  const peers = createWaiting();
  peers.accept([ask(STRANGER, DAY)], NOON + DAY);
  expect(goneAt(peers, DAY + GRACE)).toEqual([STRANGER]);
  expect([DAY + 5 * MINUTE, 20 * MINUTE].map((at) => peers.clientAt(STRANGER, at))).toEqual([
    'snat',
    'waits',
  ]);
});
