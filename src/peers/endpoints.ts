/**
 * Endpoints as they come and go: which pods stood behind a Service, under which names and at which addresses, at
 * any time. An endpoint may move from slice to slice, and two slices may list it at once.
 */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { EndpointSliceObject } from '../kube/objects.ts';
import { tellDifferences } from './differences.ts';
import { createLives, type Life } from './lives.ts';
import type { Moment } from './moment.ts';
import { toServiceKey } from './services.ts';

export interface Endpoints {
  put(slice: EndpointSliceObject, at: number): void;
  remove(slice: EndpointSliceObject, at: number): void;
  /** Ends every slice whose uid is not `present` in a complete state. */
  removeMissing(present: ReadonlySet<string>, at: number): void;
  /** The endpoint of a Service under a DNS label: its pod, if it has one. */
  at(service: string, label: string, moment: Moment): { readonly pod: string | undefined } | 'gone' | 'never';
  /** The one Service that `address` was an endpoint of; undefined if there were none or several. */
  serviceOf(address: string, moment: Moment): string | undefined;
  /** Names of the pods behind a Service. */
  podsOf(service: string, moment: Moment): Iterable<Life<string>>;
  /** Forgets whom addresses and pods served before `time`. */
  forgetBefore(time: number): void;
}

/** Of what has ended no more than `maxEnded` of a kind is kept. */
export function createEndpoints(maxEnded: number): Endpoints {
  const current = new Map<string, EndpointSliceObject>();
  // Labels stay known for as long as there is room, so that a name that was valid can be told from a typo.
  const labels = createLives<string | undefined>(maxEnded);
  const services = createLives<string>(maxEnded);
  const pods = createLives<string>(maxEnded);

  function change(
    before: EndpointSliceObject | undefined,
    now: EndpointSliceObject | undefined,
    at: number,
  ): void {
    // What a known slice lists later begins then.
    const seen = { at, since: before === undefined ? now?.created : undefined };
    const [old, listed] = [toListing(before), toListing(now)];
    tellDifferences(old.labels, listed.labels, {
      came: (label, pod) => labels.hold(label, pod, seen),
      went: (label, pod) => labels.release(label, pod, at),
    });
    tellDifferences(old.addresses, listed.addresses, {
      came: (address, service) => services.hold(address, service, seen),
      went: (address, service) => services.release(address, service, at),
    });
    tellDifferences(old.pods, listed.pods, {
      came: (pod, service) => pods.hold(service, pod, seen),
      went: (pod, service) => pods.release(service, pod, at),
    });
  }

  function remove(slice: EndpointSliceObject, at: number): void {
    const key = toSliceKey(slice);
    change(current.get(key), undefined, at);
    current.delete(key);
  }

  return {
    put(slice, at) {
      const key = toSliceKey(slice);
      change(current.get(key), slice, at);
      current.set(key, slice);
    },
    remove,
    removeMissing(present, at) {
      for (const slice of [...current.values()]) if (!present.has(slice.uid)) remove(slice, at);
    },
    at(service, label, moment) {
      const key = toLabelKey(service, label);
      const life = labels.at(key, moment);
      if (life !== undefined) return { pod: life.value };
      return labels.lastBefore(key, moment) === undefined ? 'never' : 'gone';
    },
    serviceOf(address, moment) {
      const [only, second] = services.allAt(address, moment);
      return second === undefined ? only?.value : undefined;
    },
    podsOf: (service, moment) => pods.allAt(service, moment),
    forgetBefore(time) {
      services.forgetBefore(time);
      pods.forgetBefore(time);
    },
  };
}

/** What a slice lists, each as a key with its value. */
interface Listing {
  /** Label of a Service → pod. */
  readonly labels: ReadonlyMap<string, string | undefined>;
  /** Address → Service. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Pod → Service. */
  readonly pods: ReadonlyMap<string, string>;
}

/**
 * The labels are those that CoreDNS answers for an endpoint: hostname, else the dashed address; the pod's name with
 * `endpoint_pod_names` (plugin/kubernetes/kubernetes.go endpointHostname).
 */
function toListing(slice: EndpointSliceObject | undefined): Listing {
  const labels = new Map<string, string | undefined>();
  const addresses = new Map<string, string>();
  const pods = new Map<string, string>();
  // A slice without the label belongs to no Service.
  if (slice?.service === undefined) return { labels, addresses, pods };
  const service = toServiceKey({ namespace: slice.namespace, name: slice.service });
  for (const { hostname, pod, addresses: listed } of slice.endpoints) {
    if (hostname !== undefined) labels.set(toLabelKey(service, hostname), pod);
    if (pod !== undefined) {
      labels.set(toLabelKey(service, pod), pod);
      pods.set(pod, service);
    }
    for (const text of listed) {
      labels.set(toLabelKey(service, text.replaceAll(/[.:]/g, '-')), pod);
      addresses.set(toCanonicalAddress(text) ?? text, service);
    }
  }
  return { labels, addresses, pods };
}

function toLabelKey(service: string, label: string): string {
  return `${service}/${label}`;
}

function toSliceKey({ namespace, name }: EndpointSliceObject): string {
  return `${namespace}/${name}`;
}
