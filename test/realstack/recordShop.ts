/** Two minutes in the life of the shop, with everything that goes wrong in them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DNS_SERVICE, NODES, type NodeName, UPSTREAM } from './addresses.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import { untilServing } from './coreDnsLog.ts';
import { CLUSTER_COREFILE } from './corefiles.ts';
import type { Placement } from './kubelet.ts';
import type { Running } from './processes.ts';
import { toBinary } from './programs.ts';
import { untilQueried } from './queryLog.ts';
import { recordCluster } from './recordCluster.ts';
import { writeRecording } from './recordFolder.ts';
import {
  ACTORS,
  type Actor,
  BANK_ZONE,
  NAMESPACES,
  PROMO,
  SHIPPER,
  SHOP_SERVICES,
  TUNNEL_ZONE,
} from './recordScene.ts';
import { prepareResolvers } from './resolvers.ts';
import { type Client, createTraffic, type Traffic, toPodClient } from './traffic.ts';
import { toOutsideWish, type Wish } from './trafficNames.ts';

export interface ShopOptions {
  readonly runFolder: string;
  /** Of the recording. */
  readonly folder: string;
  readonly about: string;
  readonly log: (text: string) => void;
}

/** Seconds after the beginning. */
const STORY = { bankGoes: 40, jobEnds: 55, bankIsBack: 75, end: 120 };
const BANK_PORT = 5353;
const COREFILE = `${CLUSTER_COREFILE}${BANK_ZONE}:53 {
    errors
    log
    forward . ${UPSTREAM}:${BANK_PORT}
}
`;
const BANK_COREFILE = `.:${BANK_PORT} {
    template IN A {
        answer "{{ .Name }} 60 IN A 198.51.100.9"
    }
    template ANY ANY {
        rcode NOERROR
        authority "${BANK_ZONE}. 60 IN SOA ns.${BANK_ZONE}. admin.${BANK_ZONE}. 1 60 60 60 60"
    }
}
`;

export async function recordShop({ runFolder, folder, about, log }: ShopOptions): Promise<void> {
  // Nobody's address is translated: every client can be named.
  const cluster = await startCluster({ runFolder, log, translating: [] });
  try {
    mkdirSync(folder, { recursive: true });
    const recording = await recordCluster(cluster.api, join(folder, 'cluster'));
    const servers = await Promise.all([
      cluster.startCoreDns({ corefile: COREFILE }),
      cluster.startNodeCache('node1'),
    ]);
    const traffic = createTraffic(await prepareResolvers(cluster));
    const [coreDns, nodeCache] = servers;
    const { happenings, last } = await play(cluster, traffic, log);
    // A line may come after the answer.
    await untilQueried(coreDns.logFolder, `${last.name}.`, 1);
    await untilQueried(nodeCache.logFolder, `${last.name}.`, 1);
    await writeRecording(cluster, folder, { lookups: traffic.lookups, servers, happenings, about });
    await recording.stop();
    log(`${traffic.lookups.length} lookups`);
  } finally {
    await cluster.stop();
  }
}

