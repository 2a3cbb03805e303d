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

const READING =
  "a query becomes an object of 13 members that the rivals do not make, and 39,000 different questions do not fit the processor's cache. Kept: whole questions as one key, positions in local variables, one pass over each number.";
const LINE =
  'no function of ours has a tenth of the time; what counts is how many objects a query touches and leaves behind. Kept: names with numbers (ADR 011), edges found by their ends (ADR 012), records that leave nothing behind (ADR 013), labels as one number, spans made without spreads, no accessors and no remainders in C on the way (docs/profile.md), hashes before texts, four looks a second instead of ten. Not tried: columns instead of objects in `lookups`.';
const MEMORY =
  '58 MB are pages of Node itself; the rest is what V8 lets the heap grow by between two collections. Kept: closed lookups let go at once, one arena of malloc, half the questions, scripts in one byte a character, no allocation in the old generation (ADR 013: 10 MB). Not kept: `--optimize-for-size` and `--heap-growing-percent`, which save memory for CPU; a young generation of 2 MB, which saved 1 MB for 7 % of the CPU (one run each).';

const SPANS =
  'a span takes half of what it took (12.0 µs of 23.5, side by side; 8.3 on a quieter machine): ours are written from parts that are encoded once and packed at level 1 (ADR 014), and built in 2.0 to 2.5 µs. What is left is packing, collecting garbage and HTTP. Not tried: attributes put together from what questions, targets and DNS pods have in common.';

const GROWTH =
  'no table is searched through, but each client is remembered, and 10,000 lie in more memory than the caches of the processor hold. Each pod is a workload of its own here, of which 2,000 get rows and edges. Kept: who had no room is not asked about again before there is some (3.7 × before, 3.2 × after, one run each). Not tried: one table for the open lookups of all clients instead of one each.';

