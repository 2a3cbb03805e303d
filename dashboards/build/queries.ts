/** A target as the query of one of the two data sources. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder as PromBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { SearchTableType, DataqueryBuilder as TempoBuilder } from '@grafana/grafana-foundation-sdk/tempo';
import type { PromTarget, Target } from './panels.ts';

/** Whatever the person at the screen has chosen. */
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus_datasource}' };
export const TEMPO = { type: 'tempo', uid: '${tempo_datasource}' };

export function isOfPrometheus(target: Target): boolean {
  return target.kind === 'prometheus';
}

export function toQuery(target: Target): Builder<Dataquery> {
  switch (target.kind) {
    case 'prometheus':
      return toPromQuery(target);
    case 'traceql':
      return new TempoBuilder()
        .refId(target.refId)
        .datasource(TEMPO)
        .queryType('traceql')
        .query(target.query)
        .limit(target.limit)
        .tableType(SearchTableType.Traces);
    case 'serviceMap':
      return new TempoBuilder()
        .refId(target.refId)
        .datasource(TEMPO)
        .queryType('serviceMap')
        .serviceMapQuery(target.selector)
        .serviceMapIncludeNamespace(true);
  }
}

function toPromQuery({ refId, expr, at, legend, hasExemplars, isHeatmap }: PromTarget): PromBuilder {
  const query = new PromBuilder().refId(refId).datasource(PROMETHEUS).expr(expr);
  if (at === 'now') return query.instant().format(PromQueryFormat.Table);
  query.range().format(isHeatmap ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries);
  if (legend !== undefined) query.legendFormat(legend);
  return hasExemplars ? query.exemplar(true) : query;
}
