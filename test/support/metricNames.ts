/** What a metric may be called and labelled, from the catalogues; everything else in a query is a mistake. */
import { UPSTREAM_METRICS } from '../../dashboards/build/upstream.ts';
import { METRICS, type Metric } from '../../src/metrics/catalogue.ts';
import { SELF_METRICS } from '../../src/self/catalogue.ts';
import { readNames } from './promql.ts';

/** Labels that a scrape attaches. */
const SCRAPED = ['job', 'instance', 'namespace', 'pod', 'source'];
/** Labels that an expression makes by itself. */
const MADE = ['who', 'id', 'source', 'target', 'mainstat', 'secondarystat', 'color', 'le', 'pod'];
/** Labels of CoreDNS's own metrics that we use. */
const UPSTREAM_LABELS = ['version', 'proxy_name', 'to', 'rcode', 'le', 'server', 'zone', 'proto', 'type'];

const stored = new Map<string, readonly string[]>();
for (const [name, { type, labels }] of Object.entries<Metric>({ ...METRICS, ...SELF_METRICS })) {
  if (type !== 'histogram') stored.set(name, labels);
  else {
    stored.set(`${name}_bucket`, [...labels, 'le']);
    stored.set(`${name}_sum`, labels);
    stored.set(`${name}_count`, labels);
  }
}
for (const name of UPSTREAM_METRICS) stored.set(name, UPSTREAM_LABELS);

/** Everything about an expression that the catalogues do not have, one sentence each. */
export function findUnknown(
  expression: string,
  also: ReadonlyMap<string, readonly string[]> = new Map(),
): string[] {
  const { selectors, grouped } = readNames(expression);
  const known = (metric: string): readonly string[] | undefined => stored.get(metric) ?? also.get(metric);
  const unknown = selectors.flatMap(({ metric, labels }) => {
    const names = known(metric);
    if (names === undefined) return [`no metric ${metric}`];
    return labels
      .filter((label) => !names.includes(label) && !SCRAPED.includes(label))
      .map((label) => `${metric} has no label ${label}`);
  });
  const possible = [...SCRAPED, ...MADE, ...selectors.flatMap(({ metric }) => known(metric) ?? [])];
  return [
    ...unknown,
    ...grouped.filter((label) => !possible.includes(label)).map((label) => `no label ${label}`),
  ];
}

/** The metric of the catalogues that a stored name belongs to. */
export function toFamily(name: string): string {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return stored.has(name) && (family in METRICS || family in SELF_METRICS) ? family : name;
}
