/**
 * Where the time of a line goes: a CPU profile of the whole pipeline in its second and third pass, as text.
 *
 *     npm run bench:profile [-- --lines 500000 --seed 1 --write]
 *
 * `--write` puts it into docs/profile.md. Shares count, and they too differ between runs: look at several.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toClients } from '../support/corpus.ts';
import { CONTENDERS } from './contenders.ts';
import { writeCorpus } from './corpora.ts';
import { readOptions } from './options.ts';
import { PROFILE_PAGE, toTable, writeSection } from './report.ts';
import { byFunction, byRoom, type Share, toDoubt, toFirst, toShares, withoutProfiler } from './shares.ts';

const values = readOptions({ lines: 500_000, seed: 1 });
const PASSES = 2;
/** Microseconds between two samples. */
const INTERVAL = 500;
const MOST_FUNCTIONS = 40;

const folder = mkdtempSync(join(tmpdir(), 'corespan-profile-'));
try {
  const log = join(folder, 'mixed.log');
  writeCorpus('mixed', log, values);
  const clients = toClients().map(({ address }) => address.replace(/[[\]]/g, ''));
  const read = CONTENDERS.pipeline.start(clients);
  await read(log);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await session.post('Profiler.start');
  for (let pass = 0; pass < PASSES; pass++) await read(log);
  const stopped = await session.post('Profiler.stop');
  const profile = withoutProfiler(stopped.profile);
  const shares = toShares(profile);
  const functions = toFirst(byFunction(shares), MOST_FUNCTIONS);
  const report = [toRows('room', byRoom(shares)), toRows('function', functions)].join('\n\n');
  process.stdout.write(`${report}\n`);
  const doubt = toDoubt(profile);
  if (doubt !== undefined) process.stderr.write(`${doubt}\n`);
  if (values.write) {
    const command = `npm run bench:profile -- ${process.argv.slice(2).join(' ')}`;
    writeSection('profile', command, report, PROFILE_PAGE);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function toRows(head: string, shares: readonly Share[]): string {
  return toTable([
    [head, 'share of the time'],
    ...shares.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]),
  ]);
}
