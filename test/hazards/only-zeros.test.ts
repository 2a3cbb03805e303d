/** A log that begins with more zeros than fit into one window and goes on with nothing, as a power cut leaves it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { toQueryLog } from '../support/queryLog.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-zeros-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ZEROS = '\0'.repeat(70_000);
const LOG = toQueryLog(10);

it.each([
  { behind: 'nothing', text: '', lookups: 0 },
  { behind: 'the beginning of a line', text: LOG.slice(0, 40), lookups: 0 },
  { behind: 'lines', text: LOG, lookups: 10 },
])('zeros and $behind behind them are read to the end', async ({ text, lookups }) => {
  const log = join(folder, 'coredns.log');
  writeFileSync(log, ZEROS + text);
  const { code, stdout } = await runCorespan(['replay', log, '--cluster', 'none', '--json']);
  const summary: Summary = JSON.parse(stdout);
  expect([code, summary.lookups.success]).toEqual([0, lookups]);
});
