/**
 * Endpoints as they come and go: which pods stood behind a Service, under which names and at which addresses, at
 * any time. An endpoint may move from slice to slice, and two slices may list it at once.
 */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { EndpointSliceObject } from '../kube/objects.ts';
import { type Moment, narrow } from './moment.ts';
import type { Present } from './present.ts';
import { toServiceKey } from './services.ts';
import { createTimelines, type Life, type Sighting, toBeginning } from './timelines.ts';

export interface Endpoints {
  put(slice: EndpointSliceObject, at: number): void;
  remove(slice: EndpointSliceObject, at: number): void;
  /** Ends every slice whose uid is not `present` in a complete state. */
  removeMissing(present: Present, at: number): void;
  /** The endpoint of a Service under a DNS label: its pod, if it has one. */
  at(service: string, label: string, moment: Moment): { readonly pod: string | undefined } | 'gone' | 'never';
  /** The one Service that `address` was an endpoint of; undefined if there were none or several. */
  serviceOf(address: string, moment: Moment): string | undefined;
  /** Names of the pods behind a Service; one with several addresses comes as often. */
  podsOf(service: string, moment: Moment): Iterable<string>;
  /** Who had an address until then is no reason to doubt who had it next. */
  forgetBefore(time: number): void;
}

/** One address of a Service. */
interface Endpoint extends Life {
  /** The Service's key. */
  readonly service: string;
  readonly address: string;
  readonly hostname: string | undefined;
  readonly pod: string | undefined;
  /** Since when the address led to the Service: later than `from` if it led somewhere before, else undefined. */
  readonly servesFrom: number | undefined;
  /** How many slices list it. */
  holders: number;
}