async function play(cluster: RealCluster, traffic: Traffic, log: (text: string) => void): Promise<Played> {
  await Promise.all(NAMESPACES.map((name) => cluster.addNamespace(name)));
  await Promise.all(SHOP_SERVICES.map((spec) => cluster.addService(spec)));
  const random = createRandom(20);
  const cast = (await Promise.all(ACTORS.map((actor) => deploy(cluster, actor)))).flat();
  const bank = await startBank(cluster);
  const begin = performance.now();
  const after = (seconds: number): Promise<void> => pause(begin + seconds * 1000 - performance.now());
  const ended = new Set<Client>();

  async function act(actor: Actor, client: Client): Promise<void> {
    await pause(random() * actor.every);
    while (performance.now() - begin < STORY.end * 1000 && !ended.has(client)) {
      const wish = actor.wishes[Math.floor(random() * actor.wishes.length)];
      if (wish !== undefined) await traffic.observe(client, actor.resolver, wish);
      await pause(actor.every * (0.67 + 0.67 * random()));
    }
  }

  /** A little at a time, as letters and digits in the name of a picture: nobody sees a failure. */
  async function leak(client: Client): Promise<void> {
    while (performance.now() - begin < STORY.end * 1000) {
      const labels = Array.from({ length: 2 }, () =>
        Array.from({ length: 30 }, () => Math.floor(random() * 36).toString(36)).join(''),
      );
      await traffic.observe(client, 'dig', toOutsideWish(`${labels.join('.')}.${TUNNEL_ZONE}`, 'TXT'));
      await pause(2_000 + 2_000 * random());
    }
  }

  async function breakBank(): Promise<object> {
    await after(STORY.bankGoes);
    const from = new Date();
    await bank.stop();
    log('the bank is gone');
    await after(STORY.bankIsBack);
    await startBank(cluster);
    log('the bank is back');
    return { zone: BANK_ZONE, from, to: new Date() };
  }

  /** The job of the indexer is over, and a pod of another workload gets its address. */
  async function handOver(): Promise<object> {
    await after(STORY.jobEnds);
    const indexer = cast.find(({ actor }) => actor.name === 'indexer');
    if (indexer?.client.pod === undefined) throw new Error('there is no indexer');
    const { client, acting } = indexer;
    ended.add(client);
    await acting;
    await cluster.deletePod(indexer.client.pod);
    const deleted = new Date();
    const [next] = await deploy(cluster, PROMO, client.address);
    if (next === undefined) throw new Error('there is no promo');
    const ready = new Date();
    log(`${client.address} has passed from ${client.identity} to ${next.client.identity}`);
    await act(PROMO, next.client);
    return { address: client.address, before: client.identity, deleted, after: next.client.identity, ready };
  }

  const host = toHostClient(cluster);
  const [shipper] = await deploy(cluster, SHIPPER);
  if (shipper === undefined) throw new Error('there is no log shipper');
  for (const member of cast) member.acting = act(member.actor, member.client);
  const [outage, ip_reuse] = await Promise.all([
    breakBank(),
    handOver(),
    leak(shipper.client),
    act(HOST, host),
    ...cast.map(({ acting }) => acting),
  ]);
  const last = toOutsideWish('closing-time.example.org', 'A');
  for (const client of [host, shipper.client]) await traffic.observe(client, 'dig', last);
  const tunnel = { pod: shipper.client.identity, zone: TUNNEL_ZONE };
  return { happenings: { ip_reuse, outage, tunnel }, last };
}

interface Played {
  readonly happenings: object;
  /** What each server was asked for in the end. */
  readonly last: Wish;
}

/** What runs on the node itself asks now and then. */
const HOST: Actor = {
  ...{ namespace: '', name: 'node1', kind: 'DaemonSet', nodes: ['node1'], resolver: 'dig', every: 9_000 },
  wishes: [toOutsideWish('updates.example.org', 'A')],
};

interface Member {
  readonly actor: Actor;
  readonly client: Client;
  acting: Promise<void>;
}

async function deploy(cluster: RealCluster, actor: Actor, address?: string): Promise<Member[]> {
  const { namespace, name, kind, nodes } = actor;
  const placements = nodes.map((node) => ({
    ...toPlacement(node),
    ...(address !== undefined && { address }),
  }));
  const pods = await cluster.deploy(kind, { namespace, name }, placements);
  return pods.map((pod) => ({
    actor,
    client: toPodClient(pod, name, pod.node === 'node1' ? 'node-cache' : 'coredns'),
    acting: Promise.resolve(),
  }));
}

/** Only node1 has a node-local cache. */
function toPlacement(node: NodeName): Placement {
  return { node, dns: node === 'node1' ? 'node-local' : 'cluster' };
}

function toHostClient(cluster: RealCluster): Client {
  return {
    sandbox: cluster.sandboxes.node1,
    identity: 'host_network',
    workload: { name: 'node:node1', namespace: '' },
    address: NODES.node1.address,
    namespace: undefined,
    asks: 'coredns',
    server: DNS_SERVICE,
    pod: undefined,
  };
}

let banks = 0;

async function startBank(cluster: RealCluster): Promise<Running> {
  const name = `bank-${banks++}`;
  const conf = join(cluster.runFolder, 'Corefile.bank');
  writeFileSync(conf, BANK_COREFILE);
  const argv = [toBinary('coredns', 'coredns'), `-conf=${conf}`];
  const running = cluster.startIn(cluster.sandboxes.upstream, argv, { name });
  await untilServing(join(cluster.runFolder, `logs/${name}.log`));
  return running;
}

/** The same choices in every recording, though not at the same moments (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
