/** What is behind corespan's metrics about itself: plain numbers, read only at a scrape, and times as they are taken. */
import { SELF_METRICS, type SelfMetricName, type TimedMetricName } from './catalogue.ts';

/** One series; whoever counts often keeps the cell and adds to `value`. */
export interface Cell {
  value: number;
}

export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

export interface Registry {
  /** The series of `name` with these label values, in the catalogue's order; born at 0. */
  cell(name: SelfMetricName, ...labels: string[]): Cell;
  /** Shows a series at 0 before it counts, as long as there is plenty of room: a 0 must not push out a count. */
  show(name: SelfMetricName, ...labels: string[]): void;
  /** A series whose value is computed when somebody looks; NaN leaves it out. */
  observe(name: SelfMetricName, labels: readonly string[], read: () => number): void;
  samples(name: SelfMetricName): Sample[];
  /** Something has taken so many seconds; known to whoever hears of it. */
  timed(name: TimedMetricName, labels: readonly string[], seconds: number): void;
  onTimed(hear: HearTime): void;
}

type HearTime = (name: TimedMetricName, labels: readonly string[], seconds: number) => void;

/** The value of a label whose series did not fit. */
export const OVERFLOW = '__other__';

/** More series than this in one family are not told apart by their first label any more. */
const MAX_CELLS = 2_000;
/** Series that may be shown before they count: a hundred DNS pods with all reasons. */
const MAX_SHOWN = 500;

interface Entry {
  readonly labels: readonly string[];
  readonly cell: Cell;
  readonly read: (() => number) | undefined;
}

type Family = Map<string, Entry>;

export function createRegistry(): Registry {
  const families = new Map<SelfMetricName, Family>();
  const hearers: HearTime[] = [];

  function familyOf(name: SelfMetricName): Family {
    const known = families.get(name);
    if (known !== undefined) return known;
    const family: Family = new Map();
    families.set(name, family);
    return family;
  }

  return {
    cell(name, ...labels) {
      const family = familyOf(name);
      const known = family.get(toKey(name, labels));
      return known?.cell ?? bear(family, name, toFitting(family, labels));
    },
    show(name, ...labels) {
      const family = familyOf(name);
      if (family.size < MAX_SHOWN && !family.has(toKey(name, labels))) bear(family, name, labels);
    },
    observe(name, labels, read) {
      const family = familyOf(name);
      const key = toKey(name, labels);
      // Gauges do not add up: one that does not fit is left out.
      if (family.size < MAX_CELLS || family.has(key)) family.set(key, { labels, cell: { value: 0 }, read });
    },
    samples(name) {
      const samples: Sample[] = [];
      for (const { labels, cell, read } of familyOf(name).values()) {
        const value = read === undefined ? cell.value : read();
        if (!Number.isNaN(value)) samples.push({ labels, value });
      }
      return samples;
    },
    timed(name, labels, seconds) {
      for (const hear of hearers) hear(name, labels, seconds);
    },
    onTimed: (hear) => void hearers.push(hear),
  };
}

function bear(family: Family, name: SelfMetricName, labels: readonly string[]): Cell {
  const key = toKey(name, labels);
  const known = family.get(key);
  if (known !== undefined) return known.cell;
  const cell = { value: 0 };
  family.set(key, { labels, cell, read: undefined });
  return cell;
}

/**
 * The labels under which a series may be born. Past the bound counts go on in exported `__other__` series, so that
 * sums stay true. The first label is the one that may grow (a DNS pod); the others are closed sets and kept, unless
 * something breaks that promise.
 */
function toFitting(family: Family, labels: readonly string[]): readonly string[] {
  if (family.size < MAX_CELLS) return labels;
  return labels.map((label, at) => (at === 0 || family.size >= 2 * MAX_CELLS ? OVERFLOW : label));
}

function toKey(name: SelfMetricName, labels: readonly string[]): string {
  const wanted = SELF_METRICS[name].labels.length;
  if (labels.length !== wanted) throw new Error(`${name} has ${wanted} labels, got ${labels.length}`);
  return JSON.stringify(labels);
}
