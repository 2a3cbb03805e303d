/** What happens to a cluster while its DNS is watched; who was there before and after is told by what they ask. */
import { CLUSTER_COREFILE } from './corefiles.ts';
import { countPodChanges, untilPodChanges } from './livePodChanges.ts';
import { DEBUG, SERVICES, type Watched, WEB, type World } from './liveWorld.ts';
import type { WorkloadSpec } from './objects.ts';
import { toWorkloadPath } from './objects.ts';
import { RESOLVERS, type Resolver } from './resolvers.ts';
import type { Sidecar } from './sidecar.ts';
import { type Client, toPodClient } from './traffic.ts';
import { toWishes } from './trafficMatrix.ts';
import {
  toGoneWish,
  toHostWish,
  toOutsideWish,
  toServiceWish,
  toSilentWish,
  type Wish,
} from './trafficNames.ts';

/** Names that nobody else asks for: who is named for them is surely meant. */
export function toOwnWishes(label: string, count: number): Wish[] {
  return Array.from({ length: count }, (_, n) => toOutsideWish(`${label}-${n}.example.org.`));
}

/** Everything in the cluster's zones is answered as it is now, not as it was up to 30 seconds ago. */
export const UNCACHED_COREFILE = CLUSTER_COREFILE.replace(
  'cache 30\n',
  'cache 30 {\n        disable success cluster.local\n        disable denial cluster.local\n    }\n',
);

/** Every client asks for every kind of name by every resolver, one lookup after another. */
export async function askOneByOne({ traffic, clients }: World): Promise<void> {
  await Promise.all(
    Object.entries(clients).map(async ([name, client]) => {
      // On the node itself nobody has a search path.
      const resolvers: readonly Resolver[] = client.namespace === undefined ? ['dig'] : RESOLVERS;
      for (const resolver of resolvers) {
        await traffic.ask(client, resolver, toWishes(client, resolver, `${name}-${resolver}`));
      }
    }),
  );
}

/** Many lookups of one pod at once, of one name and of many, by one resolver and by several. */
export async function askAtOnce({ traffic, clients }: World): Promise<void> {
  const { web, debug, cart, report, db } = clients;
  const { api, cards, fees, ext } = SERVICES;
  await Promise.all([
    traffic.ask(web, 'glibc', Array(16).fill(toServiceWish(api, 'ns')), 8),
    traffic.ask(cart, 'musl', Array(16).fill(toServiceWish(cards, 'svc')), 8),
    traffic.ask(report, 'musl', Array(16).fill(toServiceWish(ext, 'ns')), 8),
    traffic.ask(db, 'glibc', toOwnWishes('db', 40), 8),
    traffic.ask(db, 'c-ares', toOwnWishes('db-c-ares', 40).map(toA), 8),
    traffic.ask(debug, 'glibc', [toHostWish('pay-db-0', SERVICES.db), toServiceWish(fees, 'zone')], 2),
    traffic.ask(debug, 'dig', toOwnWishes('debug-dig', 8).map(toA), 4),
    traffic.ask(web, 'musl', [toSilentWish('web')]),
    traffic.ask(cart, 'dig', [toA(toSilentWish('cart'))]),
  ]);
}

function toA(wish: Wish): Wish {
  return { ...wish, type: 'A' };
}

/** A pod goes, and a pod of the other workload has its address at once. */
export async function handOver(
  { cluster, traffic, coreDns }: World,
  from: Client,
  { to, label = '' }: { readonly to: WorkloadSpec; readonly label?: string },
): Promise<Client> {
  if (from.pod === undefined) throw new Error('only a pod can hand over its address');
  await scale({ cluster }, to, 1);
  await traffic.ask(from, 'musl', toOwnWishes(`before${label}`, 10), 4);
  const isKnown = await watchPlacing(coreDns.sidecar);
  await cluster.deletePod(from.pod);
  const pod = await cluster.placeNext(to, { node: 'node1', address: from.address });
  await isKnown();
  const next = toPodClient(pod, to.name);
  await traffic.ask(next, 'musl', toOwnWishes(`after${label}`, 10), 4);
  return next;
}

