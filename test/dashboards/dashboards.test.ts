/** The committed dashboards hold together: names, numbers, grid, links, and the rules of Grafana's linter. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { SELF_METRICS } from '../../src/self/catalogue.ts';
import {
  type GrafanaPanel,
  readDashboards,
  substitute,
  toLabelValues,
  toPanels,
  toPromQueries,
  toServiceMapQueries,
} from '../support/dashboards.ts';
import { findUnknown, toFamily } from '../support/metricNames.ts';
import { readNames } from '../support/promql.ts';

const dashboards = readDashboards();
const queries = dashboards.flatMap(toPromQueries);
const cases = dashboards.map((dashboard) => [dashboard.uid, dashboard] as const);
const panels = dashboards.flatMap((dashboard) =>
  toPanels(dashboard).map((panel) => [`${dashboard.uid} / ${panel.title}`, panel, dashboard] as const),
);

describe('the dashboards', () => {
  it('are four, with uids, titles and files of their own', () => {
    expect(dashboards.map(({ uid }) => uid)).toEqual([
      'corespan-graph',
      'corespan-health',
      'corespan-search-path',
      'corespan-workload',
    ]);
    expect(new Set(dashboards.map(({ title }) => title)).size).toBe(4);
    expect(dashboards.every(({ uid, file }) => file === `${uid}.json`)).toBe(true);
  });

  it.each(cases)('%s: panels have numbers of their own and do not overlap', (_uid, { panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(findOverlaps(panels)).toEqual([]);
  });

  it('an overlap would be noticed (twin)', () => {
    const [first, second] = toPanels(dashboards[0] ?? expect.fail('no dashboard'));
    if (first === undefined || second === undefined) return expect.fail('no panels');
    expect(findOverlaps([first, { ...second, gridPos: first.gridPos }])).toHaveLength(1);
  });
});

describe('every metric and label', () => {
  it('in a query is in the catalogue', () => {
    expect(queries.length).toBeGreaterThan(100);
    expect(
      queries.flatMap(({ where, expr }) => findUnknown(expr).map((what) => `${where}: ${what}`)),
    ).toEqual([]);
  });

  it.each([
    ['sum(rate(corespan_lookup_total[5m]))', ['no metric corespan_lookup_total']],
    ['corespan_lag_seconds{dns_pod="a,b{"}', ['corespan_lag_seconds has no label dns_pod']],
    ['sum by (workload) (corespan_lookups_total)', ['no label workload']],
    ['rate(coredns_forward_requests_total[5m])', ['no metric coredns_forward_requests_total']],
  ])('that is none would be noticed: %s (twin)', (expr, found) => {
    expect(findUnknown(expr)).toEqual(found);
  });

  it('of the catalogue is on some dashboard', () => {
    const used = new Set(
      queries.flatMap(({ expr }) => readNames(expr).selectors.map(({ metric }) => toFamily(metric))),
    );
    const unused = [...Object.keys(METRICS), ...Object.keys(SELF_METRICS)].filter((name) => !used.has(name));
    expect(unused).toEqual([]);
  });
});

describe('every panel', () => {
  it.each(panels)('%s says what it shows and what to do', (_name, panel) => {
    expect(panel.title.length).toBeGreaterThan(2);
    expect(panel.description).toMatch(/^.+\? .{20,}$/);
    expect(panel.fieldConfig?.defaults.unit).toBeDefined();
    expect(['stat', 'timeseries', 'table', 'heatmap', 'nodeGraph']).toContain(panel.type);
    expect(panel.targets?.length).toBeGreaterThan(0);
  });

  it.each(panels)(
    '%s asks the data source that was chosen, under names of its own',
    (_name, { targets = [] }) => {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource, queryType } of targets) {
        const type = queryType === undefined ? 'prometheus' : 'tempo';
        expect(datasource).toEqual({ type, uid: `\${${type}_datasource}` });
      }
    },
  );

  it.each(panels)('%s has a legend whose labels its query keeps', (_name, { targets = [] }) => {
    for (const { expr, legendFormat, instant, refId } of targets) {
      if (expr === undefined || instant) continue;
      expect(legendFormat, refId).toBeTruthy();
      expect(findLost(expr, legendFormat ?? '')).toEqual([]);
    }
  });

  it('a legend with a label that is summed away would be noticed (twin)', () => {
    expect(findLost('sum by (rcode) (corespan_queries_total)', '{{rcode}} {{qtype}}')).toEqual(['qtype']);
    expect(findLost('sum by (rcode) (max by (rcode, qtype) (corespan_queries_total))', '{{qtype}}')).toEqual([
      'qtype',
    ]);
  });
});

describe("the rules of Grafana's dashboard linter", () => {
  const promTargets = panels.flatMap(([name, panel]) =>
    (panel.targets ?? []).flatMap(({ expr, serviceMapQuery }) => [
      ...(expr === undefined ? [] : [{ name, expr, type: panel.type }]),
      ...(serviceMapQuery === undefined ? [] : toServiceMapQueries(serviceMapQuery)).map((expr) => ({
        name,
        expr,
        type: panel.type,
      })),
    ]),
  );

  it('every selector takes job and instance', () => {
    expect(promTargets.length).toBeGreaterThan(70);
    for (const { name, expr } of promTargets) {
      for (const { metric, labels } of readNames(expr).selectors) {
        expect(labels, `${name}: ${metric}`).toEqual(expect.arrayContaining(['job', 'instance']));
      }
    }
  });

  it('every rate has the window that Grafana chooses; only the node graph sums up the time range', () => {
    const windows = promTargets.flatMap(({ name, expr, type }) =>
      [...expr.matchAll(/\brate\([^[]*\[([^\]]+)\]/g)].map(([, window]) => ({ name, window, type })),
    );
    expect(windows.length).toBeGreaterThan(60);
    for (const { name, window, type } of windows) {
      expect(window, name).toBe(type === 'nodeGraph' ? '$__range' : '$__rate_interval');
    }
  });

  it.each(cases)('%s: the variables have the names and labels it wants', (_uid, { templating, editable }) => {
    const [prometheus, tempo, job, instance, ...rest] = templating.list;
    expect(editable).toBe(false);
    expect([prometheus, tempo].map((one) => [one?.name, one?.type, one?.label])).toEqual([
      ['prometheus_datasource', 'datasource', 'Prometheus data source'],
      ['tempo_datasource', 'datasource', 'Tempo data source'],
    ]);
    for (const variable of [job, instance]) {
      expect(variable).toMatchObject({
        type: 'query',
        multi: true,
        includeAll: true,
        allValue: '.+',
        refresh: 2,
      });
    }
    for (const variable of rest.filter(({ type }) => type === 'query')) {
      expect(variable.refresh).toBe(2);
      expect(toLabelValues(variable), variable.name).toBeDefined();
    }
  });
});

describe('every link', () => {
  /** What somebody goes on looking at. */
  const KEPT = ['job', 'instance', 'prometheus_datasource', 'tempo_datasource'];
  const links = panels.flatMap(([name, panel]) =>
    (panel.fieldConfig?.defaults.links ?? []).map(({ url }) => ({ name, url, panel })),
  );
  const known = new Map(
    dashboards.map(({ uid, templating }) => [uid, templating.list.map(({ name }) => name)] as const),
  );

  it('hands over columns that the table has, under names that the other dashboard chooses by', () => {
    expect(links.length).toBeGreaterThan(5);
    expect(
      links.flatMap(({ name, url, panel }) => findBroken(url, panel).map((what) => `${name}: ${what}`)),
    ).toEqual([]);
  });

  it('that hands over something else would be noticed (twin)', () => {
    const { panel } = links[0] ?? expect.fail('no link');
    const same = KEPT.map((name) => `\${${name}:queryparam}`).join('&');
    expect(findBroken(`/d/corespan-workload?var-pod=\${__data.fields.pod}&${same}`, panel)).toEqual([
      'corespan-workload chooses by no pod',
      'no column pod',
    ]);
    expect(findBroken(`/d/elsewhere?${same}`, panel)).toEqual(['no dashboard elsewhere']);
    expect(findBroken('/d/corespan-workload?${job:queryparam}&${instance:queryparam}', panel)).toEqual([
      'drops prometheus_datasource',
      'drops tempo_datasource',
    ]);
  });

  function findBroken(url: string, { targets = [] }: GrafanaPanel): string[] {
    const uid = /^\/d\/([\w-]+)\?/.exec(url)?.[1];
    const names = uid === undefined ? [] : known.get(uid);
    const handed = [...url.matchAll(/[?&]var-(\w+)=/g)].map(([, name = '']) => name);
    const kept = new Set([...url.matchAll(/[?&]\$\{(\w+):queryparam\}/g)].map(([, name = '']) => name));
    const columns = targets.map(({ expr = '' }) => readNames(expr).grouped);
    const wanted = [...url.matchAll(/\$\{__data\.fields\.(\w+)\}/g)].map(([, name = '']) => name);
    return [
      ...(names === undefined ? [`no dashboard ${uid}`] : []),
      ...(uid === undefined || names === undefined
        ? []
        : handed.filter((name) => !names.includes(name)).map((name) => `${uid} chooses by no ${name}`)),
      ...(uid === undefined ? [] : KEPT.filter((name) => !kept.has(name)).map((name) => `drops ${name}`)),
      ...wanted
        .filter((name) => !columns.every((labels) => labels.includes(name)))
        .map((name) => `no column ${name}`),
    ];
  }

  it('into Explore is JSON that Grafana can read once variables are filled in', () => {
    const explore = links.filter(({ url }) => url.startsWith('/explore?'));
    expect(explore.length).toBeGreaterThan(1);
    for (const { url } of explore) {
      const filled = url.replaceAll(/\$\{[^}]+\}/g, 'x');
      const panes = new URL(filled, 'http://localhost').searchParams.get('panes') ?? '';
      expect(JSON.parse(panes)).toMatchObject({ traces: { queries: [{ queryType: 'traceql' }] } });
      expect(panes).toContain('with (most_recent=true)');
    }
  });
});

