/** corespan beside a real CoreDNS under a steady load: what each of the two, and the writer of the log, costs a query. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RealCluster, startCluster } from '../realstack/cluster.ts';
import { CLUSTER_COREFILE } from '../realstack/corefiles.ts';
import type { DnsServer } from '../realstack/dnsServer.ts';
import type { RealPod } from '../realstack/kubelet.ts';
import { startSpanCollector } from '../realstack/liveSpans.ts';
import { canLimitMemory, limitMemory } from '../realstack/memoryLimit.ts';
import { type Sidecar, startSidecar } from '../realstack/sidecar.ts';
import { until } from '../realstack/until.ts';
import { createRandom } from '../support/corpus.ts';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import { readCpu, readMemory } from '../support/procfs.ts';

export interface Load {
  /** Queries a second; undefined: as many as there is room for. */
  readonly rate: number | undefined;
  readonly seconds: number;
}

export interface Measured {
  /** Queries that were answered. */
  readonly queries: number;
  readonly elapsed: number;
  /** Microseconds of CPU for each. */
  readonly coredns: number;
  readonly writer: number;
  readonly corespan: number;
  /** Bytes at the end. */
  readonly rss: { readonly coredns: number; readonly corespan: number };
  /** Bytes of log not read yet, and seconds that the newest line read was old: the most that a look found. */
  readonly unread: number;
  readonly lag: number;
}

