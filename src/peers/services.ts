/** Services and their endpoints as they come and go: what a cluster name points at, at the time it was asked. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { EndpointSliceObject, ServiceObject } from '../kube/objects.ts';

export type ServiceClass = 'service' | 'headless' | 'external_name';

/** One life of a Service: deleted and made again is two. */
export interface ServiceLife {
  readonly namespace: string;
  readonly name: string;
  readonly class: ServiceClass;
  readonly from: number;
  to: number;
}

/** One life of an endpoint under its DNS label (hostname, pod name or dashed address). */
interface EndpointLife {
  readonly pod: string | undefined;
  readonly from: number;
  to: number;
}

export interface Services {
  putService(service: ServiceObject, at: number): void;
  removeService(service: ServiceObject, at: number): void;
  putSlice(slice: EndpointSliceObject, at: number): void;
  removeSlice(slice: EndpointSliceObject, at: number): void;
  /** Ends everything of `resource` whose uid is not `present` in a complete state. */
  removeMissing(resource: string, present: ReadonlySet<string>, at: number): void;
  serviceAt(namespace: string, name: string, time: number): ServiceLife | undefined;
  /** The last life that ended before `time`. */
  wasService(namespace: string, name: string, time: number): ServiceLife | undefined;
  /** True if another namespace has a Service of this name at `time`. */
  isElsewhere(namespace: string, name: string, time: number): boolean;
  endpointAt(key: EndpointKey, time: number): 'gone' | 'never' | { readonly pod: string | undefined };
  /** The Service that has `address` as a cluster, external or load-balancer address. */
  byAddress(address: string, time: number): ServiceLife | undefined;
  /** The one Service that `address` is an endpoint of; undefined if there are none or several. */
  byEndpointAddress(address: string): { readonly namespace: string; readonly name: string } | undefined;
  /** The first cluster address of a Service that exists now. */
  clusterAddressOf(namespace: string, name: string): string | undefined;
  /** Names of the pods behind a Service now. */
  podsOf(namespace: string, name: string): Iterable<string>;
  /** Counts up with every change: whoever caches what a name means asks again after it. */
  readonly generation: number;
  readonly size: number;
}

export interface EndpointKey {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: string;
}

/** Ended lives kept per Service and per endpoint label; a Service that flaps must not grow for ever. */
const MAX_LIVES = 16;
/** Endpoint labels remembered per Service after their end, so that a denial can be told from a typo. */
const MAX_ENDPOINTS = 2000;

