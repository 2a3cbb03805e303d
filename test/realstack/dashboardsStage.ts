/** The stage of the dashboards' checks: a shop with known traffic, corespan beside every DNS server, and who looks at it. */
import { join, resolve } from 'node:path';
import { readEdges, readLookups } from './backendsReadings.ts';
import { type Stage, setStage, startSidecars } from './backendsStage.ts';
import { type Asked, countBy, toExpectedEdges } from './backendsTraffic.ts';
import type { DnsServer } from './dnsServer.ts';
import type { RealPod } from './kubelet.ts';
import {
  PROMETHEUS_GENERATIONS,
  type Prometheus,
  type PrometheusGeneration,
  type ScrapeJob,
  startPrometheus,
} from './prometheus.ts';
import type { TimeRange } from './prometheusApi.ts';
import { type Sidecar, STATE_FOLDER } from './sidecar.ts';
import { startTempo, type Tempo } from './tempo.ts';
import { until } from './until.ts';

export interface DashboardsStage {
  readonly stage: Stage;
  readonly sidecars: readonly Sidecar[];
  readonly tempo: Tempo;
  readonly prometheuses: Readonly<Record<PrometheusGeneration, Prometheus>>;
  /** Everything that was asked, and the part of it that falls into the range. */
  readonly asked: readonly Asked[];
  readonly inRange: readonly Asked[];
  /** Lookups in the range that walked the search path: one domain in vain each. */
  readonly walks: number;
  readonly range: TimeRange;
  stop(): Promise<void>;
}

const SEEN = { within: 90_000, every: 500 };
const ALL = 'job="corespan"';
/** Behind a node-local cache: both halves of a walk are in one log. */
const WALKER = 'pay/report';
const WALKS = 4;

export async function setDashboardsStage(): Promise<DashboardsStage> {
  const stage = await setStage('dashboards');
  try {
    return await fill(stage);
  } catch (error) {
    await stage.cluster.stop();
    throw error;
  }
}

async function fill(stage: Stage): Promise<DashboardsStage> {
  const tempo = await startTempo(stage.cluster);
  const sidecars = await startSidecars(stage, [
    ...['--otlp-endpoint', tempo.otlpUrl, '--sample-ratio', '1'],
    ...['--checkpoint', join(STATE_FOLDER, 'positions.json')],
  ]);
  const prometheuses = await startPrometheuses(stage);
  const all = Object.values(prometheuses);

  async function untilShown(sofar: readonly Asked[]): Promise<void> {
    for (const prometheus of all) {
      await until(
        `${sofar.length} lookups in ${prometheus.name}`,
        async () => {
          const lookups = await readLookups(prometheus, ALL);
          const edges = await readEdges(prometheus, { selector: ALL });
          const expected = [countBy(sofar, ({ client }) => client), toExpectedEdges(sofar)];
          return isSame([lookups, edges], expected) ? true : complain([lookups, edges], expected);
        },
        SEEN,
      );
    }
  }

  async function untilScraped(times: number): Promise<void> {
    for (let n = 0; n < times; n++) await Promise.all(all.map((one) => one.untilScraped()));
  }

  // Every row exists before the range begins, so that it sees the rest whole.
  const first = await stage.shop.askEach(1, stage.servers.slice(0, 2));
  const walker = first.find(({ client }) => client === WALKER)?.pod;
  if (walker === undefined) throw new Error(`${WALKER} asked nothing`);
  const before = [...first, ...(await walk(stage, { pod: walker, times: 1 }))];
  await untilShown(before);
  await untilScraped(3);
  // The first samples of the range are to be from before what it counts.
  const from = Date.now() / 1_000 - 2;
  const walks = await walk(stage, { pod: walker, times: WALKS });
  const inRange = [...(await stage.shop.ask(2)), ...(await stage.shop.ask(3)), ...walks];
  const asked = [...before, ...inRange];
  await untilShown(asked);
  await untilScraped(4);
  const range = { from, to: Date.now() / 1_000 };
  return {
    stage,
    sidecars,
    tempo,
    prometheuses,
    asked,
    inRange,
    walks: walks.length,
    range,
    stop: () => stage.cluster.stop(),
  };
}

/** `cart.shop` from another namespace: the first search domain leads nowhere, the second one home. */
async function walk(
  { cluster }: Stage,
  { pod, times }: { readonly pod: RealPod; readonly times: number },
): Promise<Asked[]> {
  const wish = {
    client: WALKER,
    server: 'shop/cart',
    name: 'cart.shop',
    by: 'glibc',
    outcome: 'success',
  } as const;
  const asked: Asked[] = [];
  for (let n = 0; n < times; n++) {
    await cluster.runIn(pod.sandbox, ['getent', 'ahosts', wish.name]);
    asked.push({ ...wish, pod });
  }
  return asked;
}

/** As they are committed. */
const RULES = resolve('dashboards/prometheus/corespan-rules.yaml');

/** Labels as a PodMonitor attaches them; the pods of corespan are the DNS pods. */
async function startPrometheuses({
  cluster,
  servers,
}: Stage): Promise<Readonly<Record<PrometheusGeneration, Prometheus>>> {
  const jobs = servers.flatMap((server, n): ScrapeJob[] => [
    toJob(`corespan-${n}`, { server, port: 9464, job: 'corespan' }),
    ...(n < 2 ? [toJob(`coredns-${n}`, { server, port: 9153, job: 'coredns' })] : []),
  ]);
  const [old, current] = await Promise.all(
    PROMETHEUS_GENERATIONS.map((generation) => startPrometheus(cluster, { generation, jobs, rules: RULES })),
  );
  if (old === undefined || current === undefined) throw new Error('no Prometheus');
  return { '2.42': old, '3.15': current };
}

function toJob(
  name: string,
  { server, port, job }: { readonly server: DnsServer; readonly port: number; readonly job: string },
): ScrapeJob {
  const { pod } = server;
  return {
    job: name,
    targets: [`${pod.address}:${port}`],
    labels: { job, namespace: pod.namespace, pod: pod.name },
  };
}

type Counts = readonly ReadonlyMap<string, number>[];

function isSame(found: Counts, expected: Counts): boolean {
  return toText(found) === toText(expected);
}

function complain(found: Counts, expected: Counts): never {
  throw new Error(`found ${toText(found)}, not ${toText(expected)}`);
}

function toText(counts: Counts): string {
  return JSON.stringify(counts.map((map) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
