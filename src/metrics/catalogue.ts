/** Every metric about DNS and the service graph: name, type, labels, buckets, help. The reference is made from it. */

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds without +Inf, in the metric's unit; histograms only. */
  readonly buckets?: readonly number[];
}

/** CoreDNS's own latency buckets (plugin.TimeBuckets): 0.25 ms doubled up to 8.192 s, so that the two compare. */
const TIME_BUCKETS = Array.from({ length: 16 }, (_, power) => 0.000_25 * 2 ** power);
/** DNS answers in microseconds: the default buckets of Tempo begin at 100 ms and would show nothing. */
const EDGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
/** CoreDNS's own response size buckets (plugin/metrics/vars). */
const SIZE_BUCKETS = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];

/** The labels that Tempo's service graph has; dashboards and Grafana read them by name. */
const EDGE_LABELS = [
  'client',
  'client_service_namespace',
  'server',
  'server_service_namespace',
  'connection_type',
  'source',
] as const;
const WORKLOAD_LABELS = ['client_namespace', 'client_workload'] as const;

export const METRICS = {
  traces_service_graph_request_total: {
    type: 'counter',
    labels: EDGE_LABELS,
    help: 'Lookups of a client workload for a target, in the form of Tempo.',
  },
  traces_service_graph_request_failed_total: {
    type: 'counter',
    labels: EDGE_LABELS,
    help: 'Lookups of a client workload for a target that got no usable answer.',
  },
  traces_service_graph_request_server_seconds: {
    type: 'histogram',
    labels: EDGE_LABELS,
    buckets: EDGE_BUCKETS,
    help: 'Duration of the lookups of a client workload for a target.',
  },
  traces_service_graph_connection_info: {
    type: 'gauge',
    labels: EDGE_LABELS,
    help: 'Always 1: keeps an edge visible while it is quiet.',
  },
  corespan_queries_total: {
    type: 'counter',
    labels: [...WORKLOAD_LABELS, 'qtype', 'rcode', 'target_class'],
    help: 'Queries by the workload that asked; the hops of a NodeLocal DNSCache count as its own.',
  },
  corespan_query_duration_seconds: {
    type: 'histogram',
    labels: ['rcode_class', 'target_class', 'transport'],
    buckets: TIME_BUCKETS,
    help: 'Duration of queries as the DNS server measured it.',
  },
  corespan_response_size_bytes: {
    type: 'histogram',
    labels: ['transport'],
    buckets: SIZE_BUCKETS,
    help: 'Size of responses before truncation.',
  },
  corespan_lookups_total: {
    type: 'counter',
    labels: [...WORKLOAD_LABELS, 'outcome'],
    help: 'Lookups by the workload that asked and their outcome.',
  },
  corespan_lookups_bad_total: {
    type: 'counter',
    labels: [...WORKLOAD_LABELS, 'cause'],
    help: 'Lookups that failed, or took longer than 250 ms where the cluster is known.',
  },
  corespan_lookup_duration_seconds: {
    type: 'histogram',
    labels: ['outcome'],
    buckets: TIME_BUCKETS,
    help: 'Duration of lookups from the first query to the last answer, retries included.',
  },
  corespan_lookup_queries: {
    type: 'histogram',
    labels: [],
    buckets: [1, 2, 4, 6, 8, 10, 12],
    help: 'Queries that a lookup took: what the search path costs.',
  },
  corespan_nxdomain_total: {
    type: 'counter',
    labels: [...WORKLOAD_LABELS, 'kind'],
    help: 'Denied queries by what the denial means.',
  },
  corespan_distinct_names: {
    type: 'gauge',
    labels: WORKLOAD_LABELS,
    help: 'Distinct names that a workload looked up in the last 10 to 20 minutes (an estimate).',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
