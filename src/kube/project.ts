/** Cuts out of an object's JSON what corespan keeps of it (see objects.ts); the rest is dropped with the line. */

import { copyText } from '../text/copy.ts';
import { listAt, property, textAt, textsAt, toObject } from './json.ts';
import type {
  ClusterObject,
  EndpointObject,
  EndpointSliceObject,
  NamespaceObject,
  NodeObject,
  PodObject,
  Resource,
  ServiceObject,
} from './objects.ts';
import { createPool, sharedMap, sharedText, sharedTexts } from './texts.ts';
import { parseTime } from './times.ts';

/** The `kind` of each resource's objects. */
export const KINDS = {
  pods: 'Pod',
  services: 'Service',
  endpointslices: 'EndpointSlice',
  nodes: 'Node',
  namespaces: 'Namespace',
} as const satisfies Record<Resource, string>;

/** Labels that tell the owner of a pod, or mark a NodeLocal DNSCache. */
const POD_LABELS = ['pod-template-hash', 'k8s-app'];
/** What a user says of a pod's resource attributes (OpenTelemetry, non-normative/k8s-attributes.md). */
const ANNOTATION_PREFIX = 'resource.opentelemetry.io/';

/** The pods of a workload have their controller in common. */
const controllers = createPool<NonNullable<PodObject['controller']>>();

type Named = Omit<NamespaceObject, 'resource'>;

/**
 * The object, or undefined if the JSON is no object of `resource`. Never throws, and needs no more than a name:
 * items of a list have no `kind`, and objects written by hand have no uid. Addresses stay as the API gives them.
 */
export function toClusterObject(resource: Resource, json: unknown): ClusterObject | undefined {
  const kind = textAt(json, 'kind');
  const named = toNamed(property(json, 'metadata'));
  if (named === undefined || (kind !== undefined && kind !== KINDS[resource])) return undefined;
  switch (resource) {
    case 'pods':
      return toPod(named, json);
    case 'services':
      return toService(named, json);
    case 'endpointslices':
      return toEndpointSlice(named, json);
    case 'nodes':
      return toNode(named, json);
    case 'namespaces':
      return { resource, ...named };
  }
}

function toNamed(metadata: unknown): Named | undefined {
  const name = textAt(metadata, 'name');
  if (name === undefined) return undefined;
  const namespace = textAt(metadata, 'namespace') ?? '';
  return {
    uid: copyText(textAt(metadata, 'uid') ?? `${namespace}/${name}`),
    namespace: sharedText(namespace),
    name: copyText(name),
    resourceVersion: copyText(textAt(metadata, 'resourceVersion') ?? ''),
  };
}

function toCreated(json: unknown): number | undefined {
  return parseTime(textAt(property(json, 'metadata'), 'creationTimestamp'));
}

/** Every member is written out: what is spread lies in an object of its own (64 bytes for each pod). */
function toPod({ uid, namespace, name, resourceVersion }: Named, json: unknown): PodObject {
  const metadata = property(json, 'metadata');
  const spec = property(json, 'spec');
  const status = property(json, 'status');
  return {
    resource: 'pods',
    uid,
    namespace,
    name,
    resourceVersion,
    labels: toLabels(property(metadata, 'labels')),
    annotations: toAnnotations(property(metadata, 'annotations')),
    controller: toController(listAt(metadata, 'ownerReferences')),
    node: toShared(textAt(spec, 'nodeName')),
    isHostNetwork: property(spec, 'hostNetwork') === true,
    phase: sharedText(textAt(status, 'phase') ?? 'Unknown'),
    started: parseTime(textAt(status, 'startTime')) ?? toCreated(json),
    deleted: parseTime(textAt(metadata, 'deletionTimestamp')),
    addresses: toAddresses(status, { list: 'podIPs', single: 'podIP' }).map(copyText),
    nodeAddresses: sharedTexts(toAddresses(status, { list: 'hostIPs', single: 'hostIP' })),
  };
}