it('the links between the dashboards hand on what was chosen', () => {
  expect(dashboards.map(({ links }) => links)).toEqual(
    dashboards.map(() => [
      expect.objectContaining({ tags: ['corespan'], includeVars: true, keepTime: true }),
    ]),
  );
});

describe('values that were chosen', () => {
  const SELECTOR = 'x{server=~"$server"}';

  it.each([
    ['All of PromQL', SELECTOR, '.*', 'x{server=~".*"}'],
    ['one value', SELECTOR, ['api'], 'x{server=~"api"}'],
    ['two values', SELECTOR, ['api', 'a.test'], String.raw`x{server=~"(api|a\\.test)"}`],
  ] as const)('%s', (_name, text, server, expected) => {
    expect(substitute(text, { server })).toBe(expected);
  });

  it('stand in the service graph of the Tempo data source as regular expressions, and not as its globs', () => {
    const map = queries.find(({ expr }) => expr.includes(':regex}'))?.expr ?? expect.fail('no service map');
    const chosen = { job: ['dns'], server: ['api', 'a.test'] };
    const asked = substitute(map, chosen, 'serviceMap');
    expect(asked).toContain('job=~`dns`');
    expect(asked).toContain('server=~`(api|a\\.test)`');
    expect(substitute(SELECTOR, chosen, 'serviceMap')).toBe('x{server=~"{api,a.test}"}');
  });
});

