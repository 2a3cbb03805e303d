/** A small shop that asks known questions, and what every backend has to say about them afterwards. */
import { NODE_LOCAL } from './addresses.ts';
import type { RealCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import type { Placement, RealPod } from './kubelet.ts';
import type { WorkloadKind, WorkloadSpec } from './objects.ts';

/** `<namespace>/<name>` for both, or the registrable domain of an outside name. */
export interface Wish {
  readonly client: string;
  readonly server: string;
  /** With a trailing dot: one lookup is one name, so that it is whole at whichever replica it arrives. */
  readonly name: string;
  /** glibc asks for A and AAAA at once, dig for A; a failure is asked by dig, because glibc would ask again. */
  readonly by: 'glibc' | 'dig';
  readonly outcome: 'success' | 'denial' | 'error';
}

/** A wish that a pod had: one lookup. */
export interface Asked extends Wish {
  readonly pod: RealPod;
  /** The DNS server; the pod's own unless given. */
  readonly at?: string;
}

export interface Shop {
  /** Every pod asks everything that its workload wants, one after another; pods ask at the same time. */
  ask(round: number): Promise<readonly Asked[]>;
  /** The same, by dig, once at each of the servers; who has a node-local cache asks only that. */
  askEach(round: number, servers: readonly DnsServer[]): Promise<readonly Asked[]>;
}

type Deployed = readonly [kind: WorkloadKind, spec: WorkloadSpec, placements: readonly Placement[]];

/** Two pods of a workload stand on two nodes; the batch job asks a node-local cache. */
const WORKLOADS: readonly Deployed[] = [
  ['Deployment', { namespace: 'shop', name: 'web' }, [{ node: 'node1' }, { node: 'node2' }]],
  ['Deployment', { namespace: 'shop', name: 'cart' }, [{ node: 'node1' }, { node: 'node2' }]],
  ['Deployment', { namespace: 'pay', name: 'api' }, [{ node: 'node2' }, { node: 'node1' }]],
  ['StatefulSet', { namespace: 'pay', name: 'ledger' }, [{ node: 'node1' }]],
  ['CronJob', { namespace: 'pay', name: 'report' }, [{ node: 'node1', dns: 'node-local' }]],
  ['DaemonSet', { namespace: 'ops', name: 'agent' }, [{ node: 'node1' }, { node: 'node2' }]],
];

const SERVICES = [
  { namespace: 'shop', name: 'cart' },
  { namespace: 'pay', name: 'api' },
  { namespace: 'pay', name: 'ledger' },
];

/** The name may hold the round and the pod, so that a name of the outside is asked for once. */
const WISHES: readonly Wish[] = [
  toServiceWish('shop/web', 'shop/cart'),
  toServiceWish('shop/web', 'pay/api'),
  toOutsideWish('shop/web', 'cdn-{}', 'example.com'),
  toServiceWish('shop/cart', 'pay/api'),
  toOutsideWish('shop/cart', 'a-{}', 'example.net'),
  toOutsideWish('shop/cart', 'b-{}', 'example.net'),
  toServiceWish('pay/api', 'pay/ledger'),
  { ...toOutsideWish('pay/api', 'bank-{}', 'servfail.test'), by: 'dig', outcome: 'error' },
  toOutsideWish('pay/ledger', 'backup-{}', 'example.org'),
  { ...toServiceWish('pay/ledger', 'pay/nosuch'), by: 'dig', outcome: 'denial' },
  toServiceWish('pay/report', 'pay/ledger'),
  toServiceWish('pay/report', 'shop/cart'),
  toOutsideWish('pay/report', 'mail-{}', 'example.org'),
  toOutsideWish('ops/agent', 'metrics-{}', 'example.com'),
  { ...toOutsideWish('ops/agent', 'gone-{}', 'unknown.test'), by: 'dig', outcome: 'denial' },
];

/** Before the cluster has a DNS server: what starts later knows every Service from its first answer on. */
export async function openShop(cluster: RealCluster): Promise<Shop> {
  await Promise.all(['shop', 'pay', 'ops'].map((name) => cluster.addNamespace(name)));
  await Promise.all(SERVICES.map((spec) => cluster.addService(spec)));
  const clients = await Promise.all(
    WORKLOADS.map(async ([kind, spec, placements]) => {
      const pods = await cluster.deploy(kind, spec, placements);
      return pods.map((pod, n) => ({
        workload: `${spec.namespace}/${spec.name}`,
        pod,
        hasCache: placements[n]?.dns === 'node-local',
      }));
    }),
  );

  async function askAll(toWishes: (client: Client) => readonly Asked[]): Promise<readonly Asked[]> {
    const asked = await Promise.all(
      clients.flat().map(async (client) => {
        const wishes = toWishes(client);
        for (const wish of wishes) await askOne(cluster, wish);
        return wishes;
      }),
    );
    return asked.flat();
  }

  return {
    ask: (round) => askAll((client) => toAsked(client, round)),
    askEach: (round, servers) =>
      askAll((client) => {
        const wishes = toAsked(client, round);
        const addresses = client.hasCache ? [NODE_LOCAL] : servers.map(({ pod }) => pod.address);
        return addresses.flatMap((at) => wishes.map((wish) => ({ ...wish, by: 'dig' as const, at })));
      }),
  };
}

interface Client {
  readonly workload: string;
  readonly pod: RealPod;
  readonly hasCache: boolean;
}

function toAsked({ workload, pod }: Client, round: number): Asked[] {
  const once = `${round}-${pod.address.replaceAll('.', '-')}`;
  return WISHES.filter(({ client }) => client === workload).map((wish) => ({
    ...wish,
    name: wish.name.replace('{}', once),
    pod,
  }));
}

async function askOne(cluster: RealCluster, asked: Asked): Promise<void> {
  const { pod, name, by, outcome } = asked;
  const { stdout, code } = await cluster.attemptIn(pod.sandbox, toArgv(asked));
  // The truth is what the client got, not what it should have got.
  const isAsWanted = by === 'glibc' ? code === 0 : stdout.includes(`status: ${RCODES[outcome]}`);
  if (!isAsWanted) throw new Error(`${pod.name} asked for ${name} and got ${code}: ${stdout}`);
}

function toArgv({ by, name, at }: Asked): string[] {
  if (by === 'glibc') return ['getent', 'ahosts', name];
  const server = at === undefined ? [] : [`@${at}`];
  return ['dig', '+tries=1', '+timeout=20', '+noall', '+comments', ...server, name];
}

function toServiceWish(client: string, server: string): Wish {
  const [namespace, name] = server.split('/');
  return { client, server, name: `${name}.${namespace}.svc.cluster.local.`, by: 'glibc', outcome: 'success' };
}

function toOutsideWish(client: string, host: string, server: string): Wish {
  return { client, server, name: `${host}.${server}.`, by: 'glibc', outcome: 'success' };
}

const RCODES = { success: 'NOERROR', denial: 'NXDOMAIN', error: 'SERVFAIL' } as const;

/** Edges that the service graph must show, `<client> → <server>` and how many lookups. A denied name leads nowhere. */
export function toExpectedEdges(asked: readonly Wish[]): Map<string, number> {
  return countBy(
    asked.filter(({ outcome }) => outcome !== 'denial'),
    ({ client, server }) => toEdge(client, server),
  );
}

export function toEdge(client: string, server: string): string {
  return `${client} → ${server}`;
}

export function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}
