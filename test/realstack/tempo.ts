/** Tempo in one process: takes OTLP, finds traces by id and TraceQL, and makes metrics of spans if told to. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Backend,
  type MonitoringPlace,
  makeBackendFolder,
  startBackend,
  toBackendUrl,
} from './monitoring.ts';
import { toBinary } from './programs.ts';
import { createTempoApi, type TempoApi } from './tempoApi.ts';
import { TEMPO_API_PORT, TEMPO_OTLP_PORT, type TempoGenerator, toTempoConfig } from './tempoConfig.ts';

export interface TempoOptions {
  /** None unless given. */
  readonly generator?: TempoGenerator;
}

export interface Tempo extends Backend, TempoApi {
  /** Base URL, as for `--otlp-endpoint`. */
  readonly otlpUrl: string;
}

/** Takes about 15 s until it calls itself ready. */
export async function startTempo(place: MonitoringPlace, { generator }: TempoOptions = {}): Promise<Tempo> {
  const name = 'tempo';
  const folder = makeBackendFolder(place, name);
  const config = join(folder, 'tempo.json');
  writeFileSync(config, JSON.stringify(toTempoConfig(folder, generator), undefined, 2));
  const backend = await startBackend(place, {
    name,
    argv: [toBinary('tempo', 'tempo'), `-config.file=${config}`],
    port: TEMPO_API_PORT,
    readyPath: '/ready',
  });
  return { ...backend, ...createTempoApi(backend), otlpUrl: toBackendUrl(TEMPO_OTLP_PORT) };
}