export const GOALS = {
  mtail: {
    says: 'mtail ÷ ours with the same labels, whole process, 3,000,000 lines',
    limit: { least: 15 },
    unit: '×',
    tried: READING,
  },
  mtailShort: {
    says: 'mtail ÷ ours with the same labels, whole process, 500,000 lines',
    limit: { least: 8 },
    unit: '×',
    tried: READING,
  },
  floor: { says: 'ours with edges, steady ÷ C', limit: { most: 2.5 }, unit: '×', tried: READING },
  cold: { says: 'whole pipeline, first pass', limit: { least: 1 }, unit: 'M lines/s and core', tried: LINE },
  steady: {
    says: 'whole pipeline, later passes',
    limit: { least: 2 },
    unit: 'M lines/s and core',
    tried: LINE,
  },
  growth: {
    says: 'whole pipeline, a line where every name is new ÷ one of the mixed log',
    limit: { most: 1.5 },
    unit: '×',
    tried:
      'each line makes a question, a name, a target and most make a lookup, which the mixed log makes once for many lines; tables are bounded.',
  },
  growthLines: { says: 'a line after 100 times as many lines ÷ before', limit: { most: 1.5 }, unit: '×' },
  growthNames: { says: 'with 10,000 names ÷ with 100', limit: { most: 1.5 }, unit: '×', tried: GROWTH },
  growthPods: {
    says: 'with 10,000 pods that ask ÷ with 100',
    limit: { most: 1.5 },
    unit: '×',
    tried: GROWTH,
  },
  growthEdges: { says: 'with 2,000 edges ÷ with 20', limit: { most: 1.5 }, unit: '×', tried: GROWTH },
  rssAtSync: {
    says: 'peak RSS while 50,000 pods are read',
    limit: { most: 160 },
    unit: 'MB',
    tried:
      'pods are cut to what is needed as they are read, and 1.1 kB are kept of one that is an endpoint (ADR 015; 2.6 kB before, and 240 MB). Not tried: a parser that skips what is not kept, a collection of garbage when all is read.',
  },
  rss: {
    says: 'RSS at 10,000 lines/s, 10,000 series, 5,000 pods, 1 % spans',
    limit: { most: 100 },
    unit: 'MB',
    tried: MEMORY,
  },
  rssFast: { says: 'RSS at 40,000 lines/s', limit: { most: 128 }, unit: 'MB', tried: MEMORY },
  rssPods: {
    says: 'RSS at 10,000 lines/s with 10,000 pods',
    limit: { most: 128 },
    unit: 'MB',
    tried: MEMORY,
  },
  rssUnique: {
    says: 'RSS while every name is new, 20,000 lines/s',
    limit: { most: 128 },
    unit: 'MB',
    tried: MEMORY,
  },
  idle: {
    says: 'CPU when nothing happens, watch connected',
    limit: { most: 0.3 },
    unit: '% of a core',
    tried:
      'the log is looked at every second when idle, and the garbage of the start is collected within the first minute.',
  },
  start: {
    says: 'start to ready, 1,000 pods',
    limit: { most: 500 },
    unit: 'ms',
    tried:
      'one bundle as CommonJS, and what only some runs need (SDK, exporters, YAML) is loaded by those alone.',
  },
  backlog: { says: 'CPU for a backlog of 3,000,000 lines', limit: { most: 3 }, unit: 's', tried: LINE },
  backlogLoop: { says: 'event loop p99 while the backlog is read', limit: { most: 20 }, unit: 'ms' },
  scrape10k: { says: 'scrape of 10,000 series', limit: { most: 5 }, unit: 'ms' },
  scrape50k: { says: 'scrape of 50,000 series', limit: { most: 20 }, unit: 'ms' },
  scrapePiece: { says: 'longest piece of that scrape', limit: { most: 10 }, unit: 'ms' },
  scrapeRatio: { says: 'prom-client ÷ ours, 10,000 series', limit: { least: 4 }, unit: '×' },
  spanRatio: {
    says: 'SDK and BatchSpanProcessor ÷ ours, per span',
    limit: { least: 1 },
    unit: '×',
    tried: SPANS,
  },
  spansAll: {
    says: 'the whole process at 10,000 lines/s, a span for each query and lookup',
    limit: { most: 6 },
    unit: '% of a core',
    tried: SPANS,
  },
  spansLost: { says: 'spans lost without being counted', limit: { most: 0 }, unit: '' },
  share1k: { says: 'CPU ÷ CoreDNS at 1,000 q/s', limit: { most: 10 }, unit: '%', tried: LINE },
  share10k: { says: 'CPU ÷ CoreDNS at 10,000 q/s', limit: { most: 3 }, unit: '%', tried: LINE },
  shareMost: { says: 'CPU ÷ CoreDNS at all it can', limit: { most: 3 }, unit: '%', tried: LINE },
  delay: { says: 'line written → metric, p99', limit: { most: 250 }, unit: 'ms' },
} as const satisfies Record<string, Goal>;

export type GoalName = keyof typeof GOALS;

/** One row for each goal that was measured, and what was tried for those that are missed. */
export function toVerdicts(measured: Readonly<Partial<Record<GoalName, number>>>): string {
  const names = (Object.keys(GOALS) as GoalName[]).filter((name) => measured[name] !== undefined);
  const notes: string[] = [];
  const rows = names.map((name) => {
    const goal: Goal = GOALS[name];
    const value = measured[name] ?? Number.NaN;
    const verdict = Number.isNaN(value)
      ? 'not measured'
      : isMet(goal, value)
        ? 'met'
        : `**missed** (${toNote(notes, goal)})`;
    return [goal.says, toLimitText(goal), `${toShortText(value)} ${goal.unit}`.trim(), verdict];
  });
  const table = toTable([['goal', 'wanted', 'measured', 'verdict'], ...rows]);
  return [table, ...notes.map((note, at) => `(${at + 1}) ${note}`)].join('\n\n');
}

/** Goals that are missed for one reason share a note; its number. */
function toNote(notes: string[], { tried = 'nothing was tried yet' }: Goal): number {
  const text = `${tried.charAt(0).toUpperCase()}${tried.slice(1)}`;
  if (!notes.includes(text)) notes.push(text);
  return notes.indexOf(text) + 1;
}

function isMet({ limit }: Goal, value: number): boolean {
  return 'most' in limit ? value <= limit.most : value >= limit.least;
}

function toLimitText({ limit, unit }: Goal): string {
  return `${'most' in limit ? `≤ ${limit.most}` : `≥ ${limit.least}`} ${unit}`.trim();
}

export function toShortText(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
