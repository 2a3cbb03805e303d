/** Services as they come and go: which there were, of what kind, and at which addresses, at any time. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { ServiceObject } from '../kube/objects.ts';
import { tellDifferences } from './differences.ts';
import { createLives } from './lives.ts';
import type { Moment } from './moment.ts';
import type { Present } from './present.ts';

export type ServiceClass = 'service' | 'headless' | 'external_name';

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

export interface Services {
  put(service: ServiceObject, at: number): void;
  remove(service: ServiceObject, at: number): void;
  /** Ends every Service whose uid is not `present` in a complete state. */
  removeMissing(present: Present, at: number): void;
  /** The class of a Service that existed then; services are named by their key. */
  classAt(key: string, moment: Moment): ServiceClass | undefined;
  /** The class that a Service had when it last ended, by then. */
  classBefore(key: string, moment: Moment): ServiceClass | undefined;
  /** True if another namespace had a Service of this name then. */
  isElsewhere(service: ServiceName, moment: Moment): boolean;
  /** The Service that had `address` as a cluster, external or load-balancer address. */
  byAddress(address: string, moment: Moment): string | undefined;
  /** The first cluster address of a Service that exists now. */
  clusterAddressOf(key: string): string | undefined;
  /** Forgets addresses that were given up before `time`. */
  forgetBefore(time: number): void;
  size(): number;
}

/** Of what has ended no more than `maxEnded` of a kind is kept. */
export function createServices(maxEnded: number): Services {
  const current = new Map<string, ServiceObject>();
  // A Service that is gone stays known for as long as there is room: whoever still asks for it asks for something
  // that was valid, however long ago.
  const classes = createLives<ServiceClass>(maxEnded);
  /** The namespaces that have a Service, by its name. */
  const namespaces = createLives<string>(maxEnded);
  const addresses = createLives<string>(maxEnded);

  function change(before: ServiceObject | undefined, now: ServiceObject | undefined, at: number): void {
    const service = now ?? before;
    if (service === undefined) return;
    const key = toServiceKey(service);
    // What a known Service is given later begins then.
    const seen = { at, since: before === undefined ? service.created : undefined };
    tellDifferences(toClasses(before), toClasses(now), {
      came: (kind) => classes.hold(key, kind, seen),
      went: (kind) => classes.release(key, kind, at),
    });
    tellDifferences(toAddresses(before), toAddresses(now), {
      came: (address) => addresses.hold(address, key, seen),
      went: (address) => addresses.release(address, key, at),
    });
    if (before === undefined) namespaces.hold(service.name, service.namespace, seen);
    if (now === undefined) namespaces.release(service.name, service.namespace, at);
  }

  function remove(service: ServiceName, at: number): void {
    const key = toServiceKey(service);
    change(current.get(key), undefined, at);
    current.delete(key);
  }

  return {
    put(service, at) {
      const key = toServiceKey(service);
      change(current.get(key), service, at);
      current.set(key, service);
    },
    remove,
    removeMissing(present, at) {
      for (const service of [...current.values()]) if (!present.has(service.uid)) remove(service, at);
    },
    classAt: (key, moment) => classes.at(key, moment),
    classBefore: (key, moment) => classes.lastBefore(key, moment),
    isElsewhere({ namespace, name }, moment) {
      for (const other of namespaces.allAt(name, moment)) if (other.value !== namespace) return true;
      return false;
    },
    byAddress: (address, moment) => addresses.at(address, moment),
    clusterAddressOf: (key) => current.get(key)?.clusterAddresses[0],
    forgetBefore(time) {
      namespaces.forgetBefore(time);
      addresses.forgetBefore(time);
    },
    size: () => current.size,
  };
}

/** Neither namespaces nor Service names hold a slash. */
export function toServiceKey({ namespace, name }: ServiceName): string {
  return `${namespace}/${name}`;
}

export function fromServiceKey(key: string): ServiceName {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function toClasses(service: ServiceObject | undefined): ReadonlyMap<ServiceClass, true> {
  return new Map(service === undefined ? [] : [[toClass(service), true]]);
}

function toClass({ type, clusterAddresses }: ServiceObject): ServiceClass {
  if (type === 'ExternalName') return 'external_name';
  return clusterAddresses.length === 0 ? 'headless' : 'service';
}

function toAddresses(service: ServiceObject | undefined): ReadonlyMap<string, true> {
  if (service === undefined) return new Map();
  const texts = [...service.clusterAddresses, ...service.externalAddresses];
  return new Map(texts.flatMap((text) => toCanonicalAddress(text) ?? []).map((address) => [address, true]));
}
