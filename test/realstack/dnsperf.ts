/** A load that is the same every time, and what became of it: dnsperf, run inside a pod. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RealCluster } from './cluster.ts';
import type { Sandbox } from './sandbox.ts';

export interface LoadResult {
  readonly sent: number;
  readonly completed: number;
  readonly lost: number;
  /** Answers by response code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Mean, in milliseconds. */
  readonly latency: number;
}

export interface LoadOptions {
  readonly server: string;
  readonly port?: number;
  readonly names: readonly string[];
  /** Queries per second; slow enough that nothing is lost on a busy machine. */
  readonly rate: number;
  /** Seconds that an answer may take. */
  readonly patience: number;
}

/** Asks for every name once, in order. */
export async function putLoad(
  cluster: RealCluster,
  client: Sandbox,
  { server, port = 53, names, rate, patience }: LoadOptions,
): Promise<LoadResult> {
  const file = join(cluster.runFolder, 'names.txt');
  writeFileSync(file, names.map((name) => `${name} A\n`).join(''));
  const limits = ['-n', '1', '-Q', String(rate), '-q', '50', '-c', '4', '-t', String(patience)];
  return parseReport(
    await cluster.runIn(client, ['dnsperf', '-s', server, '-p', String(port), '-d', file, ...limits]),
  );
}

function parseReport(report: string): LoadResult {
  const number = (label: string): number =>
    Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(report)?.[1] ?? Number.NaN);
  const [, listed = ''] = /Response codes:\s+(.*)/.exec(report) ?? [];
  const codes = [...listed.matchAll(/(\w+) (\d+)/g)].map(
    ([, code = '', count]) => [code, Number(count)] as const,
  );
  return {
    sent: number('Queries sent'),
    completed: number('Queries completed'),
    lost: number('Queries lost'),
    codes: Object.fromEntries(codes),
    latency: number('Average Latency \\(s\\)') * 1000,
  };
}
