/** What a scrape costs by the number of series: our exposition, and the Prometheus client library with the same series. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf } from '../../src/self/self.ts';
import { toLookup } from '../support/lookups.ts';
import { NOON, toPod, toService } from '../support/queries.ts';
import { middleOf } from './report.ts';

/** All series, rendered once. */
export interface Scrape {
  /** Milliseconds by the clock of the longest piece, during which nothing else could run. */
  readonly longest: number;
  readonly pieces: readonly string[];
}

export type Scraper = () => Promise<Scrape>;

/** One scrape after the other, as long as it takes to tell what one costs. */
export interface Sample {
  /** Milliseconds of CPU a scrape, all threads. */
  readonly cpu: number;
  /** The middle of the longest pieces: in one of them another process may have run. */
  readonly longest: number;
}

/** Milliseconds of CPU: the clock of a thread may go in steps of more than one, and a small scrape takes 0.1. */
const LEAST_CPU = 200;

export async function takeSample(scrape: Scraper): Promise<Sample> {
  // What others left behind is not collected at its cost.
  globalThis.gc?.();
  const longest: number[] = [];
  const before = process.cpuUsage();
  let cpu = 0;
  while (cpu < LEAST_CPU) {
    longest.push((await scrape()).longest);
    const { user, system } = process.cpuUsage(before);
    cpu = (user + system) / 1000;
  }
  return { cpu: cpu / longest.length, longest: middleOf(longest) };
}

const EDGE = {
  total: 'traces_service_graph_request_total',
  failed: 'traces_service_graph_request_failed_total',
  info: 'traces_service_graph_connection_info',
  seconds: 'traces_service_graph_request_server_seconds',
} as const;
/** Buckets, +Inf, sum, count, and three more. */
export const SERIES_OF_EDGE = METRICS[EDGE.seconds].buckets.length + 6;
/** Targets of a client. */
const FAN_OUT = 20;
/** Far above what is made: how many a client may have is a share of it. */
const MOST_EDGES = 10_000;

/** So many edges of the service graph, each with a lookup or three. */
export function createOurs(edges: number): Scraper {
  const self = createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: () => 0 }));
  const metrics = createMetrics(
    { graphSource: 'metrics', maxEdges: MOST_EDGES },
    self.registry,
    self.metrics,
  );
  for (const { client, server, seconds } of toEdges(edges)) {
    const lookup = toLookup({
      client_: toPod('shop', `${client}-1`, client),
      target: toService('pay', server),
      duration: seconds * 1000,
    });
    metrics.lookup(lookup);
  }
  // A reader without a name is shown everything.
  return () => render(metrics.render('text', NOON, undefined));
}

/** The same edges, counted and written by the library. */
export function createLibrary(edges: number): Scraper {
  const registry = new Registry();
  const labelNames = [...METRICS[EDGE.total].labels];
  const options = (name: string) => ({ name, help: 'As ours.', labelNames, registers: [registry] });
  const total = new Counter(options(EDGE.total));
  const failed = new Counter(options(EDGE.failed));
  const info = new Gauge(options(EDGE.info));
  const histogram = new Histogram({
    ...options(EDGE.seconds),
    buckets: [...METRICS[EDGE.seconds].buckets],
  });
  for (const { client, server, seconds } of toEdges(edges)) {
    const labels = {
      client,
      client_service_namespace: 'shop',
      server,
      server_service_namespace: 'pay',
      connection_type: 'virtual_node',
      source: 'corespan',
    };
    total.inc(labels);
    failed.inc(labels, 0);
    info.set(labels, 1);
    histogram.observe(labels, seconds);
  }
  return () => render(registry.metrics().then((text) => [text]));
}

function* toEdges(count: number): Generator<{ client: string; server: string; seconds: number }> {
  for (let n = 0; n < count; n++) {
    const client = `workload-${Math.floor(n / FAN_OUT)}`;
    yield { client, server: `service-${n % FAN_OUT}`, seconds: 0.0004 * (1 + (n % 100)) };
  }
}

async function render(rendered: AsyncIterable<string> | Promise<Iterable<string>>): Promise<Scrape> {
  const pieces: string[] = [];
  let [before, longest] = [performance.now(), 0];
  for await (const piece of await rendered) {
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
    pieces.push(piece);
  }
  return { longest: Math.max(longest, performance.now() - before), pieces };
}

export function countSeries({ pieces }: Scrape): number {
  const lines = pieces.join('').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).length;
}
