/** The peers behind addresses: pods by their workload, and one peer for each class that has no pod. */
import type { PodObject } from '../kube/objects.ts';
import type { Peer, PeerResult } from '../records/peer.ts';
import { toWorkload } from './owners.ts';

/**
 * The peer of a pod. Its name is `service.name` as the OpenTelemetry conventions derive it: the annotation
 * `resource.opentelemetry.io/service.name`, else the workload (docs/non-normative/k8s-attributes.md; labels are
 * opt-in there and not read here).
 */
export function toPodPeer(pod: PodObject): Peer {
  const workload = toWorkload(pod);
  return {
    result: 'pod',
    name: pod.annotations.get('service.name') ?? workload.name,
    namespace: pod.annotations.get('service.namespace') ?? pod.namespace,
    pod: {
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      node: pod.node,
      workload,
      attributes: pod.annotations,
    },
    node: pod.node,
  };
}

/** True if two states of a pod lead to the same peer, so that the peer object can be kept. */
export function isSameIdentity(a: PodObject, b: PodObject): boolean {
  return (
    a.uid === b.uid &&
    a.node === b.node &&
    a.controller?.kind === b.controller?.kind &&
    a.controller?.name === b.controller?.name &&
    a.labels.get('pod-template-hash') === b.labels.get('pod-template-hash') &&
    isSameMap(a.annotations, b.annotations)
  );
}

/** A node's own address: host-network pods share it with every process of the node. */
export function toNodePeer(result: 'host_network' | 'node_local_dns', node: string): Peer {
  return {
    result,
    name: result === 'node_local_dns' ? 'node-local-dns' : `node:${node}`,
    namespace: '',
    pod: undefined,
    node,
  };
}

/** A client that is no pod and no node; the name is what the graph shows. */
export function toClassPeer(result: PeerResult): Peer {
  const name = result === 'external' ? 'external' : 'unknown';
  return { result, name, namespace: '', pod: undefined, node: undefined };
}

function isSameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}
