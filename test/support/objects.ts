/** Kubernetes objects for tests, from the few fields that a case is about. */
import type { EndpointSliceObject, NodeObject, PodObject, ServiceObject } from '../../src/kube/objects.ts';
import { NOON } from './queries.ts';

const base = { resourceVersion: '1' };
const created = NOON - 60_000;

export function podObject(name: string, fields: Partial<PodObject> = {}): PodObject {
  return {
    ...base,
    resource: 'pods',
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    labels: new Map(),
    annotations: new Map(),
    controller: undefined,
    node: 'node1',
    isHostNetwork: false,
    phase: 'Running',
    started: created,
    deleted: undefined,
    addresses: [],
    nodeAddresses: ['192.0.2.11'],
    ...fields,
  };
}

export function serviceObject(name: string, fields: Partial<ServiceObject> = {}): ServiceObject {
  return {
    ...base,
    resource: 'services',
    uid: `uid-${name}`,
    namespace: 'pay',
    name,
    created,
    type: 'ClusterIP',
    clusterAddresses: ['10.96.0.20'],
    externalAddresses: [],
    ...fields,
  };
}

export function sliceObject(service: string, fields: Partial<EndpointSliceObject> = {}): EndpointSliceObject {
  return {
    ...base,
    resource: 'endpointslices',
    uid: `uid-slice-${service}`,
    namespace: 'pay',
    name: `${service}-abcde`,
    created,
    service,
    endpoints: [],
    ...fields,
  };
}

export function nodeObject(name: string, fields: Partial<NodeObject> = {}): NodeObject {
  return {
    ...base,
    resource: 'nodes',
    uid: `uid-${name}`,
    namespace: '',
    name,
    addresses: ['192.0.2.11'],
    podRanges: ['10.244.1.0/24'],
    ...fields,
  };
}
