/** What is remembered against what is asked anew: the same, whatever changes and whenever it is asked for. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ClusterObject, Resource } from '../../src/kube/objects.ts';
import { createAnswers } from '../../src/peers/answers.ts';
import { narrow, readFrom } from '../../src/peers/moment.ts';
import { createRecent } from '../../src/peers/recent.ts';
import { nodeObject, podObject, serviceObject, sliceObject } from '../support/objects.ts';
import { createTestPeers, list, put, remove, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

const ADDRESSES = ['10.244.1.5', '10.244.1.6', '10.96.0.20', '192.0.2.11', '198.51.100.7'];
const NAMES = [
  'api.pay.svc.cluster.local',
  'api.shop.svc.cluster.local',
  'db.pay.svc.cluster.local',
  'one.db.pay.svc.cluster.local',
  'two.api.pay.svc.cluster.local',
  '10-244-1-5.db.pay.svc.cluster.local',
  '10-244-1-6.pay.pod.cluster.local',
  '5.1.244.10.in-addr.arpa',
  '20.0.96.10.in-addr.arpa',
  '7.100.51.198.in-addr.arpa',
  'www.example.org',
];

const address = fc.constantFrom(...ADDRESSES);
const addresses = fc.uniqueArray(address, { maxLength: 2 });
const podName = fc.constantFrom('one', 'two');
/** Seconds after noon; a start may lie before whatever happened last. */
const second = fc.nat(60).map((seconds) => NOON + seconds * 1_000);

const pod = fc
  .record({ name: podName, uid: fc.constantFrom('u1', 'u2', 'u3'), held: addresses, started: second })
  .chain(({ name, uid, held, started }) =>
    fc
      .record({
        phase: fc.constantFrom('Running', 'Running', 'Succeeded'),
        deleted: fc.constantFrom(undefined, undefined, NOON),
        isHostNetwork: fc.constantFrom(false, false, true),
        labels: fc.constantFrom(new Map(), new Map([['k8s-app', 'node-local-dns']])),
        controller: fc.constantFrom(undefined, { kind: 'StatefulSet', name: 'set' }),
      })
      .map((rest) => podObject(name, { ...rest, uid, namespace: 'pay', addresses: held, started })),
  );
const service = fc
  .record({ name: fc.constantFrom('api', 'db'), namespace: fc.constantFrom('pay', 'shop'), held: addresses })
  .chain(({ name, namespace, held }) =>
    fc
      .record({ externalAddresses: addresses, created: second })
      .map((rest) =>
        serviceObject(name, { ...rest, uid: `${namespace}/${name}`, namespace, clusterAddresses: held }),
      ),
  );
const slice = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    of: fc.constantFrom('api', 'db'),
    listed: fc.array(fc.record({ pod: podName, held: addresses }), { maxLength: 2 }),
  })
  .map(({ name, of, listed }) => {
    const endpoints = listed.map((one) => ({
      addresses: one.held,
      hostname: undefined,
      pod: one.pod,
      node: undefined,
    }));
    return sliceObject(of, { name, uid: name, endpoints });
  });
const node = fc
  .record({ name: fc.constantFrom('node1', 'node2'), held: addresses })
  .map(({ name, held }) => nodeObject(name, { addresses: held }));

const objects: readonly fc.Arbitrary<ClusterObject>[] = [pod, service, slice, node];
const object = fc.oneof(...objects);
const states: readonly fc.Arbitrary<{ resource: Resource; present: readonly ClusterObject[] }>[] = [
  fc.array(pod, { maxLength: 2 }).map((present) => ({ resource: 'pods', present })),
  fc.array(service, { maxLength: 2 }).map((present) => ({ resource: 'services', present })),
  fc.array(slice, { maxLength: 2 }).map((present) => ({ resource: 'endpointslices', present })),
  fc.array(node, { maxLength: 2 }).map((present) => ({ resource: 'nodes', present })),
];

type Act = (peers: TestPeers, at: number) => void;
const apply =
  (toChange: (at: number) => Change): Act =>
  (peers, at) =>
    peers.apply(toChange(at));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: object.map((one) => apply((at) => put(one, at))) },
  { weight: 2, arbitrary: object.map((one) => apply((at) => remove(one, at))) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(...states)
      .map(({ resource, present }) => apply((at) => list(resource, at, ...present))),
  },
  { weight: 1, arbitrary: fc.constant<Act>((peers, at) => peers.tick(NOON + at)) },
);
/** An act, and what is asked after it: now, or for a time before or after. */
const step = fc.record({
  act,
  asks: fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      client: address,
      transport: fc.constantFrom('udp' as const, 'tcp' as const),
      ago: fc.oneof(fc.constant(0), fc.integer({ min: -2_000, max: 30_000 })),
    }),
    { maxLength: 4 },
  ),
});

