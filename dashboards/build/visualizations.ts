/** A panel as one of Grafana's visualizations. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type DataSourceRef,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type DataTransformerConfig,
  type Panel as GrafanaPanel,
  type GridPos,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as NodeGraphBuilder } from '@grafana/grafana-foundation-sdk/nodegraph';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Column, Link, Panel } from './panels.ts';
import { isOfPrometheus, PROMETHEUS, TEMPO, toQuery } from './queries.ts';

/** What all of the SDK's panels have in common. */
export interface Visualization extends Builder<GrafanaPanel> {
  id(id: number): this;
  gridPos(position: GridPos): this;
  title(text: string): this;
  description(text: string): this;
  datasource(source: DataSourceRef): this;
  unit(unit: string): this;
  noValue(text: string): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
  withTarget(target: Builder<Dataquery>): this;
  withTransformation(transformation: DataTransformerConfig): this;
  dataLinks(links: Builder<DashboardLink>[]): this;
}

export function toPanel(panel: Panel): Visualization {
  const { title, question, advice, quiet, unit, redFrom, targets, links = [] } = panel;
  const visualization: Visualization = toVisualization(panel)
    .title(title)
    .description(`${question} ${advice}`)
    .datasource(targets.every(isOfPrometheus) ? PROMETHEUS : TEMPO)
    .unit(unit)
    .thresholds(toThresholds(redFrom));
  for (const target of targets) visualization.withTarget(toQuery(target));
  if (quiet !== undefined) visualization.noValue(quiet);
  if (links.length > 0) visualization.dataLinks(links.map(toLink));
  return visualization;
}

function toVisualization(panel: Panel): Visualization {
  switch (panel.kind) {
    case 'stat':
      return toStat(panel);
    case 'timeseries':
      return toTimeseries(panel);
    case 'table':
      return toTable(panel);
    case 'heatmap':
      return toHeatmap(panel);
    case 'nodeGraph':
      return new NodeGraphBuilder();
    case 'traces':
      return new TableBuilder();
  }
}

function toStat({ redFrom }: Panel): StatBuilder {
  return new StatBuilder()
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .min(0)
    .decimals(redFrom === undefined ? 1 : 2);
}

function toTimeseries({ isStacked = false, redFrom }: Panel): TimeseriesBuilder {
  const chart = new TimeseriesBuilder()
    .min(0)
    .fillOpacity(isStacked ? 30 : 5)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (isStacked) chart.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (redFrom === undefined) return chart;
  return chart.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

function toHeatmap({ unit, targets }: Panel): HeatmapBuilder {
  const hasExemplars = targets.some((target) => target.kind === 'prometheus' && target.hasExemplars);
  const chart = new HeatmapBuilder()
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .yAxis(new YAxisConfigBuilder().unit(unit));
  return hasExemplars ? chart.exemplarsColor('rgba(0,120,255,0.8)') : chart;
}

/** The rows of all queries side by side; the time of an instant query says nothing. */
function toTable({ columns = [], sortBy }: Panel): TableBuilder {
  const table = new TableBuilder()
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true } } });
  for (const column of columns) table.withOverride(toColumn(column));
  if (sortBy === undefined) return table;
  return table.sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
}

function toColumn({ of, title, unit, redFrom }: Column): Parameters<TableBuilder['withOverride']>[0] {
  const colour = [
    { id: 'thresholds', value: toThresholds(redFrom).build() },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ];
  return {
    // Grafana names the value after its query only if there are several.
    matcher: { id: 'byRegexp', options: `/^Value( #${of})?$/` },
    properties: [
      { id: 'displayName', value: title },
      { id: 'unit', value: unit },
      ...(redFrom === undefined ? [] : colour),
    ],
  };
}

function toThresholds(redFrom: number | undefined): ThresholdsConfigBuilder {
  const steps = [
    { value: null, color: 'green' },
    ...(redFrom === undefined ? [] : [{ value: redFrom, color: 'red' }]),
  ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function toLink({ title, url }: Link): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url);
}
