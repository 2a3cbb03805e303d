/**
 * The network of the small cluster, out of network namespaces alone: packets never leave it, and the machine's own
 * network neither carries nor sees any of them.
 *
 *     upstream ── node1 ── node2        node: router, one veth per pod, no bridge
 *                 │ │ │     │ │         pod:  its address as /32, gateway 169.254.1.1 by a link route
 *                cp pods   pods         cp:   API server and whatever a test adds
 *
 * No bridge, because there a reply would take the short way and miss the translation back. No masquerading, so
 * that a DNS server sees the pod's own address, except for the nodes that are told to translate.
 */
import {
  CONTROL_PLANE,
  LINK_TO_NODE2,
  LINK_TO_UPSTREAM,
  NODE_LOCAL,
  NODE_NAMES,
  NODES,
  type NodeName,
  POD_GATEWAY,
  UPSTREAM,
} from './addresses.ts';
import { addNamespaces, configure, removeNamespace, setKernel } from './namespaces.ts';
import { applyNat, type ServiceRule } from './nat.ts';

export interface NetworkOptions {
  /** First part of every namespace's name. */
  readonly prefix: string;
  /** Nodes whose pods leave them under an address of the node. */
  readonly translating: readonly NodeName[];
}

export interface Network {
  readonly controlPlane: string;
  readonly upstream: string;
  readonly nodes: Readonly<Record<NodeName, string>>;
  /** Makes the pod's namespace with its one interface; returns the namespace. */
  addPod(name: string, place: PodPlace): Promise<PodNetwork>;
  /** The address is free as soon as this resolves. */
  removePod(pod: PodNetwork): Promise<void>;
  /** What kube-proxy does: from now on these Service addresses lead to these places, on every node. */
  setServices(rules: readonly ServiceRule[]): Promise<void>;
}

export interface PodPlace {
  readonly node: NodeName;
  readonly address: string;
}

export interface PodNetwork {
  readonly namespace: string;
  readonly node: NodeName;
  readonly address: string;
  /** The node's end of the pod's link. */
  readonly link: string;
  /** Milliseconds for which nobody had the address; undefined if nobody had it before. */
  readonly idle: number | undefined;
}

export async function createNetwork({ prefix, translating }: NetworkOptions): Promise<Network> {
  const controlPlane = `${prefix}cp`;
  const upstream = `${prefix}upstream`;
  const nodes = { node1: `${prefix}node1`, node2: `${prefix}node2` };
  await addNamespaces([controlPlane, upstream, nodes.node1, nodes.node2]);
  await setUpNode1(nodes.node1, { controlPlane, upstream, node2: nodes.node2 });
  await Promise.all([
    setUpNode2(nodes.node2),
    setUpLeaf(controlPlane, { address: CONTROL_PLANE, gateway: NODES.node1.address }),
    setUpLeaf(upstream, { address: UPSTREAM, gateway: LINK_TO_UPSTREAM }),
  ]);

  let links = 0;
  /** When an address was given up (`performance.now`). */
  const freed = new Map<string, number>();

  return {
    controlPlane,
    upstream,
    nodes,

    async addPod(name, { node, address }) {
      const namespace = `${prefix}${name}`;
      // A number never used before: the kernel removes interfaces of a deleted namespace when it has time.
      const link = `pod${links++}`;
      await addNamespaces([namespace]);
      await setKernel(namespace, POD);
      await configure(nodes[node], [
        // Both ends are made where they belong: neither is ever seen in the machine's own network.
        `link add ${link} type veth peer name eth0 netns ${namespace}`,
        `link set ${link} up`,
        `route add ${address}/32 dev ${link} src ${NODES[node].address}`,
      ]);
      await configure(namespace, [
        'link set lo up',
        `address add ${address}/32 dev eth0`,
        'link set eth0 up',
        `route add ${POD_GATEWAY} dev eth0 scope link`,
        `route add default via ${POD_GATEWAY} dev eth0 onlink`,
      ]);
      const since = freed.get(address);
      return { namespace, node, address, link, idle: since && performance.now() - since };
    },

    async removePod({ namespace, node, address, link }) {
      await configure(nodes[node], [`link delete ${link}`]);
      freed.set(address, performance.now());
      await removeNamespace(namespace);
    },

    async setServices(rules) {
      await Promise.all(
        NODE_NAMES.map((node) =>
          applyNat(nodes[node], { rules, translate: translating.includes(node) ? node : undefined }),
        ),
      );
    },
  };
}

async function setUpNode1(
  namespace: string,
  neighbours: { readonly controlPlane: string; readonly upstream: string; readonly node2: string },
): Promise<void> {
  const own = NODES.node1.address;
  await setKernel(namespace, ROUTER);
  await configure(namespace, [
    ...NODE_LOOPBACK,
    ...addLink('cp', neighbours.controlPlane),
    ...addLink('node2', neighbours.node2),
    ...addLink('upstream', neighbours.upstream),
    `address add ${own}/24 dev cp`,
    `address add ${LINK_TO_NODE2}/24 dev node2 noprefixroute`,
    `address add ${LINK_TO_UPSTREAM}/24 dev upstream noprefixroute`,
    // Every route names the source: what the node itself asks carries the node's address, wherever it goes.
    `route add ${toRange(NODES.node2.address)} dev node2 src ${own}`,
    `route add ${toRange(UPSTREAM)} dev upstream src ${own}`,
    `route add ${NODES.node2.podRange} via ${NODES.node2.address} src ${own}`,
    // Routing comes before translation: without a default route the node itself could not reach a Service.
    `route add default via ${CONTROL_PLANE} src ${own}`,
  ]);
}

async function setUpNode2(namespace: string): Promise<void> {
  const own = NODES.node2.address;
  await setKernel(namespace, ROUTER);
  await configure(namespace, [
    ...NODE_LOOPBACK,
    `address add ${own}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${LINK_TO_NODE2} src ${own}`,
  ]);
}

async function setUpLeaf(
  namespace: string,
  { address, gateway }: { readonly address: string; readonly gateway: string },
): Promise<void> {
  await setKernel(namespace, QUIET);
  await configure(namespace, [
    'link set lo up',
    `address add ${address}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${gateway}`,
  ]);
}

function addLink(name: string, neighbour: string): string[] {
  return [`link add ${name} type veth peer name eth0 netns ${neighbour}`, `link set ${name} up`];
}

function toRange(address: string): string {
  return address.replace(/\d+$/, '0/24');
}

/**
 * Pods keep IPv6, though only with a link-local address: without any, glibc would not ask for AAAA. But nobody is
 * there to answer what the kernel asks by itself.
 */
const POD = {
  'ipv6/conf/default/accept_dad': '0',
  'ipv6/conf/default/accept_ra': '0',
  'ipv6/conf/default/router_solicitations': '0',
};

/** Nobody uses IPv6 elsewhere yet. */
const QUIET = { 'ipv6/conf/all/disable_ipv6': '1', 'ipv6/conf/default/disable_ipv6': '1' };

const ROUTER = {
  ...QUIET,
  'ipv4/ip_forward': '1',
  'ipv4/conf/all/proxy_arp': '1',
  // Copied from the machine otherwise, whose choice may be to drop what comes by another way than it would leave.
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
};

const NODE_LOOPBACK = [
  'link set lo up',
  `address add ${POD_GATEWAY}/32 dev lo`,
  `address add ${NODE_LOCAL}/32 dev lo`,
];
