/** What a watch has told, gathered, and compared with a LIST: the objects, and whom corespan names by them. */
import type { Change, ClusterObject, Resource } from '../../src/kube/objects.ts';
import { createTestPeers, type TestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';
import type { Api, KubeObject } from './api.ts';

export interface Index {
  apply(change: Change): void;
  readonly objects: ReadonlyMap<string, ClusterObject>;
  readonly peers: TestPeers;
}

/** Resources that the watch needs. */
export const LISTS = {
  pods: '/api/v1/pods',
  services: '/api/v1/services',
  endpointslices: '/apis/discovery.k8s.io/v1/endpointslices',
} as const satisfies Partial<Record<Resource, string>>;

export function createIndex(): Index {
  const objects = new Map<string, ClusterObject>();
  const peers = createTestPeers();
  return {
    objects,
    peers,
    apply(change) {
      peers.apply(change);
      switch (change.type) {
        case 'put':
          objects.set(change.object.uid, change.object);
          break;
        case 'delete':
          objects.delete(change.object.uid);
          break;
        case 'replace':
          for (const { uid, resource } of objects.values()) {
            if (resource === change.resource) objects.delete(uid);
          }
          for (const object of change.objects) objects.set(object.uid, object);
          break;
      }
    },
  };
}

/** The index that comes of these changes: with one of them left out, a comparison has to notice. */
export function toIndex(changes: Iterable<Change>): Index {
  const index = createIndex();
  for (const change of changes) index.apply(change);
  return index;
}

/** The same changes, told by somebody who never sees the object of that name. */
export function withoutObject(changes: readonly Change[], name: string): Change[] {
  return changes
    .filter((change) => change.type === 'replace' || change.object.name !== name)
    .map((change) => {
      if (change.type !== 'replace') return change;
      return { ...change, objects: change.objects.filter((object) => object.name !== name) };
    });
}

/** Who holds an address at a time, as `<namespace>/<pod>` or the reason why nobody does. */
export function nameClient({ peers }: Index, client: string, at: number): string {
  const [resolved] = peers.accept([toQuery({ name: 'example.org', client, at: at - NOON, took: 0 })], at);
  const { pod, result } = resolved?.client ?? { pod: undefined, result: 'none' };
  return pod === undefined ? result : `${pod.namespace}/${pod.name}`;
}

/** Every way in which the index differs from a fresh LIST, as a line each; none if they agree. */
export async function compareWithList(index: Index, api: Api, now: number): Promise<string[]> {
  const entries = Object.entries(LISTS) as [keyof typeof LISTS, string][];
  const listed = await Promise.all(
    entries.map(async ([resource, path]) => {
      const objects = (await api.list(path)).filter((object) => resource !== 'pods' || isSelected(object));
      return objects.map((object) => [resource, object] as const);
    }),
  );
  return [...compareObjects(index, listed.flat()), ...compareNames(index, listed.flat(), now)];
}

function compareObjects({ objects }: Index, listed: readonly (readonly [Resource, KubeObject])[]): string[] {
  const wanted = new Set(listed.map(([resource, object]) => describeListed(resource, object)));
  const known = new Set([...objects.values()].map(describeKnown));
  return [
    ...[...wanted].filter((text) => !known.has(text)).map((text) => `only listed: ${text}`),
    ...[...known].filter((text) => !wanted.has(text)).map((text) => `only known: ${text}`),
  ];
}

function compareNames(
  index: Index,
  listed: readonly (readonly [Resource, KubeObject])[],
  now: number,
): string[] {
  return listed.flatMap(([resource, { metadata, spec, status }]) => {
    const { namespace = '', name } = metadata;
    if (resource === 'pods' && status.podIP !== undefined && spec.hostNetwork !== true) {
      const named = nameClient(index, status.podIP, now);
      return named === `${namespace}/${name}`
        ? []
        : [`${status.podIP} is ${namespace}/${name}, not ${named}`];
    }
    if (resource === 'services' && spec.clusterIP !== undefined && spec.clusterIP !== 'None') {
      const found = index.peers.serviceAddress(`${name}.${namespace}.svc`);
      return found === spec.clusterIP ? [] : [`${namespace}/${name} is at ${spec.clusterIP}, not ${found}`];
    }
    return [];
  });
}

/** As the selectors of the two pod watches have it. */
function isSelected({ metadata, spec, status }: KubeObject): boolean {
  if (metadata.labels?.['k8s-app'] === 'node-local-dns') return true;
  return spec.hostNetwork !== true && !['Succeeded', 'Failed'].includes(status.phase);
}

/** Straight from the JSON, not by the code that the watch uses. */
function describeListed(resource: Resource, { metadata, spec, status, ...more }: KubeObject): string {
  const addresses: Partial<Record<Resource, () => unknown[]>> = {
    pods: () => [...(status.podIPs ?? []).map(({ ip }: { ip: string }) => ip), spec.nodeName],
    services: () => (spec.clusterIPs ?? []).filter((address: string) => address !== 'None'),
    endpointslices: () =>
      (more['endpoints'] ?? []).flatMap((endpoint: { readonly addresses: string[] }) => endpoint.addresses),
  };
  const { namespace = '', name, uid, resourceVersion } = metadata;
  return [resource, `${namespace}/${name}`, uid, resourceVersion, ...(addresses[resource]?.() ?? [])].join(
    ' ',
  );
}

function describeKnown(object: ClusterObject): string {
  const { resource, namespace, name, uid, resourceVersion } = object;
  return [resource, `${namespace}/${name}`, uid, resourceVersion, ...toAddresses(object)].join(' ');
}

function toAddresses(object: ClusterObject): readonly (string | undefined)[] {
  switch (object.resource) {
    case 'pods':
      return [...object.addresses, object.node];
    case 'services':
      return object.clusterAddresses;
    case 'endpointslices':
      return object.endpoints.flatMap(({ addresses }) => addresses);
    case 'nodes':
    case 'namespaces':
      return [];
  }
}
