/** The cluster's own DNS: CoreDNS as pods behind the kube-dns Service, and node-local caches in front of it. */
import { API_PORT, API_SERVICE, CONTROL_PLANE, DNS_SERVICE, type NodeName } from './addresses.ts';
import type { Api } from './api.ts';
import { CLUSTER_COREFILE, NODE_CACHE_COREFILE } from './corefiles.ts';
import type { Rotation } from './criwriter.ts';
import { type CoreDnsProgram, type DnsServer, type DnsServerOptions, startDnsServer } from './dnsServer.ts';
import type { Kubelet, Placement } from './kubelet.ts';
import type { ServiceRule } from './nat.ts';
import type { Network } from './netns.ts';
import {
  DNS_LABELS,
  DNS_RIGHTS,
  DNS_SERVICES,
  toService,
  toWorkloadPath,
  type WorkloadSpec,
} from './objects.ts';
import { createWorkload, untilPending } from './workloads.ts';

export interface CoreDnsOptions extends Partial<Placement> {
  readonly program?: CoreDnsProgram;
  readonly corefile?: string;
  readonly logFormat?: 'text' | 'json';
  readonly rotation?: Rotation;
}

export interface ClusterDns {
  /** Adds a replica of CoreDNS; on node1 unless placed elsewhere. Resolves once it answers. */
  startCoreDns(options?: CoreDnsOptions): Promise<DnsServer>;
  /** Takes a replica away: its flows go to the others, then it ends, then its pod goes. */
  removeCoreDns(server: DnsServer): Promise<void>;
  /** A stand-in for node-cache: CoreDNS 1.13.1, which it contains, with its four server blocks. */
  startNodeCache(node: NodeName, rotation?: Rotation): Promise<DnsServer>;
}

export interface ClusterDnsOptions {
  readonly api: Api;
  readonly network: Network;
  readonly kubelet: Kubelet;
  readonly podLogs: string;
  readonly folder: string;
}

const COREDNS: WorkloadSpec = {
  namespace: 'kube-system',
  name: 'coredns',
  labels: DNS_LABELS,
  replicas: 0,
  serviceAccount: 'coredns',
};

const NODE_CACHE: WorkloadSpec = {
  namespace: 'kube-system',
  name: 'node-local-dns',
  labels: { 'k8s-app': 'node-local-dns' },
  serviceAccount: 'node-local-dns',
  isHostNetwork: true,
  containers: ['node-cache'],
};

/** Makes the objects of the manifests; nothing runs yet. */
export async function createClusterDns(options: ClusterDnsOptions): Promise<ClusterDns> {
  const { api, network, kubelet, podLogs, folder } = options;
  const replicas: DnsServer[] = [];
  await Promise.all([
    ...DNS_RIGHTS.map(({ path, object }) => api.create(path, object)),
    ...DNS_SERVICES.map((spec) => api.create('/api/v1/namespaces/kube-system/services', toService(spec))),
    network.setServices(toRules(replicas)),
  ]);
  await Promise.all([
    createWorkload(api, 'Deployment', COREDNS),
    createWorkload(api, 'DaemonSet', NODE_CACHE),
  ]);

  async function scale(count: number): Promise<void> {
    await api.patch(`${toWorkloadPath('Deployment', COREDNS.namespace)}/coredns`, {
      spec: { replicas: count },
    });
  }

  async function startServer(
    spec: WorkloadSpec,
    placement: Placement,
    settings: DnsServerOptions,
  ): Promise<DnsServer> {
    const pod = await kubelet.bind(await untilPending(api, spec, placement.node), placement);
    return await startDnsServer(pod, settings, { podLogs, folder });
  }

  return {
    async startCoreDns({ node = 'node1', address, ...chosen } = {}) {
      await scale(replicas.length + 1);
      const placement = { node, dns: TO_NOBODY, ...(address !== undefined && { address }) };
      const server = await startServer(COREDNS, placement, {
        program: chosen.program ?? 'coredns',
        container: 'coredns',
        corefile: chosen.corefile ?? CLUSTER_COREFILE,
        logFormat: chosen.logFormat ?? 'text',
        rotation: chosen.rotation ?? {},
      });
      replicas.push(server);
      await network.setServices(toRules(replicas));
      return server;
    },

    async removeCoreDns(server) {
      const { namespace, name } = server.pod;
      replicas.splice(replicas.indexOf(server), 1);
      await network.setServices(toRules(replicas));
      // Otherwise the controller might choose another one to go.
      await api.patch(`/api/v1/namespaces/${namespace}/pods/${name}`, {
        metadata: { annotations: FIRST_TO_GO },
      });
      await scale(replicas.length);
      await kubelet.delete(server.pod, { grace: 30, stopping: async () => void (await server.stop()) });
    },

    async startNodeCache(node, rotation = {}) {
      const settings = {
        container: 'node-cache',
        corefile: NODE_CACHE_COREFILE,
        logFormat: 'text',
        rotation,
      } as const;
      return await startServer(
        NODE_CACHE,
        { node, dns: TO_NOBODY },
        { program: 'coredns-prev', ...settings },
      );
    },
  };
}

/** A DNS pod asks its configured upstream and nobody else. */
const TO_NOBODY = { resolvConf: 'nameserver 192.0.2.1\n' };

const FIRST_TO_GO = { 'controller.kubernetes.io/pod-deletion-cost': '-1' };

function toRules(replicas: readonly DnsServer[]): ServiceRule[] {
  const backends = replicas.map(({ pod }) => `${pod.address}:53`);
  return [
    { address: API_SERVICE, port: 443, protocol: 'tcp', backends: [`${CONTROL_PLANE}:${API_PORT}`] },
    { address: DNS_SERVICE, port: 53, protocol: 'udp', backends },
    { address: DNS_SERVICE, port: 53, protocol: 'tcp', backends },
  ];
}
