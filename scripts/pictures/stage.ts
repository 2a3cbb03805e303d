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
  /** Resolves once nothing of it runs any more. */
  stop(): Promise<void>;
}

const CORESPAN = '127.0.0.1:29464';
const PROMETHEUS = '127.0.0.1:29090';

/** Resolves once there is `seconds` worth of traffic; rejects as soon as one of the two has ended. */
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
    start(process.execPath, ['src/main.ts', 'demo', '--listen', CORESPAN]),
    start(program, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${PROMETHEUS}`,
    ]),
  ];
  async function stop(): Promise<void> {
    for (const child of children) child.kill();
    // Prometheus writes into the folder until it is gone.
    await Promise.all(children.map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  }
  const early = await Promise.race([pause(seconds * 1_000), ...children.map(({ ended }) => ended)]);
  if (early !== undefined) {
    await stop();
    throw new Error(early);
  }
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
    stop,
  };
}

interface Child {
  /** Why it does not run any more. */
  readonly ended: Promise<string>;
  kill(): void;
}

function start(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) => resolve(`${program} ended: ${signal ?? `exit code ${code}`}`));
  });
  return { ended, kill: () => child.kill() };
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
