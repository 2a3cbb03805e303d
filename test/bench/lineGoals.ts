/** What the benchmark of lines says about the goals: ratios within a round, then the middle. */
import type { CorpusName } from './corpora.ts';
import type { GoalName } from './goals.ts';
import { type Figures, type Measured, middleOf } from './report.ts';

/** A log this long is a backlog: rivals have warmed up by then, and so have we. */
const LONG = 1_000_000;

/** The part of docs/benchmarks.md that a log of this length belongs to. */
export function toSection(lines: number): 'lines' | 'lines-long' {
  return lines >= LONG ? 'lines-long' : 'lines';
}

/** Only what was measured; rates in millions of lines a second of CPU. */
export function toGoals(
  all: ReadonlyMap<CorpusName, ReadonlyMap<string, Measured>>,
  lines: number,
): Partial<Record<GoalName, number>> {
  const mixed = all.get('mixed');
  const mtail = toRatio(mixed?.get('mtail'), mixed?.get('edges'), ({ whole }) => whole);
  const floor = toRatio(mixed?.get('edges'), mixed?.get('c'), ({ steady, whole }) => steady ?? whole);
  const pipeline = mixed?.get('pipeline')?.rounds ?? [];
  const rate = (seconds: readonly (number | undefined)[]): number =>
    lines / 1e6 / middleOf(seconds.filter((one) => one !== undefined));
  const growth = toRatio(all.get('unique')?.get('pipeline'), mixed?.get('pipeline'), ({ steady }) => steady);
  const goals: Partial<Record<GoalName, number | undefined>> = {
    [lines >= LONG ? 'mtail' : 'mtailShort']: mtail,
    floor,
    cold: rate(pipeline.map(({ cold }) => cold)),
    steady: rate(pipeline.map(({ steady }) => steady)),
    growth,
  };
  const known = Object.entries(goals).filter(([, value]) => value !== undefined && Number.isFinite(value));
  return Object.fromEntries(known);
}

function toRatio(
  a: Measured | undefined,
  b: Measured | undefined,
  read: (figures: Figures) => number | undefined,
): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  return middleOf(
    a.rounds.map((figures, round) => {
      const other = b.rounds[round];
      return (read(figures) ?? Number.NaN) / ((other && read(other)) ?? Number.NaN);
    }),
  );
}
