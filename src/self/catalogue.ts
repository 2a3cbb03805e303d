/** Every metric that corespan exports about itself: name, type, labels, help. The reference is made from it. */

interface SelfMetric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** Upper bounds without +Inf; histograms only, all of which are of seconds. */
  readonly buckets?: readonly number[];
  /** Labels of the series that a histogram shows from the start. */
  readonly series?: readonly (readonly string[])[];
  readonly help: string;
}

export const SELF_METRICS = {
  corespan_build_info: {
    type: 'gauge',
    labels: ['version', 'revision'],
    help: 'Always 1; says which build this is.',
  },
  corespan_config_problems: {
    type: 'gauge',
    labels: [],
    help: 'Problems found in the configuration at start: corespan idles, or names nobody for want of a service account.',
  },
  corespan_faults_total: {
    type: 'counter',
    labels: [],
    help: 'Failures that nobody expected, which a pod survives: bugs, with their place in the log.',
  },
  corespan_lines_read_total: {
    type: 'counter',
    labels: ['dns_pod'],
    help: 'Lines read; equals parsed plus rejected. A CRI chain of partial lines is one line.',
  },
  corespan_lines_parsed_total: {
    type: 'counter',
    labels: ['dns_pod', 'kind'],
    help: 'Lines understood, by what they are about.',
  },
  corespan_lines_rejected_total: {
    type: 'counter',
    labels: ['dns_pod', 'reason'],
    help: 'Lines read but not understood.',
  },
  corespan_queries_skipped_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Query lines that are no question of a client.',
  },
  corespan_queries_forgotten_total: {
    type: 'counter',
    labels: [],
    help: 'Queries counted in rows that were given back because their workload fell silent.',
  },
  corespan_hops_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Queries forwarded by a NodeLocal DNSCache: joined to its own line, or not found there.',
  },
  corespan_lookups_closed_early_total: {
    type: 'counter',
    labels: [],
    help: 'Lookups closed before their time because too many were open.',
  },
  corespan_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the newest line read while unread bytes remain; 0 when nothing is unread.',
  },
  corespan_unread_bytes: { type: 'gauge', labels: [], help: 'Bytes written to the logs but not read yet.' },
  corespan_read_bytes_total: { type: 'counter', labels: [], help: 'Bytes of log read.' },
  corespan_read_offset_bytes: {
    type: 'gauge',
    labels: ['dns_pod'],
    help: 'Position in the newest log file of a DNS pod.',
  },
  corespan_rotations_total: {
    type: 'counter',
    labels: [],
    help: 'Log files that were renamed and replaced.',
  },
  corespan_truncations_total: {
    type: 'counter',
    labels: [],
    help: 'Log files that became shorter, or were filled anew.',
  },
  corespan_possible_loss_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Moments at which lines may have been lost before corespan could read them.',
  },
  corespan_source_errors_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Failures to open, read or follow a log.',
  },
  corespan_checkpoints_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Attempts to save or load read positions.',
  },
  corespan_watch_synced: {
    type: 'gauge',
    labels: ['resource'],
    help: '1 while the watch of a resource holds a complete state.',
  },
  corespan_watch_age_seconds: {
    type: 'gauge',
    labels: ['resource'],
    help: 'Time since the last event, bookmark or list of a resource.',
  },
  corespan_watch_restarts_total: {
    type: 'counter',
    labels: ['resource', 'reason'],
    help: 'Watches that ended and were started again.',
  },
  corespan_watch_events_total: {
    type: 'counter',
    labels: ['resource', 'type'],
    help: 'Watch events received.',
  },
  corespan_peer_cache_entries: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Objects that peers are resolved with.',
  },
  corespan_peer_resolutions_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Clients resolved, by what they turned out to be.',
  },
  corespan_spans_total: {
    type: 'counter',
    labels: ['decision'],
    help: 'Spans of lookups by what sampling decided; all but sampled_out were kept.',
  },
  corespan_acked_total: {
    type: 'counter',
    labels: ['stage'],
    help: 'Records of a stage that reached their destination.',
  },
  corespan_pending: {
    type: 'gauge',
    labels: ['stage'],
    help: 'Records a stage holds: neither delivered nor dropped.',
  },
  corespan_dropped_total: {
    type: 'counter',
    labels: ['stage', 'reason'],
    help: 'Records given up, with the reason.',
  },
  corespan_clock_steps_back_total: {
    type: 'counter',
    labels: [],
    help: 'Times the clock of a log was set back; what was open then was closed.',
  },
  corespan_otlp_export_duration_seconds: {
    type: 'histogram',
    labels: ['result'],
    help: 'Time of an export to the OTLP endpoint, with what was tried again, by how it ended.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    series: [['success'], ['failure']],
  },
  corespan_graph_edges: { type: 'gauge', labels: [], help: 'Edges of the service graph held.' },
  corespan_series_overflow_total: {
    type: 'counter',
    labels: ['family'],
    help: 'Increments that went to the __other__ row because a series budget was used up.',
  },
  corespan_external_folded_total: {
    type: 'counter',
    labels: [],
    help: 'Lookups of names outside the cluster drawn to external because there are too many such names.',
  },
  corespan_self_edges_total: {
    type: 'counter',
    labels: [],
    help: 'Lookups whose client is their own target; they make no edge.',
  },
  corespan_scrapes_refused_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Scrapes that were not answered in full: too many at once (busy), or not read in time (unread).',
  },
  corespan_connections_cut_total: {
    type: 'counter',
    labels: [],
    help: 'Connections cut to make room for others: too many were open.',
  },
  corespan_process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Resident set size.' },
  corespan_process_heap_bytes: { type: 'gauge', labels: [], help: 'Used heap of the JavaScript engine.' },
  corespan_process_cpu_seconds_total: { type: 'counter', labels: [], help: 'User and system CPU time.' },
  corespan_event_loop_utilization: {
    type: 'gauge',
    labels: [],
    help: 'Share of the time since the last scrape that the event loop was busy.',
  },
} as const satisfies Record<string, SelfMetric>;

type Catalogue = typeof SELF_METRICS;

/** Counters and gauges. */
export type SelfMetricName = {
  [Name in keyof Catalogue]: Catalogue[Name]['type'] extends 'histogram' ? never : Name;
}[keyof Catalogue];

/** Histograms, of seconds. */
export type TimedMetricName = Exclude<keyof Catalogue, SelfMetricName>;
