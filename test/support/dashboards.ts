/** Reads a dashboard as Grafana would: its panels, targets, variables, annotations and links, as they are committed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GrafanaTarget {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly format?: string;
  readonly exemplar?: boolean;
  readonly queryType?: string;
  readonly query?: string;
  readonly serviceMapQuery?: string;
  readonly serviceMapIncludeNamespace?: boolean;
}

export interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly GrafanaTarget[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly links?: readonly { readonly title: string; readonly url: string }[];
    };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly options?: {
    readonly sortBy?: readonly { readonly displayName: string; readonly desc: boolean }[];
  };
}

export interface GrafanaVariable {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly query: string | { readonly query: string };
  readonly refresh?: number;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface GrafanaDashboard {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly panels: readonly GrafanaPanel[];
  readonly links: readonly object[];
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
}

export const DASHBOARD_FOLDER = 'dashboards/grafana';

export function readDashboards(folder = DASHBOARD_FOLDER): GrafanaDashboard[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object) }))
    .map((dashboard) => dashboard as GrafanaDashboard);
}

/** Panels that show something: not the titles of rows. */
export function toPanels({ panels }: GrafanaDashboard): GrafanaPanel[] {
  return panels.filter(({ type }) => type !== 'row');
}

export interface Query {
  /** Where it stands: dashboard, then panel or variable. */
  readonly where: string;
  readonly expr: string;
}

/** Every PromQL expression of a dashboard, those behind variables and the service map too. */
export function toPromQueries(dashboard: GrafanaDashboard): Query[] {
  const ofPanels = toPanels(dashboard).flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ refId, expr, serviceMapQuery }) => {
      const where = `${dashboard.uid} / ${title} / ${refId}`;
      const map = serviceMapQuery === undefined ? [] : toServiceMapQueries(serviceMapQuery);
      return [...(expr === undefined ? [] : [expr]), ...map].map((expr) => ({ where, expr }));
    }),
  );
  const ofVariables = dashboard.templating.list.flatMap((variable) => {
    const selector = toLabelValues(variable)?.selector;
    return selector === undefined
      ? []
      : [{ where: `${dashboard.uid} / variable ${variable.name}`, expr: selector }];
  });
  const ofAnnotations = dashboard.annotations.list.flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ where: `${dashboard.uid} / annotation ${name}`, expr }],
  );
  return [...ofPanels, ...ofVariables, ...ofAnnotations];
}

/** `label_values(selector, label)` of a variable. */
export function toLabelValues(
  variable: GrafanaVariable,
): { readonly selector: string; readonly label: string } | undefined {
  const text = typeof variable.query === 'string' ? variable.query : variable.query.query;
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
  return selector === undefined || label === undefined ? undefined : { selector, label };
}

const MAP_METRICS = ['server_seconds_sum', 'total', 'failed_total', 'server_seconds_bucket'];
const MAP_LABELS = 'client_service_namespace, server_service_namespace';

/** What Grafana's Tempo data source asks Prometheus for its service graph, with namespaces. */
export function toServiceMapQueries(selector: string): string[] {
  return MAP_METRICS.map((name) => `traces_service_graph_request_${name}${selector}`).flatMap((series) => [
    `sum by (client, server, ${MAP_LABELS}) (rate(${series}[$__range]))`,
    `group by (client, connection_type, server, ${MAP_LABELS}) (${series})`,
  ]);
}
/** A text stands as it is, as what `All` stands for does; a list holds values that were chosen. */
export type Chosen = string | readonly string[];

/** How a data source puts chosen values in place where a variable says no format of its own. */
const JOINS = {
  prometheus: (values: readonly string[]) =>
    toAlternatives(values.map((value) => escapeRegex(value).replaceAll('\\', '\\\\'))),
  serviceMap: (values: readonly string[]) =>
    values.length === 1 ? String(values[0]) : `{${values.join(',')}}`,
  traceql: (values: readonly string[]) => values.join('|'),
} as const;

/**
 * What Grafana puts in place of variables: the longer names first; `$name`, `${name}` and `${name:regex}`; whatever was
 * not chosen stays.
 */
export function substitute(
  text: string,
  values: Readonly<Record<string, Chosen>>,
  language: keyof typeof JOINS = 'prometheus',
): string {
  return Object.entries(values)
    .toSorted(([a], [b]) => b.length - a.length)
    .reduce((text, [name, chosen]) => {
      const [plain, regex] =
        typeof chosen === 'string'
          ? [chosen, chosen]
          : [JOINS[language](chosen), toAlternatives(chosen.map(escapeRegex))];
      return text
        .replaceAll(`\${${name}:regex}`, () => regex)
        .replaceAll(`\${${name}}`, () => plain)
        .replaceAll(`$${name}`, () => plain);
    }, text);
}

function toAlternatives(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : `(${values.join('|')})`;
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`);
}
