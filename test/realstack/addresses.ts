/** The plan of the small cluster's network: who has which address. Inside namespaces, so every run can use it. */

export const NODE_NAMES = ['node1', 'node2'] as const;
export type NodeName = (typeof NODE_NAMES)[number];

export const CONTROL_PLANE = '10.250.0.1';
export const API_PORT = 6443;

export const NODES = {
  node1: { address: '10.250.0.11', podRange: '10.244.1.0/24' },
  node2: { address: '10.250.1.12', podRange: '10.244.2.0/24' },
} as const satisfies Record<NodeName, { address: string; podRange: string }>;

/** Ends of the links that are no node's own address. */
export const LINK_TO_NODE2 = '10.250.1.1';
export const LINK_TO_UPSTREAM = '192.0.2.1';

/** The DNS server that knows the outside world. */
export const UPSTREAM = '192.0.2.53';

export const SERVICE_RANGE = '10.96.0.0/16';
export const API_SERVICE = '10.96.0.1';
export const DNS_SERVICE = '10.96.0.10';
/** Where a NodeLocal DNSCache listens, on every node. */
export const NODE_LOCAL = '169.254.20.10';
/** Every pod's gateway; each node owns it, because otherwise nobody would answer ARP for it. */
export const POD_GATEWAY = '169.254.1.1';

/**
 * What pods of node2 leave it as, where a node translates as some flannel set-ups do: the first address of the
 * range, which no pod owns.
 */
export function toTranslated(node: NodeName): string {
  return NODES[node].podRange.replace(/\/\d+$/, '');
}

/** Address number `n` of the node's pods. */
export function toPodAddress(node: NodeName, n: number): string {
  return toTranslated(node).replace(/\d+$/, String(n));
}
