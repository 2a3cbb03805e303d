/** An edge (client workload → target): which lookups make one, whoever draws it, and what belongs to each. */
import type { Lookup } from './lookup.ts';
import type { Peer, Target } from './peer.ts';

/** True if a lookup led somewhere: a denied name did not, and some names have no target. */
export function leadsSomewhere({ outcome, target }: Lookup): boolean {
  return outcome !== 'denial' && target.name !== '';
}

/** True if a client looked up itself. */
export function leadsToItself({ client, target }: Lookup): boolean {
  return client.name === target.name && client.namespace === target.namespace;
}

export function makesEdge(lookup: Lookup): boolean {
  return leadsSomewhere(lookup) && !leadsToItself(lookup);
}

/**
 * What belongs to an edge, found by the identity of its two ends: no text is built for each lookup. Equal peers are one
 * object and so are equal targets; what several peers of one workload share, the caller puts in for each of them.
 */
export interface EdgeCache<V> {
  get(client: Peer, target: Target): V | undefined;
  /** Remembers `value` for as long as both ends exist. */
  set(client: Peer, target: Target, value: V): void;
}

export function createEdgeCache<V>(): EdgeCache<V> {
  const byClient = new WeakMap<Peer, WeakMap<Target, V>>();
  return {
    get: (client, target) => byClient.get(client)?.get(target),
    set(client, target, value) {
      const byTarget = byClient.get(client) ?? new WeakMap<Target, V>();
      byClient.set(client, byTarget.set(target, value));
    },
  };
}
