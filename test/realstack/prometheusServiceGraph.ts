/**
 * What Grafana's service graph asks Prometheus (the Tempo data source of Grafana 13, measured from its source), and
 * the edges that it draws from the answers. The queries are sent to the letter; nothing here knows corespan.
 */
import type { PrometheusApi, Sample } from './prometheusApi.ts';

export interface ServiceGraphView {
  /** What the user typed into the panel: a selector with braces. */
  readonly serviceMapQuery: string;
  /** The panel's time range: `$__range` seconds up to `to`, seconds since the epoch. */
  readonly range: number;
  readonly to: number;
  /** Nodes are told apart by namespace (`serviceMapIncludeNamespace`). */
  readonly includesNamespace: boolean;
}

export interface ServiceGraphEdge {
  /** `<namespace>/<name>`, or the name alone where namespaces are left out. */
  readonly client: string;
  readonly server: string;
  readonly connectionType: string;
  /** A second. */
  readonly rate: number;
  readonly failedRate: number;
  /** Milliseconds; the panel's "average response time". */
  readonly mean: number;
}

const SECONDS = 'traces_service_graph_request_server_seconds_sum';
const TOTAL = 'traces_service_graph_request_total';
const FAILED = 'traces_service_graph_request_failed_total';
const BUCKET = 'traces_service_graph_request_server_seconds_bucket';

const NAMESPACES = ', client_service_namespace, server_service_namespace';

/** The eight queries of the panel, by the name that Grafana gives each. */
export function toServiceGraphQueries(view: Omit<ServiceGraphView, 'to'>): Record<string, string> {
  const { serviceMapQuery, range, includesNamespace } = view;
  const namespaces = includesNamespace ? NAMESPACES : '';
  return Object.fromEntries(
    [SECONDS, TOTAL, FAILED, BUCKET].flatMap((metric) => [
      [metric, `sum by (client, server${namespaces}) (rate(${metric}${serviceMapQuery}[${range}s]))`],
      [
        `${metric}_labels`,
        `group by (client, connection_type, server${namespaces}) (${metric}${serviceMapQuery})`,
      ],
    ]),
  );
}

/** Idle edges are drawn with a rate of 0; edges whose latency or buckets are missing are not drawn at all. */
export async function readServiceGraph(
  prometheus: Pick<PrometheusApi, 'query'>,
  view: ServiceGraphView,
): Promise<ServiceGraphEdge[]> {
  const asked = Object.entries(toServiceGraphQueries(view));
  const answers = new Map(
    await Promise.all(
      asked.map(async ([refId, promql]) => [refId, await prometheus.query(promql, view.to)] as const),
    ),
  );
  const rates = (refId: string): Map<string, number> =>
    new Map((answers.get(refId) ?? []).map((sample) => [toEdgeId(sample, view), sample.value]));
  const [seconds, totals, failures, buckets] = [SECONDS, TOTAL, FAILED, BUCKET].map(rates);
  return (answers.get(`${TOTAL}_labels`) ?? [])
    .filter((sample) => {
      const id = toEdgeId(sample, view);
      return totals?.has(id) === true && seconds?.has(id) === true && buckets?.has(id) === true;
    })
    .map((sample) => {
      const id = toEdgeId(sample, view);
      const rate = totals?.get(id) ?? 0;
      return {
        ...toEnds(sample, view),
        connectionType: sample.labels['connection_type'] ?? '',
        rate,
        failedRate: failures?.get(id) ?? 0,
        mean: rate === 0 ? 0 : ((seconds?.get(id) ?? 0) / rate) * 1_000,
      };
    });
}

/** p90 of one edge, as the panel's link asks for it. */
export function toLatencyQuery({ serviceMapQuery, range }: ServiceGraphView): string {
  return `histogram_quantile(.9, sum(rate(${BUCKET}${serviceMapQuery}[${range}s])) by (le, client, server))`;
}

/** What "View traces" of a node that is no instrumented service looks for in Tempo. */
export function toViewTraces(server: string): string {
  const attributes = ['db.name', 'db.system', 'peer.service', 'messaging.system', 'net.peer.name'];
  return `{ ${attributes.map((name) => `span.${name}="${server}"`).join(' || ')} }`;
}

function toEdgeId(sample: Sample, view: ServiceGraphView): string {
  const { client, server } = toEnds(sample, view);
  return `${client}_${server}`;
}

function toEnds(
  { labels }: Sample,
  { includesNamespace }: ServiceGraphView,
): Pick<ServiceGraphEdge, 'client' | 'server'> {
  const name = (end: 'client' | 'server'): string => {
    const namespace = labels[`${end}_service_namespace`] ?? '';
    return includesNamespace && namespace !== '' ? `${namespace}/${labels[end]}` : (labels[end] ?? '');
  };
  return { client: name('client'), server: name('server') };
}
