/** The stage of the live checks: a cluster with workloads of every kind, and corespan beside each DNS server. */
import { join } from 'node:path';
import { DNS_SERVICE, NODES, toTranslated } from './addresses.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { type SpanCollector, startSpanCollector } from './liveSpans.ts';
import { canLimitMemory, limitMemory } from './memoryLimit.ts';
import { type ClusterRecording, recordCluster } from './recordCluster.ts';
import { prepareResolvers } from './resolvers.ts';
import { type Sidecar, type SidecarOptions, startSidecar } from './sidecar.ts';
import { type Client, createTraffic, type Traffic, toPodClient } from './traffic.ts';
import type { Ends } from './trafficNames.ts';

export const SERVICES = {
  api: { namespace: 'pay', name: 'api' },
  cards: { namespace: 'pay', name: 'cards' },
  fees: { namespace: 'pay', name: 'fees' },
  ledger: { namespace: 'pay', name: 'ledger' },
  tax: { namespace: 'pay', name: 'tax' },
  ext: { namespace: 'pay', name: 'ext' },
  db: { namespace: 'pay', name: 'pay-db' },
  web: { namespace: 'shop', name: 'web' },
} as const satisfies Record<string, Ends>;

export const API_ADDRESS = '10.96.0.20';
export const EXTERNAL_NAME = 'api.example.com';

export const WEB = { namespace: 'shop', name: 'web' };
export const DEBUG = { namespace: 'shop', name: 'debug' };
export const CRAWLER = { namespace: 'batch', name: 'crawler', replicas: 0 };
export const COURIER = { namespace: 'batch', name: 'courier', replicas: 0 };
export const NEWCOMER = { namespace: 'batch', name: 'newcomer', replicas: 0 };

/** A DNS server, what reads its log, and where its own counters are. */
export interface Watched {
  readonly server: DnsServer;
  readonly sidecar: Sidecar;
  readonly countersUrl: string;
}

export interface World {
  readonly cluster: RealCluster;
  readonly collector: SpanCollector;
  readonly recording: ClusterRecording;
  /** Of the recording. */
  readonly recordingFolder: string;
  readonly traffic: Traffic;
  readonly coreDns: Watched;
  readonly nodeCache: Watched;
  readonly clients: Readonly<
    Record<'web' | 'debug' | 'cart' | 'payments' | 'db' | 'report' | 'far' | 'host', Client>
  >;
  /** Starts a second replica of CoreDNS with a sidecar of its own. */
  addReplica(): Promise<Watched>;
}

/** Bytes that a sidecar may use. */
const MEMORY = 192 << 20;

/** Rotated only when told to, and nothing is thrown away: what was logged is read again at the end. */
export const KEEP_ALL = { checkEvery: 0, maxFiles: 100 };

export async function createWorld(runFolder: string, log: (text: string) => void): Promise<World> {
  const cluster = await startCluster({ runFolder, log });
  const recordingFolder = join(runFolder, 'recording');
  const recording = await recordCluster(cluster.api, recordingFolder);
  await Promise.all(['shop', 'pay', 'batch'].map((name) => cluster.addNamespace(name)));
  const [collector, programs] = await Promise.all([startSpanCollector(cluster), prepareResolvers(cluster)]);
  const options: SidecarOptions = {
    args: ['--otlp-endpoint', collector.endpoint, '--sample-ratio', '1', '--span-rate', '100000'],
  };

  async function watch(server: DnsServer, volume: 'node' | 'pod'): Promise<Watched> {
    const memory = canLimitMemory() ? limitMemory(MEMORY) : undefined;
    const sidecar = await startSidecar(cluster, server, { ...options, memory, volume });
    await sidecar.ready();
    const isCache = server.pod.network === undefined;
    const countersUrl = isCache
      ? 'http://127.0.0.1:9253/metrics'
      : `http://${server.pod.address}:9153/metrics`;
    return { server, sidecar, countersUrl };
  }

  const [coreDns, nodeCache] = await Promise.all([
    cluster.startCoreDns({ address: '10.244.1.2', rotation: KEEP_ALL }).then((it) => watch(it, 'node')),
    cluster.startNodeCache('node1', KEEP_ALL).then((it) => watch(it, 'pod')),
    cluster.addService({ ...SERVICES.api, clusterIP: API_ADDRESS }),
    cluster.addService({ ...SERVICES.ext, externalName: EXTERNAL_NAME }),
    cluster.addService({ ...SERVICES.db, clusterIP: 'None' }),
    ...[SERVICES.cards, SERVICES.fees, SERVICES.ledger, SERVICES.tax, SERVICES.web].map(cluster.addService),
  ]);
  return {
    cluster,
    collector,
    recording,
    recordingFolder,
    traffic: createTraffic(programs),
    coreDns,
    nodeCache,
    clients: await deployClients(cluster),
    addReplica: async () =>
      await watch(await cluster.startCoreDns({ program: 'coredns-prev', rotation: KEEP_ALL }), 'node'),
  };
}

async function deployClients(cluster: RealCluster): Promise<World['clients']> {
  const node = 'node1';
  const cached = { node, dns: 'node-local' } as const;
  const annotations = { 'resource.opentelemetry.io/service.name': 'payments-api' };
  const [[web], [debug], [cart], [payments], [db], [report], [far]] = await Promise.all([
    cluster.deploy('Deployment', WEB, [{ node, address: '10.244.1.7' }]),
    cluster.deploy('Deployment', DEBUG, [{ node, address: '10.244.1.9' }]),
    cluster.deploy('Deployment', { namespace: 'shop', name: 'cart' }, [cached]),
    cluster.deploy('Deployment', { namespace: 'pay', name: 'payments', annotations }, [cached]),
    cluster.deploy('StatefulSet', { namespace: 'pay', name: 'pay-db' }, [{ node }, { node }]),
    cluster.deploy('CronJob', { namespace: 'batch', name: 'report' }, [{ node }]),
    cluster.deploy('Deployment', { namespace: 'shop', name: 'far' }, [{ node: 'node2' }]),
    ...[CRAWLER, COURIER, NEWCOMER].map((spec) => cluster.deploy('Deployment', spec, [])),
  ]);
  if (!(web && debug && cart && payments && db && report && far)) throw new Error('a workload has no pod');
  return {
    web: toPodClient(web, 'web'),
    debug: toPodClient(debug, 'debug'),
    cart: toPodClient(cart, 'cart', 'node-cache'),
    payments: toPodClient(payments, 'payments-api', 'node-cache'),
    db: toPodClient(db, 'pay-db'),
    report: toPodClient(report, 'report'),
    // Translated on its way: an address of the pods' range that no pod has.
    far: {
      ...toPodClient(far, 'far'),
      identity: 'snat',
      workload: { name: 'unknown', namespace: '' },
      address: toTranslated('node2'),
    },
    // The node's own network is shared by whatever runs there.
    host: {
      sandbox: cluster.sandboxes.node1,
      identity: 'host_network',
      workload: { name: 'node:node1', namespace: '' },
      address: NODES.node1.address,
      namespace: undefined,
      asks: 'coredns',
      server: DNS_SERVICE,
      pod: undefined,
    },
  };
}
