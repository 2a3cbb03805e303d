/** Tables of what was measured, ratios first, and their place in docs/benchmarks.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Measured {
  readonly says: string;
  readonly rounds: Figures[];
}

/** Of one round; seconds of CPU, bytes. `cold` and `steady` only where a process reads the log more than once. */
export interface Figures {
  readonly whole: number;
  readonly cold: number | undefined;
  readonly steady: number | undefined;
  readonly memory: number;
}

const PAGE = join(import.meta.dirname, '../../docs/benchmarks.md');
export const PROFILE_PAGE = join(import.meta.dirname, '../../docs/profile.md');

export function toReport(input: {
  readonly title: string;
  readonly lines: number;
  readonly measured: ReadonlyMap<string, Measured>;
}): string {
  const { title, lines, measured } = input;
  const base = measured.get('edges')?.rounds ?? [];
  const floor = measured.get('c')?.rounds ?? [];
  const rows = [...measured.values()].map(({ says, rounds }) => {
    const whole = spreadOf(rounds.map((round, at) => round.whole / (base[at]?.whole ?? Number.NaN)));
    const steady = spreadOf(
      rounds.map((round, at) => (round.steady ?? Number.NaN) / (floor[at]?.whole ?? Number.NaN)),
    );
    return [
      says,
      whole,
      steady,
      toMicroseconds(
        rounds.map((round) => round.whole),
        lines,
      ),
      toMicroseconds(
        rounds.map((round) => round.cold),
        lines,
      ),
      toMicroseconds(
        rounds.map((round) => round.steady),
        lines,
      ),
      `${Math.round(middleOf(rounds.map(({ memory }) => memory)) / 1e6)}`,
    ];
  });
  const head = [
    'CPU',
    'whole process ÷ ours with edges',
    'steady ÷ C',
    'whole process, µs a line',
    'first pass',
    'later passes',
    'largest RSS, MB',
  ];
  return `### ${title}\n\n${toTable([head, ...rows])}`;
}

/** The median; of nothing NaN. */
export function middleOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + upper) / 2;
}

/** Replaces one section of docs/benchmarks.md, or of another page: what stands between its two marks. */
export function writeSection(name: string, command: string, text: string, path = PAGE): void {
  const page = readFileSync(path, 'utf8');
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${name}`);
  const section = `${begin}\n\n${toConditions(command)}\n\n${text}\n\n`;
  writeFileSync(path, page.slice(0, from) + section + page.slice(to));
}

function toConditions(command: string): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `Measured ${day} on ${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Node ${process.versions.node}: \`${command}\`.`;
}

/** Median and spread of some ratios. */
function spreadOf(ratios: readonly number[]): string {
  const known = ratios.filter((ratio) => Number.isFinite(ratio)).sort((a, b) => a - b);
  if (known.length === 0) return '';
  return `${toFigure(middleOf(known))} (${toFigure(known[0] ?? 0)}–${toFigure(known.at(-1) ?? 0)})`;
}

function toMicroseconds(seconds: readonly (number | undefined)[], lines: number): string {
  const known = seconds.filter((one) => one !== undefined);
  return known.length === 0 ? '' : toFigure((middleOf(known) / lines) * 1e6);
}

function toFigure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function toTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
