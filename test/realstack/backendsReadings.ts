/** What a backend shows, in the same words in which the traffic says what it should show. */
import { toEdge } from './backendsTraffic.ts';
import type { Labels, PrometheusApi, Sample } from './prometheusApi.ts';
import type { TempoApi } from './tempoApi.ts';

/** Lookups of each edge since the start, at a moment (seconds since the epoch), of the series that are selected. */
export async function readEdges(
  prometheus: Pick<PrometheusApi, 'query'>,
  { selector, at }: { readonly selector: string; readonly at?: number },
): Promise<Map<string, number>> {
  const labels = 'client, client_service_namespace, server, server_service_namespace';
  const promql = `sum by (${labels}) (traces_service_graph_request_total{${selector}}) > 0`;
  const samples = await prometheus.query(promql, at);
  return new Map(
    samples.map(({ labels: of, value }) => [toEdge(toEnd(of, 'client'), toEnd(of, 'server')), value]),
  );
}

/** Lookups of each workload since the start, those included that make no edge. */
export async function readLookups(
  prometheus: Pick<PrometheusApi, 'query'>,
  selector: string,
): Promise<Map<string, number>> {
  const promql = `sum by (client_namespace, client_workload) (corespan_lookups_total{${selector}}) > 0`;
  const samples = await prometheus.query(promql);
  return new Map(
    samples.map(({ labels, value }) => [`${labels['client_namespace']}/${labels['client_workload']}`, value]),
  );
}

/** One end of an edge as the traffic names it. */
export function toEnd(labels: Labels, end: 'client' | 'server'): string {
  const namespace = labels[`${end}_service_namespace`] ?? '';
  return namespace === '' ? (labels[end] ?? '') : `${namespace}/${labels[end]}`;
}

/** The names that were asked for in the traces that match, sorted; one for each trace. */
export async function readNames(tempo: Pick<TempoApi, 'search'>, traceQl: string): Promise<string[]> {
  const found = await tempo.search(`${traceQl} | select(span.dns.question.name)`);
  return found
    .map(({ selected }) => {
      const names = new Set(selected.map((attributes) => `${attributes['dns.question.name']}.`));
      return [...names].join(' and ');
    })
    .toSorted();
}

/** Series without labels that say where and how they were scraped. */
export function toPlainSeries(samples: readonly Sample[], attached: readonly string[]): string[] {
  return samples
    .map(({ labels, value }) => {
      const own = Object.keys(labels).filter((label) => !attached.includes(label));
      return `${own
        .toSorted()
        .map((label) => `${label}=${labels[label]}`)
        .join()} ${value}`;
    })
    .toSorted();
}
