import { describe, expect, it } from 'vitest';
import type { ClusterObject, Resource } from '../../src/kube/objects.ts';
import { podObject, serviceObject, sliceObject } from '../support/objects.ts';
import { createTestPeers, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

const pod = podObject('pay-api-1', {
  namespace: 'pay',
  addresses: ['10.244.1.8'],
  annotations: new Map([['service.name', 'payments-api']]),
});
const db = podObject('pay-db-0', { namespace: 'pay', addresses: ['10.244.1.21'] });
const lonely = podObject('lonely', { namespace: 'pay', addresses: ['10.244.1.50'] });
const endpoint = { addresses: ['10.244.1.8'], hostname: undefined, pod: 'pay-api-1' };
const dbEndpoint = { addresses: ['10.244.1.21'], hostname: 'pay-db-0', pod: 'pay-db-0' };

function createIndex(targetLabel: 'service' | 'workload' = 'service'): TestPeers {
  const peers = createTestPeers({ targetLabel });
  const state: [Resource, ClusterObject[]][] = [
    ['pods', [pod, db, lonely]],
    [
      'services',
      [
        serviceObject('api'),
        serviceObject('db', { clusterAddresses: [] }),
        serviceObject('ext', { type: 'ExternalName', clusterAddresses: [] }),
        serviceObject('constructor', { clusterAddresses: ['2001:db8::20'] }),
      ],
    ],
    [
      'endpointslices',
      [sliceObject('api', { endpoints: [endpoint] }), sliceObject('db', { endpoints: [dbEndpoint] })],
    ],
  ];
  for (const [resource, objects] of state)
    peers.apply({ type: 'replace', at: NOON - 1000, resource, objects });
  return peers;
}

function targetAt(peers: TestPeers, name: string, at = 0, qclass = 'IN') {
  return peers.accept([toQuery({ name, at, took: 0, qclass })], NOON + at)[0]?.target;
}

describe('what a name leads to', () => {
  it.each([
    { name: 'api.pay.svc.cluster.local', class: 'service', target: 'pay/api', existence: 'exists' },
    {
      name: '_http._tcp.api.pay.svc.cluster.local',
      class: 'service',
      target: 'pay/api',
      existence: 'exists',
    },
    { name: 'db.pay.svc.cluster.local', class: 'headless', target: 'pay/db', existence: 'exists' },
    {
      name: 'pay-db-0.db.pay.svc.cluster.local',
      class: 'headless',
      target: 'pay/db',
      pod: 'pay-db-0',
      existence: 'exists',
    },
    { name: 'pay-db-7.db.pay.svc.cluster.local', class: 'headless', target: 'pay/db', existence: 'never' },
    {
      name: '10-244-1-8.api.pay.svc.cluster.local',
      class: 'service',
      target: 'pay/api',
      pod: 'pay-api-1',
      existence: 'exists',
    },
    { name: 'ext.pay.svc.cluster.local', class: 'external_name', target: 'pay/ext', existence: 'exists' },
    {
      name: 'constructor.pay.svc.cluster.local',
      class: 'service',
      target: 'pay/constructor',
      existence: 'exists',
    },
    {
      name: '10-244-1-8.pay.pod.cluster.local',
      class: 'pod',
      target: 'pay/api',
      pod: 'pay-api-1',
      existence: 'exists',
    },
    {
      name: '10-244-1-50.pay.pod.cluster.local',
      class: 'pod',
      target: 'pay/lonely',
      pod: 'lonely',
      existence: 'exists',
    },
    { name: '10-244-1-99.pay.pod.cluster.local', class: 'pod', target: '/', existence: 'never' },
    { name: '20.0.96.10.in-addr.arpa', class: 'reverse', target: 'pay/api', existence: 'exists' },
    {
      name: '8.1.244.10.in-addr.arpa',
      class: 'reverse',
      target: 'pay/api',
      pod: 'pay-api-1',
      existence: 'exists',
    },
    { name: '7.100.51.198.in-addr.arpa', class: 'reverse', target: '/', existence: 'never' },
    { name: 'nosuch.pay.svc.cluster.local', class: 'service', target: 'pay/nosuch', existence: 'never' },
    { name: 'api.shop.svc.cluster.local', class: 'service', target: 'shop/api', existence: 'elsewhere' },
    { name: 'pay.svc.cluster.local', class: 'unknown', target: '/', existence: 'exists' },
    { name: 'nosuch.pay.cluster.local', class: 'unknown', target: '/', existence: 'never' },
    { name: 'www.shop.example.co.uk', class: 'external', target: '/example.co.uk', existence: 'unknown' },
    { name: 'x.timeout.test', class: 'external', target: '/timeout.test', existence: 'unknown' },
    { name: '_dmarc.example.org', class: 'external', target: '/example.org', existence: 'unknown' },
    { name: 'quo\\"te\\ x.test', class: 'external', target: '/external', existence: 'unknown' },
    { name: 'localhost', class: 'external', target: '/external', existence: 'unknown' },
    { name: '.', class: 'unknown', target: '/', existence: 'unknown' },
  ])('$name: $class $target', ({ name, class: kind, target, pod: podName, existence }) => {
    const found = targetAt(createIndex(), name);
    expect({ ...found, target: `${found?.namespace}/${found?.name}` }).toMatchObject({
      class: kind,
      target,
      pod: podName,
      existence,
    });
  });

  it('is nothing outside the class IN', () => {
    expect(targetAt(createIndex(), 'version.bind', 0, 'CH')).toMatchObject({ class: 'unknown', name: '' });
  });

  it('is one object for equal meanings', () => {
    const peers = createIndex();
    expect(targetAt(peers, 'api.pay.svc.cluster.local')).toBe(
      targetAt(peers, '_http._tcp.api.pay.svc.cluster.local'),
    );
  });

  it('can be labelled with the one workload behind a Service', () => {
    const peers = createIndex('workload');
    expect(targetAt(peers, 'api.pay.svc.cluster.local')?.name).toBe('payments-api');
    peers.apply({
      type: 'put',
      at: NOON,
      object: sliceObject('api', { endpoints: [endpoint, { ...dbEndpoint, hostname: undefined }] }),
    });
    expect(targetAt(peers, 'api.pay.svc.cluster.local')?.name).toBe('api');
  });
});

describe('a Service in time', () => {
  it('is gone between its deletion and its second life', () => {
    const peers = createIndex();
    peers.apply({ type: 'delete', at: NOON + 1_000, object: serviceObject('api') });
    peers.apply({ type: 'put', at: NOON + 3_000, object: serviceObject('api', { uid: 'second' }) });
    const existences = [0, 999, 1_000, 2_999, 3_000].map(
      (at) => targetAt(peers, 'api.pay.svc.cluster.local', at)?.existence,
    );
    expect(existences).toEqual(['exists', 'exists', 'gone', 'gone', 'exists']);
  });

  it('is gone if a complete state lacks it', () => {
    const peers = createIndex();
    peers.apply({ type: 'replace', at: NOON + 1_000, resource: 'services', objects: [] });
    expect(targetAt(peers, 'api.pay.svc.cluster.local', 2_000)?.existence).toBe('gone');
  });

  it('remembers an endpoint that has gone', () => {
    const peers = createIndex();
    peers.apply({ type: 'put', at: NOON + 1_000, object: sliceObject('db', { endpoints: [] }) });
    expect(targetAt(peers, 'pay-db-0.db.pay.svc.cluster.local', 2_000)?.existence).toBe('gone');
  });

  it('knows nothing before the first sync', () => {
    const peers = createTestPeers();
    expect(targetAt(peers, 'api.pay.svc.cluster.local')).toMatchObject({ name: 'api', existence: 'unknown' });
  });
});

it('finds the address of an endpoint host among the Services', () => {
  const peers = createIndex();
  expect(
    ['api.pay.svc', 'api.pay.svc.cluster.local', 'api.pay.svc.cluster.local.', 'api.pay', 'example.org'].map(
      (host) => peers.serviceAddress(host),
    ),
  ).toEqual(['10.96.0.20', '10.96.0.20', '10.96.0.20', undefined, undefined]);
});