describe('docs/grafana.md', () => {
  const [, table = ''] = readFileSync('docs/grafana.md', 'utf8').split('\nEmpty with `traces`:\n');
  const rows = table.split('\n\n')[0]?.split('\n') ?? [];

  it('lists what is empty with --graph-source traces', () => {
    const graphless = (uid: string, isEmpty: boolean): string[] =>
      panels
        .filter(([name]) => name.startsWith(`${uid} / `))
        .filter(([, panel]) => /source=\\"corespan\\"/.test(JSON.stringify(panel.targets)) === isEmpty)
        .map(([, { title }]) => title);
    const quoted = (uid: string): string[] =>
      [...(rows.find((row) => row.startsWith(`| \`${uid}\``)) ?? '').matchAll(/"([^"]+)"/g)].map(
        ([, title = '']) => title,
      );
    const choices = dashboards
      .find(({ uid }) => uid === 'corespan-graph')
      ?.templating.list.filter(({ query }) => JSON.stringify(query).includes('traces_service_graph'))
      .map(({ label }) => label);
    // Of the graph all but one, and the choices that go with it.
    expect(quoted('corespan-graph')).toEqual([...graphless('corespan-graph', false), ...(choices ?? [])]);
    expect(quoted('corespan-workload')).toEqual(graphless('corespan-workload', true));
    expect(graphless('corespan-search-path', true)).toEqual([]);
    expect(graphless('corespan-health', true)).toEqual([]);
  });
});

describe('tables', () => {
  const tables = panels.filter(([, { options }]) => options?.sortBy !== undefined);

  it('begin with the worst, by a column that they have', () => {
    expect(tables.map(([name, { options }]) => [name, options?.sortBy])).toEqual([
      ['corespan-graph / Edges', [{ displayName: 'Failed', desc: true }]],
      ['corespan-search-path / Workloads by waste', [{ displayName: 'Wasted', desc: true }]],
      ['corespan-workload / Targets', [{ displayName: 'Failed', desc: true }]],
    ]);
    for (const [name, { fieldConfig, options }] of tables) {
      const titles = fieldConfig?.overrides.flatMap(({ properties }) => properties.map(({ value }) => value));
      expect(titles, name).toContain(options?.sortBy?.[0]?.displayName);
    }
  });
});

it('what needs a watch or a log file says so where a recording is played', () => {
  const own = panels.filter(([, { targets }]) =>
    /corespan_(watch|read_offset)_/.test(JSON.stringify(targets)),
  );
  expect(own).toHaveLength(5);
  for (const [name, { fieldConfig }] of own) expect(fieldConfig?.defaults.noValue, name).toBeDefined();
});

it('no panel shows HTML: names are text of whoever asked', () => {
  const text = JSON.stringify(dashboards);
  expect(text).toContain('timeseries');
  expect(text).not.toMatch(/"type":"text"|"mode":"html"|<\/?[a-z]+[ >]/);
});

/** Labels of a legend that the outermost grouping does not keep; it is the first that is written. */
function findLost(expr: string, legend: string): string[] {
  const grouped = (/\bby\s*\(([^)]*)\)/.exec(expr)?.[1] ?? '').split(',').map((label) => label.trim());
  const made = /label_replace\(label_join\(/.test(expr) ? ['who'] : [];
  return [...legend.matchAll(/\{\{(\w+)\}\}/g)]
    .map(([, label = '']) => label)
    .filter((label) => ![...grouped, ...made].includes(label));
}

function findOverlaps(panels: readonly GrafanaPanel[]): string[] {
  return panels.flatMap((one, at) =>
    panels
      .slice(at + 1)
      .filter(({ gridPos: b }) => {
        const a = one.gridPos;
        return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      })
      .map((other) => `${one.title} and ${other.title}`),
  );
}
