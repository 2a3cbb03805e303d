/** The logs and the cluster's history once more, as a user would replay them; and with one line taken away. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Summary } from '../../src/commands/summary.ts';
import { type OtlpSpan, readSpans } from '../support/truth.ts';
import { prepareBundle } from './bundle.ts';
import { run } from './commands.ts';
import { type FoundWithQueries, toFoundWithQueries } from './liveAccount.ts';

export interface Replayed {
  readonly lines: number;
  readonly spans: readonly OtlpSpan[];
  readonly found: readonly FoundWithQueries[];
}

/** `out` is a file that is written. */
export async function replay(pods: string, cluster: string, out: string): Promise<Replayed> {
  const args = ['replay', pods, '--cluster', cluster, '--json', '--span-rate', '1000000', '--spans-out', out];
  const stdout = await run([process.execPath, join(await prepareBundle(), 'corespan.cjs'), ...args]);
  const summary = JSON.parse(stdout) as Summary;
  const spans = readSpans(readFileSync(out, 'utf8'));
  return { lines: summary.lines.read, spans, found: toFoundWithQueries(spans) };
}

/** A copy of the logs in which the one file (a path below `pods`) lacks the first line that says this. */
export function copyWithoutLine(
  pods: string,
  copy: string,
  { file, says }: { readonly file: string; readonly says: string },
): void {
  cpSync(pods, copy, { recursive: true });
  const path = join(copy, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes(says));
  if (at < 0) throw new Error(`${path} has no line that says ${says}`);
  writeFileSync(path, lines.toSpliced(at, 1).join('\n'));
}
