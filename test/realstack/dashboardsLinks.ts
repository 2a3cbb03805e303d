/** Follows the links of tables as somebody would who clicks on every row. */
import { readDashboards, substitute, toLabelValues } from '../support/dashboards.ts';
import type { Choices, Look } from './dashboardsLook.ts';
import type { Labels, PrometheusApi } from './prometheusApi.ts';
import type { TempoApi } from './tempoApi.ts';

export interface Backends {
  readonly prometheus: Pick<PrometheusApi, 'labelValues'>;
  readonly tempo: Pick<TempoApi, 'search'>;
  readonly choices: Choices;
}

/** Every link of every row once, filled in. */
export function toLinks(looks: readonly Look[]): string[] {
  const links = looks.flatMap(({ panel, samples }) =>
    (panel.fieldConfig?.defaults.links ?? []).flatMap(({ url }) =>
      samples.map(({ labels }) => fillIn(url, labels)),
    ),
  );
  return [...new Set(links)];
}

/** Why a link leads nowhere; undefined if it does not. */
export async function findDeadEnd(link: string, backends: Backends): Promise<string | undefined> {
  const { pathname, searchParams } = new URL(link, 'http://localhost');
  return pathname === '/explore'
    ? await findNoTrace(searchParams.get('panes') ?? '', backends)
    : await findNoChoice(pathname, { chosen: searchParams, ...backends });
}

function fillIn(url: string, labels: Labels): string {
  return url.replaceAll(/\$\{__data\.fields\.(\w+)\}/g, (_, name: string) => labels[name] ?? '');
}

async function findNoTrace(panes: string, { tempo }: Backends): Promise<string | undefined> {
  const { traces } = JSON.parse(panes) as {
    readonly traces: { readonly queries: readonly { readonly query: string }[] };
  };
  for (const { query } of traces.queries) {
    if ((await tempo.search(query)).length === 0) return `no trace of ${query}`;
  }
  return undefined;
}

/** The dashboard there would not offer what it is told to choose, given the rest of it. */
async function findNoChoice(
  path: string,
  { chosen, prometheus, choices }: Backends & { readonly chosen: URLSearchParams },
): Promise<string | undefined> {
  const board = readDashboards().find(({ uid }) => path === `/d/${uid}`);
  if (board === undefined) return `no dashboard ${path}`;
  const handed = board.templating.list.flatMap((variable) => {
    const value = chosen.get(`var-${variable.name}`) ?? '';
    return value === '' ? [] : [{ variable, value }];
  });
  const there = {
    ...choices,
    ...Object.fromEntries(handed.map(({ variable, value }) => [variable.name, [value]])),
  };
  for (const { variable, value } of handed) {
    const asked = toLabelValues(variable);
    if (asked === undefined) continue;
    const offered = await prometheus.labelValues(asked.label, substitute(asked.selector, there));
    if (!offered.includes(value)) return `${path} offers no ${variable.name} ${value}`;
  }
  return undefined;
}
