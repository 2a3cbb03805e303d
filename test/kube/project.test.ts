/** What is kept of an object, and that no JSON whatsoever makes it throw. */
import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { RESOURCES, type Resource } from '../../src/kube/objects.ts';
import { toClusterObject } from '../../src/kube/project.ts';

const CREATED = '2026-11-21T12:00:00Z';
const CREATED_MS = Date.parse(CREATED);
const METADATA = {
  name: 'x',
  namespace: 'shop',
  uid: 'u-1',
  resourceVersion: '7',
  creationTimestamp: CREATED,
};
const NAMED = { uid: 'u-1', namespace: 'shop', name: 'x', resourceVersion: '7' };
const NAMED_AND_CREATED = { ...NAMED, created: CREATED_MS };

const NOTHING_OF_A_POD = {
  labels: new Map(),
  annotations: new Map(),
  controller: undefined,
  node: undefined,
  isHostNetwork: false,
  phase: 'Unknown',
  started: undefined,
  deleted: undefined,
  addresses: [],
  nodeAddresses: [],
};

interface Case {
  readonly name: string;
  readonly resource: Resource;
  readonly json: unknown;
  readonly kept: unknown;
}

const CASES: readonly Case[] = [
  {
    name: 'a dual-stack pod of a Deployment with everything',
    resource: 'pods',
    json: {
      kind: 'Pod',
      metadata: {
        ...METADATA,
        deletionTimestamp: '2026-11-21T12:00:30Z',
        labels: { app: 'x', 'pod-template-hash': 'abc', 'app.kubernetes.io/name': 'web' },
        annotations: {
          'resource.opentelemetry.io/service.name': 'Wéb',
          'resource.opentelemetry.io/service.namespace': '',
          'example.org/other': 'no',
        },
        ownerReferences: [
          { kind: 'ConfigMap', name: 'not-me' },
          { kind: 'ReplicaSet', name: 'web-abc', controller: true },
        ],
      },
      spec: { nodeName: 'node1', hostNetwork: true },
      status: {
        phase: 'Running',
        startTime: '2026-11-21T12:00:01Z',
        podIP: '192.0.2.7',
        podIPs: [{ ip: '192.0.2.7' }, { ip: '2001:db8::7' }],
        hostIP: '192.0.2.1',
        hostIPs: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }],
      },
    },
    kept: {
      resource: 'pods',
      ...NAMED,
      labels: new Map([['pod-template-hash', 'abc']]),
      annotations: new Map([['service.name', 'Wéb']]),
      controller: { kind: 'ReplicaSet', name: 'web-abc' },
      node: 'node1',
      isHostNetwork: true,
      phase: 'Running',
      started: CREATED_MS + 1000,
      deleted: CREATED_MS + 30_000,
      addresses: ['192.0.2.7', '2001:db8::7'],
      nodeAddresses: ['192.0.2.1', '2001:db8::1'],
    },
  },
  {
    name: 'a pod of an old server, with single addresses only',
    resource: 'pods',
    json: { metadata: METADATA, status: { podIP: '192.0.2.7', hostIP: '192.0.2.1' } },
    kept: {
      resource: 'pods',
      ...NAMED,
      ...NOTHING_OF_A_POD,
      started: CREATED_MS,
      addresses: ['192.0.2.7'],
      nodeAddresses: ['192.0.2.1'],
    },
  },
  {
    name: 'a pod of which nothing but the name is known',
    resource: 'pods',
    json: { metadata: { name: 'x', namespace: 'shop' } },
    kept: {
      resource: 'pods',
      ...NAMED,
      ...NOTHING_OF_A_POD,
      uid: 'shop/x',
      resourceVersion: '',
    },
  },
  {
    name: 'a Service with load balancer and external addresses',
    resource: 'services',
    json: {
      metadata: METADATA,
      spec: {
        type: 'LoadBalancer',
        clusterIP: '192.0.2.10',
        clusterIPs: ['192.0.2.10', '2001:db8::10'],
        externalIPs: ['192.0.2.99'],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.98' }, { hostname: 'lb.example.org' }] } },
    },
    kept: {
      resource: 'services',
      ...NAMED_AND_CREATED,
      type: 'LoadBalancer',
      clusterAddresses: ['192.0.2.10', '2001:db8::10'],
      externalAddresses: ['192.0.2.99', '192.0.2.98'],
    },
  },
  {
    name: 'a headless Service',
    resource: 'services',
    json: { metadata: METADATA, spec: { clusterIP: 'None', clusterIPs: ['None'] } },
    kept: {
      resource: 'services',
      ...NAMED_AND_CREATED,
      type: 'ClusterIP',
      clusterAddresses: [],
      externalAddresses: [],
    },
  },
  {
    name: 'a Service of an old server, with a single address only',
    resource: 'services',
    json: { metadata: METADATA, spec: { clusterIP: '192.0.2.10' } },
    kept: {
      resource: 'services',
      ...NAMED_AND_CREATED,
      type: 'ClusterIP',
      clusterAddresses: ['192.0.2.10'],
      externalAddresses: [],
    },
  },
  {
    name: 'an ExternalName Service',
    resource: 'services',
    json: { metadata: METADATA, spec: { type: 'ExternalName', externalName: 'api.example.org' } },
    kept: {
      resource: 'services',
      ...NAMED_AND_CREATED,
      type: 'ExternalName',
      clusterAddresses: [],
      externalAddresses: [],
    },
  },
  {
    name: 'an EndpointSlice',
    resource: 'endpointslices',
    json: {
      metadata: { ...METADATA, labels: { 'kubernetes.io/service-name': 'db' } },
      endpoints: [
        {
          addresses: ['192.0.2.7'],
          hostname: 'db-0',
          nodeName: 'node1',
          targetRef: { kind: 'Pod', name: 'db-0' },
        },
        { addresses: ['192.0.2.200'], targetRef: { kind: 'Other', name: 'vm' } },
      ],
    },
    kept: {
      resource: 'endpointslices',
      ...NAMED_AND_CREATED,
      service: 'db',
      endpoints: [
        { addresses: ['192.0.2.7'], hostname: 'db-0', pod: 'db-0' },
        { addresses: ['192.0.2.200'], hostname: undefined, pod: undefined },
      ],
    },
  },
  {
    name: 'an empty EndpointSlice, as Go writes it',
    resource: 'endpointslices',
    json: { metadata: METADATA, endpoints: null },
    kept: { resource: 'endpointslices', ...NAMED_AND_CREATED, service: undefined, endpoints: [] },
  },
  {
    name: 'a Node: addresses, not names',
    resource: 'nodes',
    json: {
      metadata: METADATA,
      spec: { podCIDR: '192.0.2.0/26', podCIDRs: ['192.0.2.0/26', '2001:db8::/64'] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '192.0.2.1' },
          { type: 'Hostname', address: 'node1' },
          { type: 'ExternalIP', address: '192.0.2.201' },
        ],
      },
    },
    kept: {
      resource: 'nodes',
      ...NAMED,
      addresses: ['192.0.2.1', '192.0.2.201'],
      podRanges: ['192.0.2.0/26', '2001:db8::/64'],
    },
  },
  {
    name: 'a Node without pod ranges, as with some CNIs',
    resource: 'nodes',
    json: { metadata: METADATA },
    kept: { resource: 'nodes', ...NAMED, addresses: [], podRanges: [] },
  },
  {
    name: 'a Namespace',
    resource: 'namespaces',
    json: { metadata: { ...METADATA, namespace: undefined } },
    kept: { resource: 'namespaces', ...NAMED, namespace: '' },
  },
  {
    name: 'an object of another kind',
    resource: 'pods',
    json: { kind: 'Service', metadata: METADATA },
    kept: undefined,
  },
  { name: 'an object without a name', resource: 'pods', json: { metadata: { uid: 'u-1' } }, kept: undefined },
  { name: 'no object', resource: 'pods', json: 'pod', kept: undefined },
  { name: 'null', resource: 'pods', json: null, kept: undefined },
];

