/** The counters and gauges behind corespan's metrics about itself: plain numbers, read only at a scrape. */
import { SELF_METRICS, type SelfMetricName } from './catalogue.ts';

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
  /** A gauge whose value is computed when somebody looks; NaN leaves the series out. */
  observe(name: SelfMetricName, labels: readonly string[], read: () => number): void;
  samples(name: SelfMetricName): Sample[];
}

/** More series than this in one family is a bug or an attack; the rest share one cell that nobody exports. */
const MAX_CELLS = 2000;

interface Entry {
  readonly labels: readonly string[];
  readonly cell: Cell;
  readonly read: (() => number) | undefined;
}

export function createRegistry(): Registry {
  const families = new Map<SelfMetricName, Map<string, Entry>>();
  const surplus: Cell = { value: 0 };

  function familyOf(name: SelfMetricName): Map<string, Entry> {
    const known = families.get(name);
    if (known !== undefined) return known;
    const family = new Map<string, Entry>();
    families.set(name, family);
    return family;
  }

  function put(name: SelfMetricName, labels: readonly string[], read?: () => number): Cell {
    const wanted = SELF_METRICS[name].labels.length;
    if (labels.length !== wanted) throw new Error(`${name} has ${wanted} labels, got ${labels.length}`);
    const family = familyOf(name);
    const key = JSON.stringify(labels);
    const known = family.get(key);
    if (known !== undefined && read === undefined) return known.cell;
    if (family.size >= MAX_CELLS && known === undefined) return surplus;
    const cell = { value: 0 };
    family.set(key, { labels, cell, read });
    return cell;
  }

  return {
    cell: (name, ...labels) => put(name, labels),
    observe: (name, labels, read) => {
      put(name, labels, read);
    },
    samples(name) {
      const samples: Sample[] = [];
      for (const { labels, cell, read } of familyOf(name).values()) {
        const value = read === undefined ? cell.value : read();
        if (!Number.isNaN(value)) samples.push({ labels, value });
      }
      return samples;
    },
  };
}
