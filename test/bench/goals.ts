/** What corespan may cost, and what was tried where it costs more: the tables of docs/benchmarks.md. */
import { toTable } from './report.ts';

export interface Goal {
  readonly says: string;
  /** At most this, or at least this. */
  readonly limit: { readonly most: number } | { readonly least: number };
  readonly unit: string;
  /** Shown when the goal is missed: what was tried, and why it is as it is. */
  readonly tried?: string;
}

export const GOALS = {
  mtail: {
    says: 'mtail ÷ ours with the same labels, whole process, 3,000,000 lines',
    limit: { least: 15 },
    unit: '×',
  },
  mtailShort: { says: 'the same, 500,000 lines', limit: { least: 8 }, unit: '×' },
  floor: { says: 'ours with edges, steady ÷ C', limit: { most: 2.5 }, unit: '×' },
  cold: { says: 'whole pipeline, first pass', limit: { least: 1 }, unit: 'M lines/s and core' },
  steady: { says: 'whole pipeline, later passes', limit: { least: 2 }, unit: 'M lines/s and core' },
  growth: {
    says: 'whole pipeline, a line where every name is new ÷ one of the mixed log',
    limit: { most: 1.5 },
    unit: '×',
  },
  rssAtSync: { says: 'peak RSS while 50,000 pods are read', limit: { most: 160 }, unit: 'MB' },
  rss: {
    says: 'RSS at 10,000 lines/s, 10,000 series, 5,000 pods, 1 % spans',
    limit: { most: 100 },
    unit: 'MB',
    tried:
      '57 MB are pages of Node itself; the rest is what V8 lets the heap grow by between two collections. Tried and kept: closed lookups let go at once, one arena of malloc, half the questions, scripts in one byte a character. Tried and not kept: `--optimize-for-size` and `--heap-growing-percent`, which save memory for CPU, and a young generation of 4 or 8 MB, which saves nothing. Single runs on a busy machine: to be measured again.',
  },
  rssFast: { says: 'RSS at 40,000 lines/s', limit: { most: 128 }, unit: 'MB' },
  rssPods: { says: 'RSS at 10,000 lines/s with 10,000 pods', limit: { most: 128 }, unit: 'MB' },
  rssUnique: { says: 'RSS under 1,000,000 unique names', limit: { most: 128 }, unit: 'MB' },
  idle: { says: 'CPU when nothing happens, watch connected', limit: { most: 0.3 }, unit: '% of a core' },
  start: { says: 'start to ready, 1,000 pods', limit: { most: 500 }, unit: 'ms' },
  backlog: { says: 'CPU for a backlog of 3,000,000 lines', limit: { most: 3 }, unit: 's' },
  backlogLoop: { says: 'event loop p99 while the backlog is read', limit: { most: 20 }, unit: 'ms' },
  scrape10k: { says: 'scrape of 10,000 series', limit: { most: 5 }, unit: 'ms' },
  scrape50k: { says: 'scrape of 50,000 series', limit: { most: 20 }, unit: 'ms' },
  scrapePiece: { says: 'longest piece of that scrape', limit: { most: 10 }, unit: 'ms' },
  scrapeRatio: { says: 'prom-client ÷ ours, 10,000 series', limit: { least: 4 }, unit: '×' },
  spanRatio: { says: 'SDK and BatchSpanProcessor ÷ ours, per span', limit: { least: 1 }, unit: '×' },
  spansAll: { says: '100 % spans of 10,000 lookups/s', limit: { most: 6 }, unit: '% of a core' },
  spansLost: { says: 'spans lost without being counted', limit: { most: 0 }, unit: '' },
  share1k: { says: 'CPU ÷ CoreDNS at 1,000 q/s', limit: { most: 10 }, unit: '%' },
  share10k: { says: 'CPU ÷ CoreDNS at 10,000 q/s', limit: { most: 3 }, unit: '%' },
  shareMost: { says: 'CPU ÷ CoreDNS at all it can', limit: { most: 3 }, unit: '%' },
  delay: { says: 'line written → metric, p99', limit: { most: 250 }, unit: 'ms' },
} as const satisfies Record<string, Goal>;

export type GoalName = keyof typeof GOALS;

/** One row for each goal that was measured. */
export function toVerdicts(measured: Readonly<Partial<Record<GoalName, number>>>): string {
  const names = (Object.keys(GOALS) as GoalName[]).filter((name) => measured[name] !== undefined);
  const rows = names.map((name) => {
    const goal: Goal = GOALS[name];
    const value = measured[name] ?? Number.NaN;
    return [
      goal.says,
      toLimitText(goal),
      `${toShortText(value)} ${goal.unit}`.trim(),
      toVerdict(goal, value),
    ];
  });
  return toTable([['goal', 'wanted', 'measured', 'verdict'], ...rows]);
}

function toLimitText({ limit, unit }: Goal): string {
  return `${'most' in limit ? `≤ ${limit.most}` : `≥ ${limit.least}`} ${unit}`.trim();
}

function toVerdict({ limit, tried = 'nothing was tried yet' }: Goal, value: number): string {
  const isMet = 'most' in limit ? value <= limit.most : value >= limit.least;
  return isMet ? 'met' : `**missed**: ${tried}`;
}

export function toShortText(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
