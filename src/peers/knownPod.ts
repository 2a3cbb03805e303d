/** A pod under one identity: what is kept of it, and who it is to those who ask. */
import type { PodObject } from '../kube/objects.ts';
import type { Peer } from '../records/peer.ts';
import { toPodPeer } from './identity.ts';
import type { Life } from './timelines.ts';

/** It lives as long as the pod has its name and its owner. */
export interface KnownPod extends Life {
  /** As it was told last. */
  pod: PodObject;
  /** When that was, if the pod had no address of its own then. */
  bareAt: number | undefined;
  /** Undefined until somebody asks: most pods of a large cluster ask other DNS servers. */
  peer: Peer | undefined;
}

/** The one peer of this pod. */
export function toPeer(known: KnownPod): Peer {
  known.peer ??= toPodPeer(known.pod);
  return known.peer;
}
