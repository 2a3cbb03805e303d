/**
 * How many lines a second one core takes: the parser alone and the whole pipeline, beside the plain parser.
 *
 *     npm run bench [-- --lines 500000 --rounds 7 --seed 1]
 *
 * Correctness first: a contender whose counts differ from the plain parser's is not timed. Contenders take turns in
 * each round and the ratio is taken within the round, so that a noisy machine disturbs all alike; CPU time counts,
 * not the clock on the wall.
 */
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateCorpus } from '../support/corpus.ts';
import { type Contender, createContenders, type Tally } from './contenders.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
  },
});
const lines = Number(values.lines);
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), 'corespan-bench-'));
try {
  await main(join(folder, 'corpus.log'));
} finally {
  rmSync(folder, { recursive: true });
}

async function main(path: string): Promise<void> {
  say(`corpus: ${lines.toLocaleString('en')} lines, seed ${values.seed}, CRI form`);
  const bytes = writeCorpus(path);
  say(`        ${(bytes / lines).toFixed(0)} bytes a line`);
  const contenders = await createContenders(path);
  await checkAll(contenders);
  const times = await timeAll(contenders);
  const [plain] = contenders;
  say(`\nNode ${process.versions.node}, ${cpus()[0]?.model.trim()}, medians of ${rounds} rounds, CPU time`);
  for (const { name } of contenders) {
    const own = times.get(name) ?? [];
    const base = times.get(plain?.name ?? '') ?? [];
    const ratios = own.map((seconds, round) => (base[round] ?? 0) / seconds);
    const rate = lines / median(own);
    say(
      `${name.padEnd(30)} ${rate
        .toFixed(0)
        .replace(/\B(?=(\d{3})+$)/g, ',')
        .padStart(
          11,
        )} lines/s/core  ${(1e9 / rate).toFixed(0).padStart(5)} ns/line  ${median(ratios).toFixed(2)} × the plain parser`,
    );
  }
}

function writeCorpus(path: string): number {
  const file = openSync(path, 'w');
  let bytes = 0;
  for (const piece of generateCorpus({ lines, seed: Number(values.seed) })) {
    writeSync(file, piece);
    bytes += piece.length;
  }
  return bytes;
}

/** The first pass of each is its warm-up too. */
async function checkAll(contenders: readonly Contender[]): Promise<void> {
  let expected: Tally | undefined;
  for (const { name, run } of contenders) {
    const tally = await run();
    expected ??= tally;
    const differs = Object.entries(tally).some(([key, count]) => expected?.[key as keyof Tally] !== count);
    if (differs) {
      throw new Error(
        `${name} counts otherwise: ${JSON.stringify(tally)} instead of ${JSON.stringify(expected)}`,
      );
    }
  }
  say(`equal:  ${JSON.stringify(expected)}`);
}

async function timeAll(contenders: readonly Contender[]): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) {
      globalThis.gc?.();
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      times.get(name)?.push((user + system) / 1e6);
    }
  }
  return times;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