describe('peers that remember their answers', () => {
  it.each([
    { targetLabel: 'service', retainMs: Infinity },
    { targetLabel: 'workload', retainMs: Infinity },
    { targetLabel: 'service', retainMs: 10_000 },
  ] as const)('give those of peers that were never asked before: %o (property)', (options) => {
    const told = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
        const remembering = createTestPeers(options);
        for (const [place, { act: now, asks }] of steps.entries()) {
          now(remembering, place * 1_000);
          for (const { ago, ...fields } of asks) {
            // Asked anew: the same history, and no question before this one.
            const fresh = createTestPeers(options);
            for (const [at, past] of steps.slice(0, place + 1).entries()) past.act(fresh, at * 1_000);
            const query = toQuery({ ...fields, took: 0, at: place * 1_000 - ago });
            const [expected] = fresh.accept([query], query.time);
            const [found] = remembering.accept([query], query.time);
            expect(found).toEqual(expected);
            told.add(`${expected?.client.result}`).add(`${expected?.target.existence}`);
          }
        }
      }),
      { numRuns: 150 },
    );
    // It looked: clients of every kind but one, and names that exist, are gone, elsewhere, and never were.
    expect([...told].toSorted()).toEqual(
      expect.arrayContaining([
        'elsewhere',
        'exists',
        'external',
        'gone',
        'host_network',
        'never',
        'pod',
        'service',
      ]),
    );
  });
});

it('an answer changes where a holder began to stop, though that was told later', () => {
  const [a, b] = ['one', 'two'].map((name) =>
    podObject(name, { namespace: 'pay', addresses: ['10.244.1.5'] }),
  );
  if (a === undefined || b === undefined) throw new Error('two pods');
  const peers = createTestPeers();
  for (const resource of ['pods', 'services'] as const) peers.apply(list(resource, -1_000));
  for (const change of [put(a, 0), put(b, 0)]) peers.apply(change);
  const podAt = (at: number): string | undefined => peers.targetAt('5.1.244.10.in-addr.arpa', at).pod;
  // Two running pods claim the address: nobody is named.
  expect(podAt(2_000)).toBe(undefined);
  peers.apply(put({ ...a, deleted: NOON + 30_000 }, 1_000));
  expect([2_000, 999, 1_000].map(podAt)).toEqual(['two', undefined, 'two']);
});

describe('an answer', () => {
  /** Answers with how often it was asked; what it says changes at 10 and at 20. */
  function createCounting(source: { generation: number }, isForgetful: 'narrows' | 'does not narrow') {
    let asked = 0;
    return createAnswers<string, string, string>({
      table: createRecent(2),
      toSubject: (key) => key.toUpperCase(),
      answer(subject, moment) {
        readFrom(moment, source);
        if (isForgetful === 'narrows') for (const boundary of [10, 20]) narrow(moment, boundary);
        return `${subject} ${++asked}`;
      },
    });
  }

  it('holds from the boundary before its time to the one after, until its source changes', () => {
    const source = { generation: 0 };
    const answerAt = createCounting(source, 'narrows');
    const times = [15, 10, 19, 20, 1_000, 19, 9];
    expect(times.map((time) => answerAt('a', time))).toEqual([
      'A 1',
      'A 1',
      'A 1',
      'A 2',
      'A 2',
      'A 3',
      'A 4',
    ]);
    source.generation++;
    expect([answerAt('a', 9), answerAt('a', 8)]).toEqual(['A 5', 'A 5']);
  });

  it('would hold too long if it did not say how far it goes (twin)', () => {
    const answerAt = createCounting({ generation: 0 }, 'does not narrow');
    expect([15, 20].map((time) => answerAt('a', time))).toEqual(['A 1', 'A 1']);
  });

  it('is forgotten when twice as many others were asked for as are remembered', () => {
    const answerAt = createCounting({ generation: 0 }, 'narrows');
    expect(['a', 'b', 'c', 'a', 'd', 'e', 'f', 'a'].map((key) => answerAt(key, 0))).toEqual([
      'A 1',
      'B 2',
      'C 3',
      'A 1',
      'D 4',
      'E 5',
      'F 6',
      'A 7',
    ]);
  });
});
