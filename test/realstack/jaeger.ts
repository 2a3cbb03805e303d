/** Jaeger with its memory store: takes OTLP, finds traces by service, by tag and by id. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_PLANE } from './addresses.ts';
import { createJaegerApi, type JaegerApi } from './jaegerApi.ts';
import {
  type Backend,
  type MonitoringPlace,
  makeBackendFolder,
  startBackend,
  toBackendUrl,
} from './monitoring.ts';
import { toBinary } from './programs.ts';

export interface Jaeger extends Backend, JaegerApi {
  /** Base URL, as for `--otlp-endpoint`. */
  readonly otlpUrl: string;
}

const API_PORT = 16_686;
/** Not 4318: Tempo stands in the same network. */
const OTLP_PORT = 14_318;

export async function startJaeger(place: MonitoringPlace): Promise<Jaeger> {
  const name = 'jaeger';
  const config = join(makeBackendFolder(place, name), 'jaeger.json');
  writeFileSync(config, JSON.stringify(CONFIG, undefined, 2));
  const backend = await startBackend(place, {
    name,
    argv: [toBinary('jaeger', 'jaeger'), `--config=file:${config}`],
    port: API_PORT,
    readyPath: '/api/services',
  });
  return { ...backend, ...createJaegerApi(backend), otlpUrl: toBackendUrl(OTLP_PORT) };
}

/** A pipeline of the Collector, which Jaeger is one of: OTLP in, memory out, and the query side of it. */
const CONFIG = {
  receivers: { otlp: { protocols: { http: { endpoint: `${CONTROL_PLANE}:${OTLP_PORT}` } } } },
  processors: { batch: { timeout: '200ms' } },
  exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  extensions: {
    jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
    jaeger_query: {
      storage: { traces: 'memory' },
      http: { endpoint: `${CONTROL_PLANE}:${API_PORT}` },
      grpc: { endpoint: '127.0.0.1:16685' },
    },
  },
  service: {
    extensions: ['jaeger_storage', 'jaeger_query'],
    pipelines: {
      traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
    },
    telemetry: { logs: { level: 'warn' }, metrics: { level: 'none' } },
  },
};
