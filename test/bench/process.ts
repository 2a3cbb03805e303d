/**
 * What the shipped bundle costs as a process: its start, standing idle, a backlog, and the time until a line counts.
 *
 *     npm run bench:process [-- --rounds 5 --idle 60 --lines 3000000 --marks 100 --write]
 *
 * CPU time is what the kernel says; where the machine is shared with others it is larger than it would be alone, so the
 * backlog is held against the C program that reads the same file in the same round.
 */
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toVerdicts } from './goals.ts';
import { readOptions } from './options.ts';
import {
  type CaughtUp,
  catchUp,
  type Idle,
  standIdle,
  startApi,
  timeMarks,
  writeBacklog,
} from './processRuns.ts';
import { middleOf, toTable, writeSection } from './report.ts';
import { prepareRivals, RIVALS, runRival } from './rivals.ts';

const values = readOptions({ rounds: 5, idle: 60, lines: 3_000_000, marks: 100 });
const { lines } = values;
/** Seconds after the start: the memory reducer of V8 comes twice within them. */
const SETTLE = 20;
const PODS = 1_000;
const ACTIVE_RATE = 1_000;

const root = mkdtempSync(join(tmpdir(), 'corespan-process-'));
const api = await startApi(PODS);
try {
  prepareRivals(root);
  const backlog = writeBacklog(join(root, 'backlog'), 'mixed', lines);
  const idles: Idle[] = [];
  const backlogs: (CaughtUp & { readonly floor: number })[] = [];
  const delays: number[] = [];
  for (let round = 0; round < values.rounds; round++) {
    idles.push(await standIdle(toSurroundings(`idle-${round}`), { settle: SETTLE, seconds: values.idle }));
    const surroundings = toSurroundings(`backlog-${round}`);
    shareBacklog(backlog, surroundings.folder);
    const { whole: floor } = runRival(RIVALS.c, root, backlog);
    const caughtUp = await catchUp(surroundings, lines);
    if (caughtUp.problems.length > 0 || caughtUp.lines !== lines) throw new Error(JSON.stringify(caughtUp));
    backlogs.push({ ...caughtUp, floor });
    const marks = { rate: ACTIVE_RATE, marks: Math.ceil(values.marks / values.rounds) };
    delays.push(...(await timeMarks(toSurroundings(`delay-${round}`), marks)));
    process.stdout.write(`round ${round + 1}: ${JSON.stringify([idles.at(-1), backlogs.at(-1)])}\n`);
  }
  const report = toReport(idles, backlogs, delays);
  process.stdout.write(`${report}\n`);
  if (values.write)
    writeSection('process', `npm run bench:process -- ${process.argv.slice(2).join(' ')}`, report);
} finally {
  await api.stop();
  rmSync(root, { recursive: true });
}

function toSurroundings(name: string) {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  return { folder, api: api.ready };
}

/** The same file under another name, where it can be had. */
function shareBacklog(backlog: string, folder: string): void {
  const path = join(folder, backlog.slice(join(root, 'backlog').length));
  mkdirSync(dirname(path), { recursive: true });
  try {
    linkSync(backlog, path);
  } catch {
    copyFileSync(backlog, path);
  }
}

function toReport(
  idles: readonly Idle[],
  backlogs: readonly (CaughtUp & { readonly floor: number })[],
  delays: readonly number[],
): string {
  const [start, idle] = [idles.map(({ startMs }) => startMs), idles.map(({ share }) => share * 100)];
  const [cpu, floor] = [backlogs.map((one) => one.cpu), backlogs.map((one) => one.floor)];
  const p99 = backlogs.map(({ loop }) => loop.p99);
  const verdicts = toVerdicts({
    start: middleOf(start),
    idle: middleOf(idle),
    backlog: middleOf(cpu),
    backlogLoop: middleOf(p99),
    delay: percentileOf(delays, 99),
  });
  const row = (says: string, all: readonly number[], unit: string): string[] => [
    says,
    ...[Math.min(...all), middleOf(all), Math.max(...all)].map((value) => `${value.toFixed(2)} ${unit}`),
  ];
  const table = toTable([
    ['', 'least', 'middle', 'most'],
    row('start to ready', start, 'ms'),
    row('idle, watch connected', idle, '% of a core'),
    row(`${lines} lines`, cpu, 's of CPU'),
    row('the same, C program', floor, 's of CPU'),
    row(
      'ours ÷ C, in one round',
      cpu.map((one, round) => one / (floor[round] ?? Number.NaN)),
      '×',
    ),
    row('event loop p99 meanwhile', p99, 'ms'),
    row(`line written → metric, at ${ACTIVE_RATE} lines/s`, delays, 'ms'),
  ]);
  return `${verdicts}\n\n${table}`;
}

/** The value that `percent` of them do not exceed. */
function percentileOf(numbers: readonly number[], percent: number): number {
  const at = Math.floor(((numbers.length - 1) * percent) / 100);
  return numbers.toSorted((a, b) => a - b)[at] ?? Number.NaN;
}