function toLabels(labels: unknown): ReadonlyMap<string, string> {
  return sharedMap(
    POD_LABELS.flatMap((key) => {
      const value = textAt(labels, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

function toAnnotations(annotations: unknown): ReadonlyMap<string, string> {
  return sharedMap(
    Object.entries(toObject(annotations) ?? {}).flatMap(([key, value]) =>
      // An empty one says nothing: a service without a name would be nobody.
      key.startsWith(ANNOTATION_PREFIX) && typeof value === 'string' && value !== ''
        ? [[key.slice(ANNOTATION_PREFIX.length), value] as const]
        : [],
    ),
  );
}

function toController(owners: readonly unknown[]): PodObject['controller'] {
  const owner = owners.find((owner) => property(owner, 'controller') === true);
  const kind = textAt(owner, 'kind');
  const name = textAt(owner, 'name');
  if (kind === undefined || name === undefined) return undefined;
  return controllers(`${kind} ${name}`, () => ({ kind: sharedText(kind), name: copyText(name) }));
}

/** `podIP` is only the first address: a dual-stack pod has both in `podIPs`. The single field is the older one. */
function toAddresses(
  status: unknown,
  { list, single }: { readonly list: string; readonly single: string },
): string[] {
  const all = listAt(status, list).flatMap((entry) => textAt(entry, 'ip') ?? []);
  return all.length > 0 ? all : [textAt(status, single)].filter((address) => address !== undefined);
}

function toService(named: Named, json: unknown): ServiceObject {
  const spec = property(json, 'spec');
  const ingress = listAt(property(property(json, 'status'), 'loadBalancer'), 'ingress');
  const listed = textsAt(spec, 'clusterIPs');
  const clusterAddresses = listed.length > 0 ? listed : [textAt(spec, 'clusterIP') ?? 'None'];
  return {
    resource: 'services',
    ...named,
    created: toCreated(json),
    type: sharedText(textAt(spec, 'type') ?? 'ClusterIP'),
    clusterAddresses: clusterAddresses.filter((address) => address !== 'None').map(copyText),
    externalAddresses: [
      ...textsAt(spec, 'externalIPs'),
      ...ingress.flatMap((entry) => textAt(entry, 'ip') ?? []),
    ].map(copyText),
  };
}

function toEndpointSlice(named: Named, json: unknown): EndpointSliceObject {
  return {
    resource: 'endpointslices',
    ...named,
    created: toCreated(json),
    service: toShared(textAt(property(property(json, 'metadata'), 'labels'), 'kubernetes.io/service-name')),
    endpoints: listAt(json, 'endpoints').map(toEndpoint),
  };
}

function toEndpoint(json: unknown): EndpointObject {
  const target = property(json, 'targetRef');
  return {
    addresses: textsAt(json, 'addresses').map(copyText),
    hostname: toCopy(textAt(json, 'hostname')),
    pod: textAt(target, 'kind') === 'Pod' ? toCopy(textAt(target, 'name')) : undefined,
  };
}

/** Addresses only: a node's list also holds its host name and DNS names. */
function toNode(named: Named, json: unknown): NodeObject {
  const spec = property(json, 'spec');
  const ranges = textsAt(spec, 'podCIDRs');
  return {
    resource: 'nodes',
    ...named,
    addresses: listAt(property(json, 'status'), 'addresses').flatMap((entry) => {
      const address = textAt(entry, 'address');
      return address !== undefined && textAt(entry, 'type')?.endsWith('IP') ? [copyText(address)] : [];
    }),
    podRanges: (ranges.length > 0 ? ranges : [textAt(spec, 'podCIDR') ?? '']).filter(Boolean).map(copyText),
  };
}

function toShared(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sharedText(text);
}

function toCopy(text: string | undefined): string | undefined {
  return text === undefined ? undefined : copyText(text);
}
