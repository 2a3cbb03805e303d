/**
 * What belongs to an edge (client workload → target), found by the identity of its two ends: no text is built for each
 * lookup. Equal peers are one object and so are equal targets; what several peers of one workload share, the caller
 * puts in for each of them.
 */
import type { Peer, Target } from './peer.ts';

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
