/** 5,000 pods come and go while the connection breaks (28): what is told adds up to what is there. */
import { expect, test } from 'vitest';
import type { Change } from '../../src/kube/objects.ts';
import { isFollowing, metric, startApi, toPod, until, watch } from '../kube/harness.ts';
import { createRandom } from '../support/corpus.ts';

const PODS = 5000;

/** Name → address, as somebody who believes every change. */
function toAccount(changes: readonly Change[]): Map<string, string> {
  const account = new Map<string, string>();
  for (const change of changes) {
    if (change.type === 'replace') account.clear();
    for (const object of change.type === 'replace' ? change.objects : [change.object]) {
      if (change.type === 'delete') account.delete(object.name);
      else if (object.resource === 'pods') account.set(object.name, object.addresses[0] ?? '');
    }
  }
  return account;
}

function addressOf(index: number): string {
  return `2001:db8::${index.toString(16)}`;
}

test.each(['on', 'refused'] as const)('WatchList %s', async (watchList) => {
  // Every run is the same.
  const { next: random } = createRandom(7);
  const api = await startApi();
  api.behaviour.watchList = watchList;
  const truth = new Map<string, string>();
  let addresses = 0;

  function start(name: string): void {
    const ip = addressOf(addresses++);
    truth.set(name, ip);
    api.put('pods', toPod(name, { status: { podIPs: [{ ip }] } }));
  }
  for (let index = 0; index < PODS; index++) start(`pod-${index}`);
  const watching = watch(api);
  await isFollowing(watching);

  for (let round = 0; round < 10; round++) {
    for (const name of [...truth.keys()].filter(() => random() < 0.1)) {
      api.remove('pods', `shop/${name}`);
      truth.delete(name);
    }
    for (let index = 0; index < PODS / 10; index++) start(`pod-${round}-${index}`);
    const luck = random();
    if (luck < 0.3) api.reset('pods');
    else if (luck < 0.6) api.end('pods');
    else if (luck < 0.8) {
      api.compact();
      api.end('pods');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  start('last');
  await until(() => watching.told.join().includes('last'), 'the last pod');

  expect(toAccount(watching.changes)).toEqual(truth);
  expect(truth.size).toBeGreaterThan(4000);
  expect(watching.changes.length).toBeGreaterThan(2000);
  expect(metric(watching.self, 'corespan_watch_restarts_total').length).toBeGreaterThan(2);
  expect(metric(watching.self, 'corespan_dropped_total')).toEqual([]);

  // Twin: the account would show a single change that went missing.
  expect(toAccount(watching.changes.slice(0, -1))).not.toEqual(truth);
});