describe('toClusterObject', () => {
  test.each(CASES)('$name', ({ resource, json, kept }) => {
    expect(toClusterObject(resource, json)).toEqual(kept);
  });

  test('labels with the names of what every object has', () => {
    const json = JSON.parse(
      '{"metadata":{"name":"constructor","annotations":{"resource.opentelemetry.io/__proto__":"a","__proto__":"b"}}}',
    ) as unknown;
    expect(toClusterObject('pods', json)).toMatchObject({
      name: 'constructor',
      annotations: new Map([['__proto__', 'a']]),
    });
  });

  test('the pods of a workload share their maps', () => {
    const json = { metadata: { ...METADATA, labels: { 'pod-template-hash': 'abc' } } };
    const [one, other] = [toClusterObject('pods', json), toClusterObject('pods', structuredClone(json))];
    if (one?.resource !== 'pods' || other?.resource !== 'pods') throw new Error('these are pods');
    expect(one.labels).toBe(other.labels);
  });

  test('every object of a recorded cluster', () => {
    for (const resource of RESOURCES) {
      const text = readFileSync(new URL(`../fixtures/day/cluster/${resource}.json`, import.meta.url), 'utf8');
      const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
      expect(items.length).toBeGreaterThan(0);
      expect(items.map((item) => toClusterObject(resource, item)?.name)).toEqual(
        items.map(({ metadata }) => metadata.name),
      );
    }
  });

  /** Objects of the right shape with anything at all in the places that are read. */
  const odd = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      tie('object'),
      fc.array(tie('object'), { maxLength: 3 }),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        ...['kind', 'metadata', 'spec', 'status', 'name', 'uid', 'labels', 'annotations', 'ownerReferences'],
        ...[
          'podIPs',
          'ip',
          'hostIPs',
          'clusterIPs',
          'loadBalancer',
          'ingress',
          'endpoints',
          'addresses',
          'type',
        ],
        ...['targetRef', 'controller', 'creationTimestamp', 'podCIDRs', 'externalIPs', '__proto__'],
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  }));

  property.prop([fc.constantFrom(...RESOURCES), odd.object])('never throws', (resource, json) => {
    const metadata = { name: 'x', ...(json as { metadata?: object }).metadata };
    for (const value of [json, { ...(json as object), kind: undefined, metadata }]) {
      const object = toClusterObject(resource, value);
      expect(object === undefined || object.resource === resource).toBe(true);
    }
  });
});
