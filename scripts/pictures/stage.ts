/** corespan's demo and a real Prometheus that scrapes it, on this machine only, for as long as a picture takes. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isBuilt, toBinary } from '../../test/realstack/programs.ts';
import type { Line } from './charts.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

export interface Stage {
  query(promql: string): Promise<readonly Sample[]>;
  /** The last `seconds`; each series under its legend. */
  lines(promql: string, view: { readonly seconds: number; readonly legend: string }): Promise<Line[]>;
  stop(): void;
}

const CORESPAN = '127.0.0.1:29464';
const PROMETHEUS = '127.0.0.1:29090';

/** Resolves once there is `seconds` worth of traffic. */
export async function setStage(seconds: number): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-pictures-'));
  const config = join(folder, 'prometheus.json');
  const job = { job_name: 'corespan', static_configs: [{ targets: [CORESPAN] }] };
  writeFileSync(
    config,
    JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [job] }),
  );
  // A Prometheus of the system will do as well.
  const program = isBuilt('prometheus') ? toBinary('prometheus', 'prometheus') : 'prometheus';
  const children = [
    spawn(process.execPath, ['src/main.ts', 'demo', '--listen', CORESPAN], { stdio: 'ignore' }),
    spawn(
      program,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${PROMETHEUS}`,
      ],
      { stdio: 'ignore' },
    ),
  ];
  for (const child of children) child.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await pause(seconds * 1_000);
  return {
    query: (query) => ask<Sample>('query', { query }),
    async lines(query, { seconds, legend }) {
      const end = Math.floor(Date.now() / 1_000);
      const found = await ask<Range>('query_range', { query, start: end - seconds, end, step: 2 });
      return found.map(({ metric, values }) => ({
        legend: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => metric[name] ?? ''),
        points: values
          .map(([time, value]) => [time, Number(value)] as const)
          .filter(([, value]) => Number.isFinite(value)),
      }));
    },
    stop() {
      for (const child of children) child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Range {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

async function ask<T>(
  what: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<readonly T[]> {
  const search = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  );
  const response = await fetch(`http://${PROMETHEUS}/api/v1/${what}?${search.toString()}`);
  const answer = (await response.json()) as {
    readonly data?: { readonly result: readonly T[] };
    readonly error?: string;
  };
  if (answer.data === undefined) throw new Error(`Prometheus refuses ${what}: ${answer.error}`);
  return answer.data.result;
}
