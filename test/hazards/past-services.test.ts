/** Services and pods come and go for ever: what is asked today costs no more for it, in time or in memory. */
import { expect, test } from 'vitest';
import type { EndpointObject, ServiceObject } from '../../src/kube/objects.ts';
import { collectGarbage } from '../support/garbage.ts';
import { serviceObject, sliceObject } from '../support/objects.ts';
import { createSyncedPeers, put, remove, type TestPeers } from '../support/peers.ts';
import { NOON } from '../support/queries.ts';

const MINUTE = 60_000;

/** The same Service, made and deleted in one namespace after another. */
function createPast(namespaces: number): TestPeers {
  const peers = createSyncedPeers([], { retainMs: 600 * MINUTE });
  for (let n = 0; n < namespaces; n++) {
    const service = toApp(`preview-${n}`);
    peers.apply(put(service, n));
    peers.apply(remove(service, n + 1));
  }
  return peers;
}

function toApp(namespace: string): ServiceObject {
  return serviceObject('app', { uid: namespace, namespace, clusterAddresses: [] });
}

/** Nanoseconds for names that nobody asked for yet, the best of several runs. */
function timeOf(ask: (name: string) => unknown): number {
  let best = Infinity;
  for (let run = 0; run < 10; run++) {
    const before = process.hrtime.bigint();
    for (let n = 0; n < 200; n++) ask(`app.asker-${run}-${n}.svc.cluster.local`);
    best = Math.min(best, Number(process.hrtime.bigint() - before));
  }
  return best;
}

const FEW = 500;
const MANY = 16_000;
/** 32 times the past: a cost that does not grow stays far below, one that grows with it far above. */
const MAX_RATIO = 6;

test('a denied name is not compared with every Service that ever had it', () => {
  const [few, many] = [createPast(FEW), createPast(MANY)];
  const after = MANY + 1_000;
  expect(many.targetAt('app.asker.svc.cluster.local', after).existence).toBe('never');
  expect(many.targetAt('app.asker.svc.cluster.local', MANY - 1).existence).toBe('elsewhere');
  const timeFor = (peers: TestPeers): number => timeOf((name) => peers.targetAt(name, after));
  expect(timeFor(many) / timeFor(few)).toBeLessThan(MAX_RATIO);
});

test('twin: a walk over the past would be found out', () => {
  const walk = (size: number): number => {
    const past = new Map(Array.from({ length: size }, (_, n) => [`preview-${n}/app`, n]));
    return timeOf((name) => [...past.keys()].filter((key) => key === name).length);
  };
  expect(walk(MANY) / walk(FEW)).toBeGreaterThan(MAX_RATIO);
});

test('only Services that exist are counted, and whoever asks for one that is gone hears so', () => {
  const peers = createPast(1_000);
  expect(peers.held('services')).toBe(0);
  peers.apply(put(toApp('here'), 2_000));
  expect(peers.held('services')).toBe(1);
  expect(peers.targetAt('app.preview-0.svc.cluster.local', 2 * MINUTE).existence).toBe('gone');
  // Hours later too: a dangling name was valid, however long ago.
  peers.tick(NOON + 6_000 * MINUTE);
  expect(peers.targetAt('app.preview-0.svc.cluster.local', 6_000 * MINUTE).existence).toBe('gone');
});

test('10,000 rollouts take no more memory than the first 2,000', async () => {
  const services = Array.from({ length: 1_000 }, (_, n) =>
    serviceObject(`svc-${n}`, { clusterAddresses: [] }),
  );
  const peers = createSyncedPeers(services, { retainMs: 10 * MINUTE });
  let rollouts = 0;
  /** Every rollout replaces the ten pods of one Service. */
  async function rollOut(count: number): Promise<number> {
    for (const end = rollouts + count; rollouts < end; rollouts++) {
      const at = rollouts * 6_000;
      const endpoints = Array.from({ length: 10 }, (_, n) => toEndpoint(rollouts * 10 + n));
      peers.apply(put(sliceObject(`svc-${rollouts % 1_000}`, { endpoints }), at));
      peers.tick(NOON + at);
    }
    await collectGarbage();
    return process.memoryUsage().heapUsed / 1e6;
  }
  const warm = await rollOut(2_000);
  const after = await rollOut(8_000);
  expect(rollouts).toBe(10_000);
  // 80,000 endpoints under two labels each would be some 40 MB.
  expect(after - warm).toBeLessThan(5);
  const last = `pod-${rollouts * 10 - 1}`;
  const name = (pod: string): string => `${pod}.svc-${(rollouts - 1) % 1_000}.pay.svc.cluster.local`;
  expect(peers.targetAt(name(last), rollouts * 6_000)).toMatchObject({ pod: last, existence: 'exists' });
  // The oldest are forgotten, the latest of those that went are not.
  expect(peers.targetAt('pod-0.svc-0.pay.svc.cluster.local', rollouts * 6_000).existence).toBe('never');
  const before = `pod-${(rollouts - 1_000) * 10 - 1}`;
  expect(peers.targetAt(name(before), rollouts * 6_000).existence).toBe('gone');
});

function toEndpoint(n: number): EndpointObject {
  const addresses = [`10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`];
  return { addresses, hostname: undefined, pod: `pod-${n}` };
}
