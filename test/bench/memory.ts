/**
 * How much memory the shipped bundle holds, with the flags of the image, beside an API server over TLS and a log that
 * grows and rotates.
 *
 *     npm run bench:memory [-- --scenarios usual,fast --seconds 60 --rounds 3 --flags='…' --snapshot FOLDER --write]
 *
 * RSS is what counts against a limit, and hardly depends on what else the machine does, unless lines are read late: a
 * row says so. What a heap holds is looked at with --snapshot, in Chromium's DevTools.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GoalName, toVerdicts } from './goals.ts';
import { type Outcome, runScenario, SCENARIOS, type ScenarioName } from './memoryScenarios.ts';
import { readNames, readOptions } from './options.ts';
import { middleOf, toTable, writeSection } from './report.ts';
import { SHIPPED_FLAGS } from './stage/sidecar.ts';

const values = readOptions({
  scenarios: Object.keys(SCENARIOS).join(','),
  seconds: 60,
  rounds: 3,
  flags: SHIPPED_FLAGS.join(' '),
  /** A folder for heap snapshots. */
  snapshot: '',
});

const SCRAPE_EVERY = 10_000;

const names = readNames('scenarios', values.scenarios, Object.keys(SCENARIOS) as ScenarioName[]);
const outcomes = new Map<ScenarioName, Outcome[]>();
for (let round = 0; round < values.rounds; round++) {
  for (const name of names) {
    const outcome = await run(name);
    outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    process.stdout.write(
      `${name}: ${JSON.stringify({ ...outcome, samples: outcome.samples.map(toMegabytes) })}\n`,
    );
  }
}
const report = [toVerdicts(toMeasured()), toRows(), toCurves()].join('\n\n');
process.stdout.write(`${report}\n`);
if (values.write)
  writeSection('memory', `npm run bench:memory -- ${process.argv.slice(2).join(' ')}`, report);

async function run(name: ScenarioName): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-memory-'));
  try {
    return await runScenario(SCENARIOS[name], {
      folder,
      seconds: values.seconds,
      scrapeEvery: SCRAPE_EVERY,
      nodeFlags: values.flags.split(' '),
      ...(values.snapshot !== '' && { snapshot: join(values.snapshot, `${name}.heapsnapshot`) }),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function toMeasured(): Partial<Record<GoalName, number>> {
  const goals: [GoalName, ScenarioName, (outcome: Outcome) => number][] = [
    ['rssAtSync', 'pods50k', ({ syncPeak }) => toMegabytes(syncPeak)],
    ['rss', 'usual', (outcome) => toMegabytes(settled(outcome))],
    ['rssFast', 'fast', (outcome) => toMegabytes(settled(outcome))],
    ['rssPods', 'manyPods', (outcome) => toMegabytes(settled(outcome))],
    ['rssUnique', 'unique', ({ peak }) => toMegabytes(peak)],
    ['spansAll', 'allSpans', toPercent],
  ];
  return Object.fromEntries(
    goals
      .filter(([, name]) => outcomes.has(name))
      .map(([goal, name, read]) => [goal, middleOf((outcomes.get(name) ?? []).map(read))]),
  );
}

/** The middle of the last third: what has grown by then stays. */
function settled({ samples }: Outcome): number {
  return middleOf(samples.slice(Math.floor((samples.length * 2) / 3)));
}

function toRows(): string {
  const head = ['', 'peak at sync', 'synced', 'under load', 'most', 'mapped from disk', 'event loop p99, ms'];
  const more = ['% of a core', 'lines', 'series', 'lost or unexplained'];
  const rows = [...outcomes].map(([name, rounds]) => {
    const of = (read: (outcome: Outcome) => number): number => middleOf(rounds.map(read));
    return [
      SCENARIOS[name].says,
      ...[of(({ syncPeak }) => syncPeak), of(({ synced }) => synced), of(settled)].map(toText),
      ...[of(({ peak }) => peak), of(({ file }) => file)].map(toText),
      of(({ loop }) => loop.p99).toFixed(1),
      of(toPercent).toFixed(1),
      String(of(({ lines }) => lines)),
      String(of(({ series }) => series)),
      [...new Set(rounds.flatMap(({ problems }) => problems))].join('; ') || 'nothing',
    ];
  });
  return `RSS in MB, middle of ${values.rounds} rounds.\n\n${toTable([[...head, ...more], ...rows])}`;
}

function toCurves(): string {
  const lines = [...outcomes].map(([name, [first]]) => {
    const { samples = [] } = first ?? {};
    const every = samples.filter((_, second) => second % 10 === 0).map(toText);
    return `- ${SCENARIOS[name].says}: ${every.join(' ')}`;
  });
  return `RSS every ten seconds of the first round:\n\n${lines.join('\n')}`;
}

/** Of a core. */
function toPercent({ cpu, elapsed }: Outcome): number {
  return (cpu / elapsed) * 100;
}

function toMegabytes(bytes: number): number {
  return bytes / 1e6;
}

function toText(bytes: number): string {
  return toMegabytes(bytes).toFixed(0);
}
