/** A peer: the workload behind an address or a name at the time of a query, or the reason why there is none. */

/** How an address was resolved; a closed set, because it becomes a metric label. */
export const PEER_RESULTS = [
  /** The one pod that held the address then. */
  'pod',
  /** A Service's cluster, load-balancer or external address. */
  'service',
  /** A node's address: its host-network pods and processes cannot be told apart. */
  'host_network',
  /** A NodeLocal DNSCache forwarding a miss: the true client stands in that cache's own log. */
  'node_local_dns',
  /** Inside the pods' ranges, but no pod's: translated on its way. */
  'snat',
  /** The DNS server itself. */
  'loopback',
  'external',
  /** A pod held it, but not (surely) at that time. */
  'stale',
  /** Two running pods claim it. */
  'conflict',
  /** The watch has not synced. */
  'cold',
] as const;
export type PeerResult = (typeof PEER_RESULTS)[number];

/** The owner that a pod's name, labels and controller reference lead to. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  /** True where the name is a guess (a Job's CronJob). */
  readonly isInferred: boolean;
}

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string | undefined;
  readonly workload: Workload;
  /** From annotations `resource.opentelemetry.io/*`, ready for a span's resource. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Equal peers are one object: rows and resources are cached by identity. */
export interface Peer {
  readonly result: PeerResult;
  /** `service.name` of the workload: the graph's `client` label; a class name where nobody is known. */
  readonly name: string;
  /** "" outside the cluster. */
  readonly namespace: string;
  readonly pod: PodIdentity | undefined;
  readonly node: string | undefined;
}

/** What kind of thing a name points at; a closed set, because it becomes a metric label. */
export const TARGET_CLASSES = [
  'service',
  'headless',
  'pod',
  'external_name',
  'external',
  'reverse',
  'unknown',
] as const;
export type TargetClass = (typeof TARGET_CLASSES)[number];

/** Whether the thing behind a name existed when it was asked for; what a denial is worth depends on it. */
export type Existence =
  | 'exists'
  /** It did, but had been deleted. */
  | 'gone'
  /** Not here, but under the same name in another namespace. */
  | 'elsewhere'
  | 'never'
  /** The index cannot tell: outside the cluster, or not synced. */
  | 'unknown';

/** What a name means. Equal targets are one object. */
export interface Target {
  readonly class: TargetClass;
  /** The graph's `server` label and `peer.service`; "" if the name makes no edge. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string | undefined;
  readonly pod: string | undefined;
  readonly existence: Existence;
}
