/**
 * The pieces of PromQL that every panel is made of; a metric that the catalogues do not have is a type error.
 *
 * Every selector takes the `job` and `instance` chosen at the top of the dashboard, so that two clusters in one
 * Prometheus never add up by accident.
 */
import type { METRICS } from '../../src/metrics/catalogue.ts';
import type { SELF_METRICS } from '../../src/self/catalogue.ts';

type Catalogue = typeof METRICS & typeof SELF_METRICS;
type Histogram = {
  [N in keyof Catalogue]: Catalogue[N] extends { type: 'histogram' } ? N : never;
}[keyof Catalogue];

/** The names under which the metrics of the catalogues are stored. */
export type StoredName =
  | Exclude<keyof Catalogue, Histogram>
  | `${Histogram}_bucket`
  | `${Histogram}_sum`
  | `${Histogram}_count`;

/** The window in which Grafana finds at least two samples at any zoom. */
const WINDOW = '$__rate_interval';

/** `name{job=~"$job", instance=~"$instance", …}`. */
export function select(name: StoredName, ...matchers: readonly string[]): string {
  return `${name}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`;
}

/**
 * The same for the service graph of the Tempo data source, which puts several values in place as `{a,b}` unless told
 * how, and escapes nothing for PromQL: regular expressions, in raw strings. `choices`: label → variable.
 */
export function selectForTempo(matcher: string, choices: Readonly<Record<string, string>>): string {
  const chosen = Object.entries({ job: 'job', instance: 'instance', ...choices });
  return `{${[matcher, ...chosen.map(([label, name]) => `${label}=~\`\${${name}:regex}\``)].join(', ')}}`;
}

/** Increments a second. */
export function rate(name: StoredName, ...matchers: readonly string[]): string {
  return `rate(${select(name, ...matchers)}[${WINDOW}])`;
}

/** Increments in each step of a panel: for what happens a few times an hour. */
export function increase(name: StoredName, ...matchers: readonly string[]): string {
  return `increase(${select(name, ...matchers)}[${WINDOW}])`;
}

/** Increments within the time range of the dashboard: what a table sums up. */
export function inRange(name: StoredName, ...matchers: readonly string[]): string {
  return `increase(${select(name, ...matchers)}[$__range])`;
}

export function sumBy(labels: readonly string[], expression: string): string {
  return `sum by (${labels.join(', ')}) (${expression})`;
}

export function sum(expression: string): string {
  return `sum(${expression})`;
}

export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/** A workload as people write it, `namespace/name`, in the label `who`; a node has no namespace and no slash. */
export function withWho(namespace: string, name: string, expression: string): string {
  const joined = `label_join(${expression}, "who", "/", "${namespace}", "${name}")`;
  return `label_replace(${joined}, "who", "$1", "who", "/(.*)")`;
}
