/** How Tempo is configured: everything in one process, nothing outside the run's folder, quick enough for a test. */
import { join } from 'node:path';
import { CONTROL_PLANE } from './addresses.ts';

/** OTLP over HTTP, where everybody expects it. */
export const TEMPO_OTLP_PORT = 4318;
export const TEMPO_API_PORT = 3200;
const GRPC_PORT = 3201;

/** The processors that make metrics out of spans. */
export interface TempoGenerator {
  /** Where its metrics go: a Prometheus that takes remote writes. */
  readonly remoteWriteUrl: string;
  readonly processors: readonly ('service-graphs' | 'span-metrics')[];
  /** Put on every series, to tell them from others in the same Prometheus. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Every ring lives in memory and knows only this process, under the one address that it has. */
const RING = { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' };

export function toTempoConfig(folder: string, generator: TempoGenerator | undefined): object {
  return {
    stream_over_http_enabled: false,
    server: {
      http_listen_address: CONTROL_PLANE,
      http_listen_port: TEMPO_API_PORT,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: GRPC_PORT,
      log_level: 'warn',
    },
    usage_report: { reporting_enabled: false },
    distributor: {
      ring: RING,
      receivers: { otlp: { protocols: { http: { endpoint: `${CONTROL_PLANE}:${TEMPO_OTLP_PORT}` } } } },
    },
    ingester: {
      lifecycler: {
        address: '127.0.0.1',
        ring: { kvstore: RING.kvstore, replication_factor: 1 },
        // A single ingester has nobody to hand over from or to.
        min_ready_duration: '0s',
        final_sleep: '0s',
      },
      // A trace that nobody adds to is searchable after that.
      trace_idle_period: '1s',
      flush_check_period: '1s',
    },
    // It would wait a minute for others, and Tempo would not call itself ready before.
    compactor: { ring: { ...RING, wait_stability_min_duration: '0s' } },
    querier: { frontend_worker: { frontend_address: `127.0.0.1:${GRPC_PORT}` } },
    storage: {
      trace: {
        backend: 'local',
        local: { path: join(folder, 'blocks') },
        wal: { path: join(folder, 'wal') },
      },
    },
    ...(generator === undefined ? {} : toGenerator(folder, generator)),
  };
}

function toGenerator(folder: string, { remoteWriteUrl, processors, labels }: TempoGenerator): object {
  return {
    overrides: { defaults: { metrics_generator: { processors } } },
    metrics_generator: {
      ring: RING,
      registry: { collection_interval: '2s', external_labels: labels },
      processor: { service_graphs: { wait: '2s' } },
      storage: {
        path: join(folder, 'generator'),
        remote_write: [{ url: remoteWriteUrl, send_exemplars: true }],
      },
    },
  };
}