export function createServices(): Services {
  const current = new Map<string, ServiceObject>();
  const lives = new Map<string, ServiceLife[]>();
  const namespacesByName = new Map<string, Set<string>>();
  const addresses = new Map<string, ServiceLife[]>();
  const slices = new Map<string, EndpointSliceObject>();
  const endpoints = new Map<string, Map<string, EndpointLife[]>>();
  const servicesByEndpoint = new Map<string, Map<string, number>>();
  let generation = 0;

  function putService(service: ServiceObject, at: number): void {
    const key = toKey(service.namespace, service.name);
    current.set(key, service);
    const known = lives.get(key) ?? [];
    const last = known.at(-1);
    const kind = toClass(service);
    if (last !== undefined && last.to === Infinity) {
      if (last.class === kind) {
        putAddresses(service, last);
        return;
      }
      last.to = at;
    }
    const from = known.length === 0 ? toBirth(service.created, at) : at;
    const life = { namespace: service.namespace, name: service.name, class: kind, from, to: Infinity };
    lives.set(key, [...known.slice(1 - MAX_LIVES), life]);
    const namespaces = namespacesByName.get(service.name) ?? new Set();
    namespacesByName.set(service.name, namespaces.add(service.namespace));
    putAddresses(service, life);
    generation++;
  }

  function putAddresses(service: ServiceObject, life: ServiceLife): void {
    for (const text of [...service.clusterAddresses, ...service.externalAddresses]) {
      const address = toCanonicalAddress(text);
      if (address === undefined) continue;
      const known = addresses.get(address) ?? [];
      if (known.includes(life)) continue;
      addresses.set(address, [...known.slice(1 - MAX_LIVES), life]);
      generation++;
    }
  }

  function lifeAt(namespace: string, name: string, time: number): ServiceLife | undefined {
    return lives.get(toKey(namespace, name))?.findLast((life) => life.from <= time && time < life.to);
  }

  /** Links or unlinks what a slice lists; `by` is +1 or −1. */
  function countEndpoints(slice: EndpointSliceObject, by: 1 | -1): void {
    const service = toKey(slice.namespace, slice.service ?? '');
    for (const { addresses: listed } of slice.endpoints) {
      for (const address of listed) {
        const counts = servicesByEndpoint.get(address) ?? new Map<string, number>();
        const count = (counts.get(service) ?? 0) + by;
        if (count > 0) counts.set(service, count);
        else counts.delete(service);
        if (counts.size > 0) servicesByEndpoint.set(address, counts);
        else servicesByEndpoint.delete(address);
      }
    }
  }

  function openEndpoints(slice: EndpointSliceObject, at: number): void {
    const key = toKey(slice.namespace, slice.service ?? '');
    const known = endpoints.get(key) ?? new Map<string, EndpointLife[]>();
    endpoints.set(key, known);
    for (const { label, pod } of toEndpointLabels(slice)) {
      const lived = known.get(label) ?? [];
      if (lived.at(-1)?.to === Infinity) continue;
      const from = lived.length === 0 ? toBirth(slice.created, at) : at;
      known.set(label, [...lived.slice(1 - MAX_LIVES), { pod, from, to: Infinity }]);
    }
    for (const [label, lived] of known) {
      if (known.size <= MAX_ENDPOINTS) break;
      if (lived.at(-1)?.to !== Infinity) known.delete(label);
    }
  }

  function removeService(service: ServiceObject, at: number): void {
    const key = toKey(service.namespace, service.name);
    current.delete(key);
    const life = lives.get(key)?.at(-1);
    if (life !== undefined && life.to === Infinity) life.to = at;
    generation++;
  }

  function removeSlice(slice: EndpointSliceObject, at: number): void {
    const key = toKey(slice.namespace, slice.name);
    const before = slices.get(key);
    if (before === undefined) return;
    slices.delete(key);
    countEndpoints(before, -1);
    closeEndpoints(before, new Set(), at);
    generation++;
  }

  function closeEndpoints(slice: EndpointSliceObject, kept: ReadonlySet<string>, at: number): void {
    const known = endpoints.get(toKey(slice.namespace, slice.service ?? ''));
    for (const { label } of toEndpointLabels(slice)) {
      const current = known?.get(label)?.at(-1);
      if (current !== undefined && current.to === Infinity && !kept.has(label)) current.to = at;
    }
  }

  function putSlice(slice: EndpointSliceObject, at: number): void {
    const key = toKey(slice.namespace, slice.name);
    const before = slices.get(key);
    if (before !== undefined) {
      countEndpoints(before, -1);
      closeEndpoints(before, new Set(toEndpointLabels(slice).map(({ label }) => label)), at);
    }
    slices.set(key, slice);
    countEndpoints(slice, 1);
    openEndpoints(slice, at);
    generation++;
  }

  return {
    putService,
    removeService,
    putSlice,
    removeSlice,
    removeMissing(resource, present, at) {
      if (resource === 'services') {
        for (const service of [...current.values()])
          if (!present.has(service.uid)) removeService(service, at);
      } else if (resource === 'endpointslices') {
        for (const slice of [...slices.values()]) if (!present.has(slice.uid)) removeSlice(slice, at);
      }
    },
    serviceAt: lifeAt,
    wasService: (namespace, name, time) =>
      lives.get(toKey(namespace, name))?.findLast((life) => life.to <= time),
    isElsewhere(namespace, name, time) {
      for (const other of namespacesByName.get(name) ?? []) {
        if (other !== namespace && lifeAt(other, name, time) !== undefined) return true;
      }
      return false;
    },
    endpointAt({ namespace, service, endpoint }, time) {
      const lived = endpoints.get(toKey(namespace, service))?.get(endpoint);
      if (lived === undefined) return 'never';
      return lived.findLast((life) => life.from <= time && time < life.to) ?? 'gone';
    },
    byAddress: (address, time) =>
      addresses.get(address)?.findLast((life) => life.from <= time && time < life.to),
    clusterAddressOf: (namespace, name) => current.get(toKey(namespace, name))?.clusterAddresses[0],
    byEndpointAddress(address) {
      const [only, second] = servicesByEndpoint.get(address)?.keys() ?? [];
      return only === undefined || second !== undefined ? undefined : fromKey(only);
    },
    *podsOf(namespace, name) {
      for (const lived of endpoints.get(toKey(namespace, name))?.values() ?? []) {
        const current = lived.at(-1);
        if (current?.to === Infinity && current.pod !== undefined) yield current.pod;
      }
    },
    get generation() {
      return generation;
    },
    get size() {
      return lives.size;
    },
  };
}

function toClass(service: ServiceObject): ServiceClass {
  if (service.type === 'ExternalName') return 'external_name';
  return service.clusterAddresses.length === 0 ? 'headless' : 'service';
}

/**
 * The labels that CoreDNS answers for an endpoint: hostname, else the dashed address; the pod's name with
 * `endpoint_pod_names` (plugin/kubernetes/kubernetes.go endpointHostname).
 */
function toEndpointLabels(slice: EndpointSliceObject): { label: string; pod: string | undefined }[] {
  const labels: { label: string; pod: string | undefined }[] = [];
  for (const { hostname, pod, addresses } of slice.endpoints) {
    if (hostname !== undefined) labels.push({ label: hostname, pod });
    if (pod !== undefined && pod !== hostname) labels.push({ label: pod, pod });
    for (const address of addresses) labels.push({ label: address.replaceAll(/[.:]/g, '-'), pod });
  }
  return labels;
}

/** An object that is seen for the first time exists since its creation; `at` -Infinity: only that is known. */
function toBirth(created: number | undefined, at: number): number {
  return at === -Infinity ? (created ?? at) : Math.min(at, created ?? at);
}

/** Neither namespaces nor Service names hold a slash. */
function toKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function fromKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
