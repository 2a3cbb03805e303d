/** What is written about attributes is what spans carry: every span is compared with the catalogue, and none is made up. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import type { Lookup } from '../../src/records/lookup.ts';
import type { Peer, Target } from '../../src/records/peer.ts';
import { createBuild } from '../../src/spans/build.ts';
import { ATTRIBUTES } from '../../src/spans/catalogue.ts';
import { createResources } from '../../src/spans/resources.ts';
import { toAttempt, toLookup } from '../support/lookups.ts';
import { NODE_CACHE, toPod, toQuery, toService } from '../support/queries.ts';

type Place = 'resource' | 'lookup' | 'query';

function toOwned(kind: string): Peer {
  const peer = toPod('shop', `${kind.toLowerCase()}-1`);
  if (peer.pod === undefined) return peer;
  const workload = { kind, name: 'owner', isInferred: kind === 'CronJob' };
  return { ...peer, pod: { ...peer.pod, workload, attributes: new Map([['service.version', '1.2']]) } };
}

const metadata = new Map([
  ['log/class', 'success'],
  ['forward/upstream', '-'],
  ['view/name', ''],
]);
const headless: Target = { ...toService('pay', 'db'), class: 'headless', pod: 'db-0' };

/** Lookups of every kind that spans tell apart. */
const LOOKUPS: readonly Lookup[] = [
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].map((kind) =>
    toLookup({ client_: toOwned(kind) }),
  ),
  toLookup({ outcome: 'denial' }),
  toLookup({ outcome: 'error', rcode: 'none', qclass: 'CH', client: '2001:db8::7' }),
  toLookup({
    attempts: [
      toAttempt({ at: 0, name: 'db.pay.shop.svc.cluster.local', rcode: 'NXDOMAIN' }),
      toAttempt(
        { at: 1, name: 'db.pay.svc.cluster.local', rcode: 'SERVFAIL', qclass: 'CH', metadata },
        { target: headless },
      ),
      {
        ...toAttempt({ at: 2, name: 'db.pay.svc.cluster.local', metadata }, { target: headless }),
        inner: [toQuery({ at: 2, name: 'example.org' })],
        hop: toQuery({ at: 2, name: 'db.pay.svc.cluster.local', file: NODE_CACHE }),
      },
    ],
  }),
];

function buildAll(): ReadableSpan[] {
  const version = '1.2.3';
  const resources = createResources({ version, skipsSpanMetrics: true, attributes: {} });
  const build = createBuild({ version, graphSource: 'metrics', addressOf: () => '10.244.1.2' }, resources);
  return LOOKUPS.flatMap((lookup) => build(lookup, undefined));
}

function placesOf(span: ReadableSpan): [Place, string[]][] {
  return [
    ['resource', Object.keys(span.resource.attributes)],
    [span.parentSpanContext === undefined ? 'lookup' : 'query', Object.keys(span.attributes)],
  ];
}

/** `<place> <attribute>` of everything that the spans carry, or that the catalogue promises. */
function toCarried(): Set<string> {
  return new Set(
    buildAll()
      .flatMap(placesOf)
      .flatMap(([place, names]) => names.map((name) => `${place} ${name.replace('log/class', '<label>')}`)),
  );
}

function toPromised(catalogue: Readonly<Record<string, { readonly on: readonly Place[] }>>): Set<string> {
  return new Set(
    Object.entries(catalogue).flatMap(([name, { on }]) => on.map((place) => `${place} ${name}`)),
  );
}

it('spans carry what the catalogue promises, where it promises it, and nothing else', () => {
  expect([...toCarried()].sort()).toEqual([...toPromised(ATTRIBUTES)].sort());
});

it('would notice a wrong place (twin)', () => {
  const wrong = { ...ATTRIBUTES, 'corespan.dns.flags': { on: ['query'] as const } };
  const promised = toPromised(wrong);
  expect([...toCarried()].filter((carried) => !promised.has(carried))).toEqual(['lookup corespan.dns.flags']);
});
