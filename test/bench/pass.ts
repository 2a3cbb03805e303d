/**
 * A process of its own for one contender: reads one log a few times and prints what it cost, as JSON. In the first pass
 * the code is cold and every name is new; later ones are what a process that has run for a while does.
 *
 *     node --expose-gc pass.ts CONTENDER LOG CLIENTS.json PASSES
 *
 * `npm run bench` runs it bundled (bundledPass.ts): a CommonJS module, so nothing is awaited at the top.
 */
import { readFileSync } from 'node:fs';
import { readMemory } from '../support/procfs.ts';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import type { Tally } from './tally.ts';

export interface Passes {
  readonly tally: Tally;
  /** CPU seconds from the start of the process to the end of the first pass. */
  readonly whole: number;
  /** CPU seconds of each pass; in the first the code is cold and the tables are empty. */
  readonly passes: readonly number[];
  /** Largest resident set, in bytes. */
  readonly memory: number;
}

void run();

async function run(): Promise<void> {
  const [name, log = '', clientsFile = '', count = '1'] = process.argv.slice(2);
  const contender = CONTENDERS[name as ContenderName];
  const clients = JSON.parse(readFileSync(clientsFile, 'utf8')) as string[];
  const passes: number[] = [];
  const read = contender.start(clients);
  let whole = 0;
  let tally: Tally | undefined;
  for (let pass = 0; pass < Number(count); pass++) {
    globalThis.gc?.();
    const before = toSeconds(process.cpuUsage());
    tally = await read(log);
    const after = toSeconds(process.cpuUsage());
    passes.push(after - before);
    if (pass === 0) whole = after;
  }
  // Not `maxRSS`: that begins with what the process that started this one had.
  const memory = readMemory(process.pid).peak;
  process.stdout.write(`${JSON.stringify({ tally, whole, passes, memory })}\n`);
}

function toSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
