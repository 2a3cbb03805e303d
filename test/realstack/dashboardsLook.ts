/** Looks at a dashboard as Grafana would, with the choices of somebody at the screen, and says what is wrong. */
import {
  type Chosen,
  type GrafanaDashboard,
  type GrafanaPanel,
  type GrafanaTarget,
  substitute,
  toPanels,
  toServiceMapQueries,
} from '../support/dashboards.ts';
import { readNames } from '../support/promql.ts';
import type { PrometheusApi, Sample, TimeRange } from './prometheusApi.ts';

/** Name of a variable → what stands in its place. */
export type Choices = Readonly<Record<string, Chosen>>;

export interface Look {
  readonly where: string;
  readonly panel: GrafanaPanel;
  readonly target: GrafanaTarget;
  /** Ready to be asked. */
  readonly expr: string;
  readonly samples: readonly Sample[];
}

/** All for every variable, and windows that reach over the whole range. */
export function toChoices({ from, to }: TimeRange, chosen: Choices = {}): Choices {
  const seconds = Math.ceil(to - from);
  return {
    __rate_interval: `${seconds}s`,
    __range: `${seconds}s`,
    __range_s: String(seconds),
    job: 'corespan',
    instance: '.+',
    namespace: '.*',
    client: '.*',
    server_namespace: '.*',
    server: '.*',
    before: '5s',
    ...chosen,
  };
}

/** What every PromQL target of every panel shows at the end of the range, the service map's eight queries included. */
export async function lookAt(
  prometheus: Pick<PrometheusApi, 'query'>,
  dashboard: GrafanaDashboard,
  { choices, at }: { readonly choices: Choices; readonly at: number },
): Promise<Look[]> {
  const looks: Look[] = [];
  for (const panel of toPanels(dashboard)) {
    for (const target of panel.targets ?? []) {
      const { expr, serviceMapQuery } = target;
      const asked =
        serviceMapQuery === undefined
          ? [expr ?? '']
          : toServiceMapQueries(substitute(serviceMapQuery, choices, 'serviceMap'));
      for (const query of asked.filter(Boolean)) {
        const ready = substitute(query, choices);
        const where = `${dashboard.uid} / ${panel.title} / ${target.refId}`;
        looks.push({ where, panel, target, expr: ready, samples: await prometheus.query(ready, at) });
      }
    }
  }
  return looks;
}

/** What shows nothing: no rows, or none with a number. */
export function findEmpty(looks: readonly Look[]): string[] {
  return looks
    .filter(({ samples }) => samples.every(({ value }) => Number.isNaN(value)))
    .map(({ where }) => where);
}

/** Labels that may be blank: what is outside the cluster has no namespace, a build of a checkout no revision. */
const MAY_BE_BLANK = /namespace$|^revision$/;

/** Legends with a blank, labels that are missing or too many, values that are no numbers. */
export function findFaults(looks: readonly Look[]): string[] {
  return looks.flatMap(({ where, target, expr, samples }) => {
    const legend = [...(target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    const { grouped } = readNames(expr);
    return samples.flatMap(({ labels, value }) => [
      ...legend.filter((label) => !labels[label]).map((label) => `${where}: blank legend ${label}`),
      ...Object.keys(labels)
        .filter((label) => !grouped.includes(label) && !['who', ...RAW_LABELS].includes(label))
        .map((label) => `${where}: label ${label} that nobody asked for`),
      ...(target.format === 'table'
        ? toKeys(expr)
            .filter((label) => !labels[label] && !MAY_BE_BLANK.test(label))
            .map((label) => `${where}: blank column ${label}`)
        : []),
      ...(Number.isFinite(value) || isOfEmptyHistogram(expr) ? [] : [`${where}: ${value}`]),
    ]);
  });
}

/** What an expression keeps that sums nothing up. */
const RAW_LABELS = ['le', 'mainstat', 'secondarystat', 'color'];

/** The labels that the outermost grouping keeps. */
function toKeys(expr: string): string[] {
  return (/^\s*(?:\w+\()?(?:sum|group|count|max)\s+by\s*\(([^)]*)\)/.exec(expr)?.[1] ?? '')
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '' && label !== 'le');
}

/** A quantile of nothing is no number; Grafana leaves a gap. All rows of a panel cannot be that: see `findEmpty`. */
function isOfEmptyHistogram(expr: string): boolean {
  return expr.includes('histogram_quantile');
}
