/** The stage of the backends' checks: a shop, three DNS servers, a corespan beside each. */
import { openShop, type Shop } from './backendsTraffic.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import type { Backend } from './monitoring.ts';
import { CLUSTER_NEEDS } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { type Sidecar, startSidecar } from './sidecar.ts';
import { tell } from './tell.ts';

export const BACKEND_NEEDS = {
  programs: [...CLUSTER_NEEDS.programs, 'prometheus', 'tempo', 'jaeger'],
  packages: [...CLUSTER_NEEDS.packages, 'prometheus'],
} as const;

export interface Stage {
  readonly cluster: RealCluster;
  readonly shop: Shop;
  /** Two replicas of CoreDNS, of two generations and on two nodes, then the node-local cache. */
  readonly servers: readonly DnsServer[];
}

export async function setStage(name: string): Promise<Stage> {
  // Without translation: every client is to be named.
  const cluster = await startCluster({ runFolder: toRunFolder(name), log: () => {}, translating: [] });
  try {
    const shop = await openShop(cluster);
    const first = await cluster.startCoreDns();
    const second = await cluster.startCoreDns({ program: 'coredns-prev', node: 'node2' });
    return { cluster, shop, servers: [first, second, await cluster.startNodeCache('node1')] };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** One beside each server, all alike; resolves once all are ready. */
export async function startSidecars(
  { cluster, servers }: Stage,
  args: readonly string[],
): Promise<readonly Sidecar[]> {
  const sidecars = await Promise.all(servers.map((server) => startSidecar(cluster, server, { args })));
  await Promise.all(sidecars.map((sidecar) => sidecar.ready()));
  return sidecars;
}

/** Where Prometheus finds the sidecar. */
export function toTarget({ pod }: Pick<Sidecar, 'pod'>): string {
  return `${pod.address}:9464`;
}

/** Part of what CI prints: whether the checks still fit a small machine. */
export function tellCosts(backends: readonly Backend[]): void {
  for (const { name, startSeconds, peakMebibytes } of backends) {
    tell(`${name}: ready in ${startSeconds.toFixed(1)} s, ${peakMebibytes()} MiB`);
  }
}
