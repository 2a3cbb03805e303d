/** Prometheus in two generations, scraping what it is told, with exemplars and a door for remote writes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, type MonitoringPlace, makeBackendFolder, startBackend } from './monitoring.ts';
import { toBinary } from './programs.ts';
import { createPrometheusApi, type PrometheusApi } from './prometheusApi.ts';

/** 2.42: Debian's, the old PromQL. 3.15: built here. */
export type PrometheusGeneration = '2.42' | '3.15';
export const PROMETHEUS_GENERATIONS: readonly PrometheusGeneration[] = ['2.42', '3.15'];

export interface ScrapeJob {
  readonly job: string;
  /** `<address>:<port>` */
  readonly targets: readonly string[];
  /** Put on everything that comes from there, as service discovery does. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What it asks for, OpenMetrics unless given; 2.42 cannot be told and always prefers OpenMetrics. */
  readonly format?: 'openmetrics' | 'text';
}

export interface PrometheusOptions {
  readonly generation: PrometheusGeneration;
  readonly jobs: readonly ScrapeJob[];
  /** Path of a file of rules, evaluated at every scrape. */
  readonly rules?: string;
  /** 9090 for the old one, 9093 for the new one unless given. */
  readonly port?: number;
}

export interface Prometheus extends Backend, PrometheusApi {
  readonly generation: PrometheusGeneration;
  readonly remoteWriteUrl: string;
}

/** The shortest that leaves a small machine time for other things. */
const SCRAPE_INTERVAL = '1s';

export async function startPrometheus(
  place: MonitoringPlace,
  options: PrometheusOptions,
): Promise<Prometheus> {
  const { generation, port = generation === '2.42' ? 9090 : 9093 } = options;
  const name = `prometheus-${generation}`;
  const folder = makeBackendFolder(place, name);
  const config = join(folder, 'prometheus.json');
  writeFileSync(config, JSON.stringify(toPrometheusConfig(options), undefined, 2));
  const backend = await startBackend(place, {
    name,
    argv: [
      generation === '2.42' ? '/usr/bin/prometheus' : toBinary('prometheus', 'prometheus'),
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=0.0.0.0:${port}`,
      '--enable-feature=exemplar-storage',
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ],
    port,
    readyPath: '/-/ready',
  });
  return {
    ...backend,
    ...createPrometheusApi(backend),
    generation,
    remoteWriteUrl: `${backend.url}/api/v1/write`,
  };
}

/** JSON is YAML. */
function toPrometheusConfig({ generation, jobs, rules }: PrometheusOptions): object {
  return {
    global: {
      scrape_interval: SCRAPE_INTERVAL,
      scrape_timeout: SCRAPE_INTERVAL,
      evaluation_interval: SCRAPE_INTERVAL,
    },
    rule_files: rules === undefined ? [] : [rules],
    storage: { exemplars: { max_exemplars: 100_000 } },
    scrape_configs: jobs.map(({ job, targets, labels = {}, format = 'openmetrics' }) => ({
      job_name: job,
      ...(generation === '2.42' ? {} : { scrape_protocols: [PROTOCOLS[format]] }),
      static_configs: [{ targets, labels }],
    })),
  };
}

const PROTOCOLS = { openmetrics: 'OpenMetricsText1.0.0', text: 'PrometheusText0.0.4' } as const;
