/**
 * The series of one metric: rows that are born visible at 0 and show their first increments one scrape later.
 *
 * `rate()` and `increase()` cannot see a counter that is born at 1 (Prometheus has no earlier sample), so an
 * edge that is used once would never show. Tempo's generator writes a 0 first; we hold back what a row counted
 * until the scraper has seen it at 0 (scrapers.ts).
 */
import { METRICS, type MetricName } from './catalogue.ts';
import { createHistogram, type Histogram } from './histogram.ts';
import { toLabelText } from './text.ts';

/** Numbers rows as they are born, through all series. */
export interface Births {
  /** The number of the newest row; 0 before the first. */
  newest: number;
}

interface Row {
  readonly labelText: string;
  readonly number: number;
}

export interface CounterRow extends Row {
  value: number;
}

export interface HistogramRow extends Row {
  readonly histogram: Histogram;
}

export interface Series<R extends Row> {
  readonly name: MetricName;
  /** The row with these label values, in the catalogue's order; born if it is new. */
  row(...labels: string[]): R;
  remove(row: R): void;
  rows(): Iterable<R>;
}

export function createCounters(name: MetricName, births: Births): Series<CounterRow> {
  return createSeries(name, (labelText) => ({ labelText, number: ++births.newest, value: 0 }));
}

export function createHistograms(name: MetricName, births: Births): Series<HistogramRow> {
  const bounds = boundsOf(name);
  return createSeries(name, (labelText) => ({
    labelText,
    number: ++births.newest,
    histogram: createHistogram(bounds),
  }));
}

export function boundsOf(name: MetricName): readonly number[] {
  const metric = METRICS[name];
  return 'buckets' in metric ? metric.buckets : [];
}

function createSeries<R extends Row>(name: MetricName, create: (labelText: string) => R): Series<R> {
  const rows = new Map<string, R>();
  const { labels: names } = METRICS[name];
  return {
    name,
    row(...labels) {
      const labelText = toLabelText(names, labels);
      const known = rows.get(labelText);
      if (known !== undefined) return known;
      const row = create(labelText);
      rows.set(labelText, row);
      return row;
    },
    remove(row) {
      rows.delete(row.labelText);
    },
    rows: () => rows.values(),
  };
}
