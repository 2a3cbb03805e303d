/** corespan's metrics about itself, written by the Prometheus client library from the self room's registry. */
import { Registry as ClientRegistry, Counter, Gauge, Histogram } from 'prom-client';
import { SELF_METRICS, type SelfMetricName, type TimedMetricName } from '../self/catalogue.ts';
import type { Registry, Sample } from '../self/registry.ts';
import type { Format } from './exposition.ts';

/** Values of one moment, so that the ledger balances however long the writing takes. */
export type SelfSnapshot = ReadonlyMap<SelfMetricName, readonly Sample[]>;

export interface SelfExposition {
  snapshot(): SelfSnapshot;
  write(snapshot: SelfSnapshot, format: Format): Promise<string>;
}

const ALL = Object.keys(SELF_METRICS) as (SelfMetricName | TimedMetricName)[];
const NAMES = ALL.filter((name): name is SelfMetricName => SELF_METRICS[name].type !== 'histogram');
const TIMED = ALL.filter((name): name is TimedMetricName => SELF_METRICS[name].type === 'histogram');

export function createSelfExposition(registry: Registry): SelfExposition {
  let current: SelfSnapshot = new Map();
  // The client fixes a registry's format at its construction and corrupts names if it is switched later.
  const clients: Record<Format, ClientRegistry> = {
    text: createClient('text', () => current),
    openmetrics: createClient('openmetrics', () => current),
  };
  for (const client of Object.values(clients)) hearTimes(registry, client);
  return {
    snapshot: () => new Map(NAMES.map((name) => [name, registry.samples(name)])),
    async write(snapshot, format) {
      current = snapshot;
      const text = await clients[format].metrics();
      return text.replace(/\n*(# EOF\n)?$/, '\n');
    },
  };
}

function createClient(format: Format, read: () => SelfSnapshot): ClientRegistry {
  const client =
    format === 'openmetrics'
      ? new ClientRegistry(ClientRegistry.OPENMETRICS_CONTENT_TYPE)
      : new ClientRegistry(ClientRegistry.PROMETHEUS_CONTENT_TYPE);
  for (const name of NAMES) client.registerMetric(createMetric(name, read));
  return client;
}

/** A metric of the library that takes its values from the snapshot whenever it is written. */
function createMetric(name: SelfMetricName, read: () => SelfSnapshot): Counter | Gauge {
  const { type, labels, help } = SELF_METRICS[name];
  const options = { name, help, labelNames: [...labels], registers: [] };
  const samples = (): { labels: Record<string, string>; value: number }[] =>
    (read().get(name) ?? []).map((sample) => ({
      labels: toLabels(name, sample.labels),
      value: sample.value,
    }));
  if (type === 'counter') {
    return new Counter({
      ...options,
      collect() {
        this.reset();
        for (const sample of samples()) this.inc(sample.labels, sample.value);
      },
    });
  }
  return new Gauge({
    ...options,
    collect() {
      this.reset();
      for (const sample of samples()) this.set(sample.labels, sample.value);
    },
  });
}

/** The library counts times as they are taken: into each client, since a registry writes one format. */
function hearTimes(registry: Registry, client: ClientRegistry): void {
  const histograms = new Map(TIMED.map((name) => [name, createHistogram(name)]));
  for (const histogram of histograms.values()) client.registerMetric(histogram);
  registry.onTimed((name, labels, seconds) => {
    histograms.get(name)?.observe(toLabels(name, labels), seconds);
  });
}

function createHistogram(name: TimedMetricName): Histogram<string> {
  const { help, labels, buckets, series } = SELF_METRICS[name];
  const histogram = new Histogram<string>({
    ...{ name, help, registers: [] },
    labelNames: [...labels],
    buckets: [...buckets],
  });
  for (const values of series) histogram.zero(toLabels(name, values));
  return histogram;
}

function toLabels(name: keyof typeof SELF_METRICS, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(SELF_METRICS[name].labels.map((label, at) => [label, values[at] ?? '']));
}