export interface LiveStage {
  run(load: Load): Promise<Measured>;
  /** Stops CoreDNS and holds every line that it wrote against what was read; what is wrong, one sentence each. */
  finish(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** What the manifests allow it beside CoreDNS. */
const MEMORY_LIMIT = 256 << 20;
/** That many pods ask, as in a cluster: one that asks 10,000 times a second is a load generator, and costs more. */
const PODS = 20;
/** Sockets of each, and questions at once. */
const SOCKETS = 4;
const SERVICES = 50;
const SITES = 200;
const HOSTS = ['www', 'api', 'cdn', 'auth', 'static', 'registry', 'events', 'login'];
/** Milliseconds between two looks at how far reading is. */
const LOOK_EVERY = 5_000;

export async function createLiveStage(runFolder: string): Promise<LiveStage> {
  const cluster = await startCluster({ runFolder, log: () => {} });
  try {
    return await setUp(cluster);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function setUp(cluster: RealCluster): Promise<LiveStage> {
  await Promise.all(['shop', 'pay'].map((name) => cluster.addNamespace(name)));
  const names = Array.from({ length: SERVICES }, (_, n) => `svc-${n}`);
  await Promise.all(names.map((name) => cluster.addService({ namespace: 'pay', name })));
  const server = await cluster.startCoreDns({ corefile: CLUSTER_COREFILE });
  const placements = Array.from({ length: PODS }, () => ({ node: 'node1', dns: 'cluster' }) as const);
  const pods = await cluster.deploy('Deployment', { namespace: 'shop', name: 'web' }, placements);
  const collector = await startSpanCollector(cluster);
  const sidecar = await startSidecar(cluster, server, {
    args: ['--otlp-endpoint', collector.endpoint],
    ...(canLimitMemory() && { memory: limitMemory(MEMORY_LIMIT) }),
  });
  await sidecar.ready();
  const askers = pods.map((pod, at) => {
    const queries = join(cluster.runFolder, `queries-${at}.txt`);
    writeFileSync(queries, toQueries(at + 1));
    return { pod, queries };
  });

  return {
    run: (load) => run({ cluster, server, sidecar, askers }, load),
    async finish() {
      const { lines, lost } = await server.stop();
      const text = await untilRead(sidecar, lines);
      const series = parseExposition(text);
      const read = sumOf(series, 'corespan_lines_read_total');
      const losses = sumOf(series, 'corespan_possible_loss_total');
      return [
        ...(read === lines ? [] : [`lines written = read: ${lines} ≠ ${read}`]),
        ...(lost === 0 ? [] : [`${lost} lines did not reach the log`]),
        ...(losses === 0 ? [] : [`${losses} moments of possible loss`]),
        ...findImbalances(text),
      ];
    },
    async stop() {
      await sidecar.stop();
      await collector.stop();
      await cluster.stop();
    },
  };
}

interface Parts {
  readonly cluster: RealCluster;
  readonly server: DnsServer;
  readonly sidecar: Sidecar;
  readonly askers: readonly Asker[];
}

interface Asker {
  readonly pod: RealPod;
  /** Path of dnsperf's input. */
  readonly queries: string;
}

async function run({ cluster, server, sidecar, askers }: Parts, load: Load): Promise<Measured> {
  const pids = { ...server.pids(), corespan: sidecar.pid };
  const behind = watchBehind(sidecar);
  const before = readCpus(pids);
  const limit = load.rate === undefined ? [] : ['-Q', String(load.rate / askers.length)];
  const options = [
    '-s',
    server.pod.address,
    '-l',
    String(load.seconds),
    '-c',
    String(SOCKETS),
    '-q',
    String(SOCKETS),
    ...limit,
  ];
  const said = await Promise.all(
    askers.map(({ pod, queries }) => cluster.runIn(pod.sandbox, ['dnsperf', '-d', queries, ...options])),
  );
  await untilCaughtUp(sidecar);
  const after = readCpus(pids);
  const completed = said.reduce((sum, text) => sum + readNumber(text, /Queries completed:\s+(\d+)/), 0);
  const elapsed = Math.max(...said.map((text) => readNumber(text, /Run time \(s\):\s+([\d.]+)/)));
  const perQuery = (name: keyof typeof before): number => ((after[name] - before[name]) / completed) * 1e6;
  return {
    queries: completed,
    elapsed,
    coredns: perQuery('server'),
    writer: perQuery('writer'),
    corespan: perQuery('corespan'),
    rss: { coredns: readMemory(pids.server).rss, corespan: readMemory(pids.corespan).rss },
    ...(await behind.stop()),
  };
}

/** A figure that dnsperf tells at its end; throws if it is not there, or zero: nothing was answered then. */
function readNumber(said: string, figure: RegExp): number {
  const number = Number(figure.exec(said)?.[1] ?? 0);
  if (number === 0) throw new Error(`dnsperf got no answer: ${said}`);
  return number;
}

function readCpus(pids: { readonly server: number; readonly writer: number; readonly corespan: number }) {
  return { server: readCpu(pids.server), writer: readCpu(pids.writer), corespan: readCpu(pids.corespan) };
}

function watchBehind(sidecar: Sidecar): { stop(): Promise<Pick<Measured, 'unread' | 'lag'>> } {
  let [unread, lag] = [0, 0];
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const series = parseExposition(await sidecar.metrics());
      unread = Math.max(unread, sumOf(series, 'corespan_unread_bytes'));
      lag = Math.max(lag, sumOf(series, 'corespan_lag_seconds'));
      for (let left = LOOK_EVERY; left > 0 && !isOver; left -= 100) await pause(100);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return { unread, lag };
    },
  };
}

/** What a query costs includes what is done for it after its answer. */
async function untilCaughtUp(sidecar: Sidecar): Promise<void> {
  await until(
    'everything to be read',
    async () => {
      const series = parseExposition(await sidecar.metrics());
      return sumOf(series, 'corespan_unread_bytes') === 0 || undefined;
    },
    { within: 120_000, every: 500 },
  );
}

async function untilRead(sidecar: Sidecar, lines: number): Promise<string> {
  return await until(
    `${lines} lines to be read and settled`,
    async () => {
      const text = await sidecar.metrics();
      const series = parseExposition(text);
      const isRead = sumOf(series, 'corespan_lines_read_total') >= lines;
      return isRead && sumOf(series, 'corespan_pending') === 0 ? text : undefined;
    },
    { within: 120_000, every: 500 },
  );
}

/** As programs of a pod ask: Services by a short name, names outside by all of the search path; A and AAAA. */
function toQueries(seed: number): string {
  const random = createRandom(seed);
  const lines: string[] = [];
  for (let lookup = 0; lookup < 5_000; lookup++) {
    const isOutside = random.below(3) === 0;
    const name = isOutside
      ? `${HOSTS[random.below(HOSTS.length)]}.site-${random.below(SITES)}.example.org`
      : `svc-${random.below(SERVICES)}.pay`;
    const suffixes = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
    const asked = isOutside
      ? [...suffixes.map((suffix) => `${name}.${suffix}`), name]
      : suffixes.slice(0, 2).map((suffix) => `${name}.${suffix}`);
    for (const one of asked) lines.push(`${one} A`, `${one} AAAA`);
  }
  return `${lines.join('\n')}\n`;
}
