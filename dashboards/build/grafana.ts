/** A board as Grafana's classic JSON: it imports into Grafana 10 to 13, and 13 migrates it by itself. */
import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board, Choice, Panel } from './panels.ts';
import { select } from './promql.ts';
import { PROMETHEUS } from './queries.ts';
import { toPanel } from './visualizations.ts';

const TAG = 'corespan';
/** Width of the grid. */
const COLUMNS = 24;

export function toDashboard(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG, 'dns'])
    .readonly()
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(
      new DashboardLinkBuilder('corespan')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(RELOADS)
    .withVariable(toSource('prometheus'))
    .withVariable(toSource('tempo'));
  for (const choice of board.choices) builder.withVariable(toVariable(choice));
  for (const { name, label, values } of board.constants ?? []) {
    const [first = ''] = values;
    builder.withVariable(
      new CustomVariableBuilder(name)
        .label(label)
        .values(values.join(','))
        .current({ text: first, value: first, selected: true }),
    );
  }
  return layOut(builder, board).build();
}

/**
 * Reloads of CoreDNS, as its log tells them. The line of the first reload is a series that is born at 1, which
 * `increase` cannot see; what was not there before counts as 0, where corespan was scraped before.
 */
const RELOAD_LINES = `sum by (dns_pod) (${select('corespan_lines_parsed_total', 'kind="reload"')}`;
const WAS_SCRAPED = `and on (job, instance) ${select('corespan_build_info')} offset 1m`;
const RELOADS = new AnnotationQueryBuilder()
  .name('CoreDNS reloaded')
  .datasource(PROMETHEUS)
  .enable(true)
  .iconColor('orange')
  .expr(`${RELOAD_LINES}) - (${RELOAD_LINES} offset 1m) or 0 * ${RELOAD_LINES} ${WAS_SCRAPED})) > 0`)
  .step('1m')
  .titleFormat('CoreDNS reloaded its Corefile')
  .textFormat('{{dns_pod}}')
  .tagKeys('dns_pod');

/** Names and labels as Grafana's dashboard linter wants them where there are two. */
function toSource(type: 'prometheus' | 'tempo'): DatasourceVariableBuilder {
  const product = type === 'prometheus' ? 'Prometheus' : 'Tempo';
  return new DatasourceVariableBuilder(`${type}_datasource`).label(`${product} data source`).type(type);
}

function toVariable({ name, label, query, all }: Choice): QueryVariableBuilder {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
  if (all === undefined) return variable.multi(false).includeAll(false);
  return variable
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ text: ['All'], value: ['$__all'], selected: true });
}

/** Rows below each other, panels from left to right; every row and panel gets a number of its own. */
function layOut(builder: DashboardBuilder, board: Board): DashboardBuilder {
  let id = 1;
  let y = 0;
  for (const row of board.rows) {
    builder.withRow(new RowBuilder(row.title).id(id++).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y++;
    for (const line of toLines(row.panels)) {
      let x = 0;
      for (const panel of line) {
        const { width: w, height: h } = panel;
        builder.withPanel(toPanel(panel).id(id++).gridPos({ x, y, w, h }));
        x += w;
      }
      y += Math.max(...line.map(({ height }) => height));
    }
  }
  return builder;
}

function toLines(panels: readonly Panel[]): Panel[][] {
  const lines: Panel[][] = [];
  let room = 0;
  for (const panel of panels) {
    if (panel.width > room) {
      lines.push([]);
      room = COLUMNS;
    }
    lines.at(-1)?.push(panel);
    room -= panel.width;
  }
  return lines;
}
