/** The cluster as it was at any time: changes go in, and what is read from it is read as of a moment. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import type { Change, ClusterObject, PodObject, Resource } from '../kube/objects.ts';
import { type Claims, createClaims } from './claims.ts';
import { createEndpoints, type Endpoints } from './endpoints.ts';
import { type Moment, narrow, readFrom } from './moment.ts';
import { createNodes, isNodeCache, type Nodes } from './nodes.ts';
import { createPods, type Pods } from './pods.ts';
import { createPresent, type Present } from './present.ts';
import { createServices, type Services } from './services.ts';
import { type Told, toTime } from './told.ts';

export interface ClusterOptions {
  /** How long it is kept who held an address, for late lines; Infinity for a recording. */
  readonly retainMs: number;
  /** Told of every address that a pod is told to have. */
  readonly onAddress: (address: string) => void;
}

export interface Cluster {
  readonly claims: Claims;
  readonly pods: Pods;
  readonly nodes: Nodes;
  readonly services: Services;
  readonly endpoints: Endpoints;
  apply(change: Change): void;
  /** When the first complete state of a resource came; undefined before it. */
  syncedSince(resource: Resource, moment: Moment): number | undefined;
  tick(now: number): void;
}

/** Of what has ended the oldest beyond this are forgotten: 10,000 pods may end within the time that lines are late. */
const MAX_ENDED = 20_000;

export function createCluster({ retainMs, onAddress }: ClusterOptions): Cluster {
  const maxEnded = retainMs === Infinity ? Infinity : MAX_ENDED;
  const claims = createClaims(maxEnded);
  const pods = createPods(claims, maxEnded);
  const nodes = createNodes(maxEnded);
  const services = createServices(maxEnded);
  const endpoints = createEndpoints(maxEnded);
  const synced = new Map<Resource, number>();
  const syncing = { generation: 0 };
  /** Arrival of the last change that shows the watch of the pods with an address of their own alive. */
  let lastSign = -Infinity;

  function put(object: ClusterObject, told: Told): void {
    const at = toTime(told);
    switch (object.resource) {
      case 'pods':
        nodes.putPod(object, pods.put(object, told), at);
        for (const address of object.addresses) onAddress(toCanonicalAddress(address) ?? address);
        break;
      case 'services':
        services.put(object, at);
        break;
      case 'endpointslices':
        endpoints.put(object, at);
        break;
      case 'nodes':
        nodes.put(object, at);
        break;
      case 'namespaces':
        break;
    }
  }

  function remove(object: ClusterObject, at: number): void {
    switch (object.resource) {
      case 'pods':
        removePod(object, { at, sureUntil: at });
        break;
      case 'services':
        services.remove(object, at);
        break;
      case 'endpointslices':
        endpoints.remove(object, at);
        break;
      case 'nodes':
        nodes.remove(object, at);
        break;
      case 'namespaces':
        break;
    }
  }

  function removePod(pod: PodObject, told: Told): void {
    const last = pods.remove(pod, told);
    if (last !== undefined) nodes.removePod(last, told.at);
  }

  function removeMissing(resource: Resource, present: Present, at: number): void {
    switch (resource) {
      case 'pods':
        for (const pod of [...pods.all()]) {
          if (!present.has(pod.uid)) removePod(pod, { at, sureUntil: lastSign });
        }
        break;
      case 'services':
        services.removeMissing(present, at);
        break;
      case 'endpointslices':
        endpoints.removeMissing(present, at);
        break;
      case 'nodes':
        nodes.removeMissing(present, at);
        break;
      case 'namespaces':
        break;
    }
  }

  function replace(resource: Resource, objects: readonly ClusterObject[], at: number): void {
    removeMissing(resource, createPresent(objects), at);
    const isFirst = !synced.has(resource);
    // Only of pods it is kept until when their states were sure.
    const sureUntil = resource === 'pods' ? lastSign : at;
    for (const object of objects) put(object, { at, sureUntil: isFirst ? -Infinity : sureUntil });
    if (!isFirst) return;
    synced.set(resource, at);
    syncing.generation++;
  }

  return {
    claims,
    pods,
    nodes,
    services,
    endpoints,
    apply(change) {
      switch (change.type) {
        case 'put':
          put(change.object, { at: change.at, sureUntil: change.at });
          break;
        case 'delete':
          remove(change.object, change.at);
          break;
        case 'replace':
          replace(change.resource, change.objects, change.at);
          break;
      }
      if (isSign(change)) lastSign = Math.max(lastSign, change.at);
    },
    syncedSince(resource, moment) {
      readFrom(moment, syncing);
      const since = synced.get(resource);
      if (since !== undefined) narrow(moment, since);
      return since;
    },
    tick(now) {
      const time = now - retainMs;
      for (const part of [claims, pods, nodes, services, endpoints]) part.forgetBefore(time);
    },
  };
}

/**
 * True for what only the watch of the pods with an address of their own tells. The watch of the caches goes on while
 * that one is down, and says nothing about pods that vanish meanwhile.
 */
function isSign(change: Change): boolean {
  if (change.type === 'replace') return change.resource === 'pods';
  return change.object.resource === 'pods' && hasAddressOfItsOwn(change.object);
}

function hasAddressOfItsOwn(pod: PodObject): boolean {
  return !pod.isHostNetwork && !isNodeCache(pod);
}