/** A Service is deleted, and made again under the same name. */
export async function deleteAndMakeAgain({ cluster, traffic }: World, by: Client): Promise<void> {
  const { tax } = SERVICES;
  const answered = toServiceWish(tax, 'absolute', 'A');
  const gone = toGoneWish(tax);
  await traffic.ask(by, 'glibc', [answered]);
  await cluster.api.delete(`/api/v1/namespaces/${tax.namespace}/services/${tax.name}`);
  await traffic.askUntil(by, gone);
  await traffic.ask(by, 'glibc', [gone, gone]);
  await cluster.addService(tax);
  await traffic.askUntil(by, answered);
  await traffic.ask(by, 'glibc', [answered, answered]);
}

/** Pods of one workload come and go, with ever new addresses and with the same. */
export async function churn(
  { cluster, traffic, coreDns }: World,
  addresses: readonly string[],
): Promise<void> {
  for (const [number, address] of addresses.entries()) {
    const isKnown = await watchPlacing(coreDns.sidecar);
    const pod = await cluster.placeNext(DEBUG, { node: 'node1', address });
    await isKnown();
    await traffic.ask(toPodClient(pod, DEBUG.name), 'musl', toOwnWishes(`churn-${number}`, 2), 2);
    await cluster.deletePod(pod);
  }
}

/** A new version of a workload takes over while the old one still asks. */
export async function rollOut({ cluster, traffic }: World, old: Client): Promise<Client> {
  await cluster.api.patch(`${toWorkloadPath('Deployment', WEB.namespace)}/${WEB.name}`, {
    spec: { template: { metadata: { annotations: { version: '2' } } } },
  });
  const next = toPodClient(await cluster.placeNext(WEB, { node: 'node1' }), WEB.name);
  await Promise.all([
    traffic.ask(old, 'glibc', toOwnWishes('old-version', 10), 2),
    traffic.ask(next, 'glibc', toOwnWishes('new-version', 10), 2),
  ]);
  if (old.pod !== undefined) await cluster.deletePod(old.pod, { grace: 1 });
  await traffic.ask(next, 'glibc', toOwnWishes('new-version-alone', 4));
  return next;
}

/** The log is rotated again and again while pods ask as fast as they can. */
export async function rotateUnderLoad(
  world: World,
  clients: readonly Client[],
  count: number,
): Promise<number> {
  const servers: readonly Watched[] = [world.coreDns, world.nodeCache];
  let isLoaded = true;
  let rotations = 0;
  const load = Promise.all(
    clients.map(async (client, number) => {
      const resolver = number % 2 === 0 ? 'glibc' : 'musl';
      await world.traffic.ask(client, resolver, toOwnWishes(`load-${number}`, count), 8);
    }),
  ).finally(() => {
    isLoaded = false;
  });
  while (isLoaded) {
    await Promise.all(servers.map(({ server }) => server.rotate()));
    rotations++;
  }
  await load;
  return rotations;
}

/**
 * To be called before a pod is placed; what it resolves to waits until the sidecar knows where. Who asks sooner from an
 * address that was another's is nobody for it: the pod may have got the address only then.
 */
async function watchPlacing(sidecar: Sidecar): Promise<() => Promise<void>> {
  const changed = await countPodChanges(sidecar, 'MODIFIED');
  // Its node, then its address.
  return () => untilPodChanges(sidecar, 'MODIFIED', changed + 2);
}

export async function scale(
  { cluster }: Pick<World, 'cluster'>,
  spec: WorkloadSpec,
  replicas: number,
): Promise<void> {
  await cluster.api.patch(`${toWorkloadPath('Deployment', spec.namespace)}/${spec.name}`, {
    spec: { replicas },
  });
}