/** What is kept of a slice. */
interface KnownSlice {
  readonly uid: string;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Of those that have ended no more than `maxEnded` are kept, however long ago they did: a name that was valid can be
 * told from a typo as long as there is room.
 */
export function createEndpoints(maxEnded: number): Endpoints {
  const slices = new Map<string, KnownSlice>();
  // One record under all that leads to it, and no text made for a key: some 250 bytes for each endpoint.
  const timelines = createTimelines<Endpoint>(maxEnded, toKeys);
  let forgotten = -Infinity;

  function hold(listed: Listed, seen: Sighting): Endpoint {
    const held = timelines.find(listed.address, (endpoint) => isSame(endpoint, listed));
    if (held !== undefined) {
      held.holders++;
      return held;
    }
    const from = toBeginning(seen, !isKnown(listed));
    const servesFrom = isTaken(listed.address) ? toBeginning(seen, false) : undefined;
    // Written out: what is spread may lie in an object of its own (24 bytes).
    const { service, address, hostname, pod } = listed;
    const endpoint = { service, address, hostname, pod, from, servesFrom, to: undefined, holders: 1 };
    timelines.begin(endpoint);
    return endpoint;
  }

  function isKnown(listed: Listed): boolean {
    return toNames(listed).some((name) =>
      timelines.under(name).some((endpoint) => isNamed(endpoint, listed.service, name)),
    );
  }

  function isTaken(address: string): boolean {
    return timelines
      .under(address)
      .some((other) => other.address === address && (other.to ?? Infinity) >= forgotten);
  }

  function release(endpoint: Endpoint, at: number): void {
    endpoint.holders--;
    if (endpoint.holders === 0) timelines.end(endpoint, at);
  }

  function remove(key: string, at: number): void {
    for (const endpoint of slices.get(key)?.endpoints ?? []) release(endpoint, at);
    slices.delete(key);
  }

  return {
    put(slice, at) {
      const key = toSliceKey(slice);
      const before = slices.get(key);
      const rest = new Map(before?.endpoints.map((endpoint) => [toText(endpoint), endpoint]));
      // What a known slice lists later begins then.
      const seen = { at, since: before === undefined ? slice.created : undefined };
      const endpoints = toListing(slice).map((listed) => {
        const text = toText(listed);
        const endpoint = rest.get(text) ?? hold(listed, seen);
        rest.delete(text);
        return endpoint;
      });
      for (const endpoint of rest.values()) release(endpoint, at);
      slices.set(key, { uid: slice.uid, endpoints });
    },
    remove: (slice, at) => remove(toSliceKey(slice), at),
    removeMissing(present, at) {
      for (const [key, { uid }] of [...slices]) if (!present.has(uid)) remove(key, at);
    },
    at(service, label, moment) {
      const names = [label, ...toAddresses(label)];
      for (const name of names) {
        for (const endpoint of timelines.allAt(name, moment)) {
          if (isNamed(endpoint, service, name)) return endpoint;
        }
      }
      for (const name of names) {
        for (const endpoint of timelines.allBefore(name, moment)) {
          if (isNamed(endpoint, service, name)) return 'gone';
        }
      }
      return 'never';
    },
    serviceOf(address, moment) {
      let only: string | undefined;
      for (const endpoint of timelines.allAt(address, moment)) {
        if (endpoint.address !== address || !servesAt(endpoint, moment)) continue;
        if (only !== undefined && only !== endpoint.service) return undefined;
        only = endpoint.service;
      }
      return only;
    },
    *podsOf(service, moment) {
      for (const { pod } of timelines.allAt(service, moment)) if (pod !== undefined) yield pod;
    },
    forgetBefore(time) {
      forgotten = time;
    },
  };
}

/** What a slice says of an endpoint. */
type Listed = Pick<Endpoint, 'service' | 'address' | 'hostname' | 'pod'>;

/** A slice without the label belongs to no Service. What it lists twice is there once. */
function toListing(slice: EndpointSliceObject): readonly Listed[] {
  if (slice.service === undefined) return [];
  const service = toServiceKey({ namespace: slice.namespace, name: slice.service });
  const listed = slice.endpoints.flatMap(({ addresses, hostname, pod }) =>
    addresses.map((text) => ({ service, address: toCanonicalAddress(text) ?? text, hostname, pod })),
  );
  return [...new Map(listed.map((endpoint) => [toText(endpoint), endpoint])).values()];
}

/** All that tells an endpoint from others; no name and no address has a space in it. */
function toText({ service, address, hostname = '', pod = '' }: Listed): string {
  return `${service} ${address} ${hostname} ${pod}`;
}

function isSame(a: Listed, b: Listed): boolean {
  return a.service === b.service && a.address === b.address && a.hostname === b.hostname && a.pod === b.pod;
}

/** Where an endpoint is looked for: at its names, and at the Service that it is one of. */
function toKeys(endpoint: Endpoint): readonly string[] {
  return [...toNames(endpoint), endpoint.service];
}

/**
 * What the labels that CoreDNS answers for an endpoint lead to: hostname, else the dashed address; the pod's name with
 * `endpoint_pod_names` (plugin/kubernetes/kubernetes.go endpointHostname).
 */
function toNames({ address, hostname, pod }: Listed): readonly string[] {
  return [...new Set([address, hostname, pod].filter((name) => name !== undefined))];
}

function isNamed(endpoint: Endpoint, service: string, name: string): boolean {
  const { address, hostname, pod } = endpoint;
  return endpoint.service === service && (address === name || hostname === name || pod === name);
}

function servesAt({ from, servesFrom = from }: Endpoint, moment: Moment): boolean {
  narrow(moment, servesFrom);
  return servesFrom <= moment.time;
}

/** The addresses that a label may be written for with dashes. */
function toAddresses(label: string): readonly string[] {
  if (!label.includes('-')) return [];
  const address = toCanonicalAddress(label.replaceAll('-', ':'));
  return [label.replaceAll('-', '.'), ...(address === undefined ? [] : [address])];
}

function toSliceKey({ namespace, name }: EndpointSliceObject): string {
  return `${namespace}/${name}`;
}
