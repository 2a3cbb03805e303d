/** What is asked for of a resource: field and label selectors, and what stands in for a field an old server lacks. */
import type { ClusterObject } from './objects.ts';

export interface FieldTerm {
  readonly text: string;
  /**
   * Does the term's work where the server does not know its field (it answers 400); undefined if every server
   * does. Only for fields that never change: what is left out is not told as deleted.
   */
  readonly keeps: ((object: ClusterObject) => boolean) | undefined;
}

export interface Selector {
  readonly fields: readonly FieldTerm[];
  readonly labels: string | undefined;
}

export const EVERYTHING: Selector = { fields: [], labels: undefined };

/** `spec.hostNetwork` can be selected from Kubernetes 1.28 on (kubernetes#110477). */
const NOT_HOST_NETWORK: FieldTerm = {
  text: 'spec.hostNetwork=false',
  keeps: (object) => object.resource !== 'pods' || !object.isHostNetwork,
};

/**
 * The pods that can be told apart by their address. Finished ones stay out: clusters keep thousands of them
 * (6,186 were enough to exhaust external-dns, mitodl/ol-infrastructure#5326).
 */
export const PODS_WITH_OWN_ADDRESS: Selector = {
  fields: [
    { text: 'status.phase!=Succeeded', keeps: undefined },
    { text: 'status.phase!=Failed', keeps: undefined },
    NOT_HOST_NETWORK,
  ],
  labels: undefined,
};

/** Where a NodeLocal DNSCache runs: host-network pods, so the selector above leaves them out. */
export const NODE_CACHES: Selector = { fields: [], labels: 'k8s-app=node-local-dns' };

/** All pods of one node, host-network ones too: they are few, and the server has them indexed. */
export function podsOfNode(node: string): Selector {
  return { fields: [{ text: `spec.nodeName=${node}`, keeps: undefined }], labels: undefined };
}

/**
 * The term that a refusal names and that can be done without; undefined if there is none. The API server says
 * `field label not supported: spec.hostNetwork` (pkg/apis/core/v1/conversion.go).
 */
export function refusedTerm(message: string, terms: readonly FieldTerm[]): FieldTerm | undefined {
  const field = /field label not supported: ([\w.]+)/.exec(message)?.[1];
  if (field === undefined) return undefined;
  return terms.find(({ text, keeps }) => keeps !== undefined && /^[\w.]+/.exec(text)?.[0] === field);
}
