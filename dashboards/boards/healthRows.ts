/** The rows of corespan-health about lines, logs, stages and bounds. */
import { type Panel, stat, timeseries } from '../build/panels.ts';
import { increase, quantile, rate, select, sum, sumBy } from '../build/promql.ts';

const BUILT = sum(select('corespan_spans_total', 'decision!="sampled_out"'));

function balance(title: string, input: { readonly expr: string; readonly equation: string }): Panel {
  return stat({
    title,
    question: `Does ${input.equation} hold?`,
    advice: 'Anything but 0 at rest is a bug of corespan: please report it with the output of /metrics.',
    unit: 'short',
    redFrom: 1,
    width: 8,
    expr: input.expr,
    legend: 'unaccounted',
  });
}

export const LEDGER: readonly Panel[] = [
  balance('Lines unaccounted for', {
    equation: 'lines read = parsed + rejected',
    expr: `abs(${sum(select('corespan_lines_read_total'))} - ${sum(select('corespan_lines_parsed_total'))} - ${sum(select('corespan_lines_rejected_total'))})`,
  }),
  balance('Queries unaccounted for', {
    equation: 'queries parsed = counted + skipped + forgotten + dropped + pending',
    expr: `abs(${sum(select('corespan_lines_parsed_total', 'kind="query"'))} - ${sum(select('corespan_queries_total'))} - ${sum(select('corespan_queries_skipped_total'))} - ${sum(select('corespan_queries_forgotten_total'))} - ${sum(select('corespan_dropped_total', 'stage="queries"'))} - ${sum(select('corespan_pending', 'stage=~"peers|queries|metrics"'))})`,
  }),
  {
    ...balance('Spans unaccounted for', {
      equation: 'spans kept = acked + pending + dropped',
      expr: `abs(${BUILT} - ${sum(select('corespan_acked_total', 'stage="spans"'))} - ${sum(select('corespan_pending', 'stage="spans"'))} - ${sum(select('corespan_dropped_total', 'stage="spans"'))})`,
    }),
    quiet: 'spans are off',
  },
  timeseries({
    title: 'Lines read, by DNS pod',
    question: 'Does every DNS pod write a log that is read?',
    advice:
      'A DNS pod that serves but is not here: its log plugin is off, or its pod has no corespan. A step down for all: the log plugin was taken out of the Corefile.',
    unit: 'cps',
    queries: [{ expr: sumBy(['dns_pod'], rate('corespan_lines_read_total')), legend: '{{dns_pod}}' }],
  }),
  timeseries({
    title: 'Lines by what they are about',
    question: 'What stands in the logs?',
    advice:
      'errors rising: the upstream resolver fails, the message names it. panic: a bug of CoreDNS. Much of anything but query costs disk.',
    unit: 'cps',
    isStacked: true,
    queries: [{ expr: sumBy(['kind'], rate('corespan_lines_parsed_total')), legend: '{{kind}}' }],
  }),
  timeseries({
    title: 'Lines not understood',
    question: 'Is there a format that corespan does not know?',
    advice:
      'More than 1 in 1,000 after an upgrade of CoreDNS or a new FORMAT: the log of corespan holds a sample a minute; set --log-format or report it.',
    unit: 'cps',
    isStacked: true,
    queries: [{ expr: sumBy(['reason'], rate('corespan_lines_rejected_total')), legend: '{{reason}}' }],
  }),
  timeseries({
    title: 'Query lines that count for nobody',
    question: 'Which queries are no question of a client?',
    advice:
      'inner: CoreDNS chasing a CNAME; probe: health checks of the server; self: corespan asking for its own endpoint. All normal.',
    unit: 'reqps',
    isStacked: true,
    queries: [{ expr: sumBy(['reason'], rate('corespan_queries_skipped_total')), legend: '{{reason}}' }],
  }),
];

export const SOURCE: readonly Panel[] = [
  timeseries({
    title: 'Lag',
    question: 'How old is what it reads?',
    advice: 'Above 30 s for minutes: it has too little CPU or was stopped. DNS is unharmed.',
    unit: 's',
    redFrom: 30,
    queries: [{ expr: `max by (instance) (${select('corespan_lag_seconds')})`, legend: '{{instance}}' }],
  }),
  timeseries({
    title: 'Bytes unread',
    question: 'Is it catching up or falling behind?',
    advice: 'Rising without end: the kubelet will rotate logs away before they are read. Give it more CPU.',
    unit: 'bytes',
    queries: [{ expr: `max by (instance) (${select('corespan_unread_bytes')})`, legend: '{{instance}}' }],
  }),
  timeseries({
    title: 'Bytes read',
    question: 'How much log is there?',
    advice: 'About 120 bytes a query. The kubelet keeps 50 MB for each container unless told otherwise.',
    unit: 'Bps',
    queries: [{ expr: sumBy(['instance'], rate('corespan_read_bytes_total')), legend: '{{instance}}' }],
  }),
  timeseries({
    title: 'Position in the newest log',
    question: 'Does reading move?',
    advice: 'A saw tooth is rotation. A flat line while the DNS pod answers: see the lines read by DNS pod.',
    quiet: 'No log file: read from standard input, the API or a recording.',
    unit: 'bytes',
    queries: [{ expr: `max by (dns_pod) (${select('corespan_read_offset_bytes')})`, legend: '{{dns_pod}}' }],
  }),
  timeseries({
    title: 'Rotations and truncations',
    question: 'What happens to the log files?',
    advice: 'Rotations are normal. Truncations (copytruncate) may lose lines: rotate by renaming instead.',
    unit: 'short',
    queries: [
      { expr: sum(increase('corespan_rotations_total')), legend: 'rotations' },
      { expr: sum(increase('corespan_truncations_total')), legend: 'truncations' },
    ],
  }),
  timeseries({
    title: 'Moments of possible loss',
    question: 'Could lines have been lost before they were read?',
    advice:
      'truncated, refilled: see above. gap, gone, missed: logs vanished faster than they were read, or while corespan was away for long. damaged: a compressed log cannot be unpacked to its end.',
    unit: 'short',
    isStacked: true,
    queries: [{ expr: sumBy(['reason'], increase('corespan_possible_loss_total')), legend: '{{reason}}' }],
  }),
  timeseries({
    title: 'Logs that cannot be read',
    question: 'Is the volume mounted and readable?',
    advice: 'open or folder: rights of the volume. link: mount the folder that the links lead into as well.',
    unit: 'short',
    isStacked: true,
    queries: [{ expr: sumBy(['reason'], increase('corespan_source_errors_total')), legend: '{{reason}}' }],
  }),
  timeseries({
    title: 'Checkpoints',
    question: 'Will it go on where it was after a restart?',
    advice: 'save_failed: the volume of --checkpoint is full or read-only. refused: the file was damaged.',
    unit: 'short',
    isStacked: true,
    queries: [{ expr: sumBy(['result'], increase('corespan_checkpoints_total')), legend: '{{result}}' }],
  }),
];

export const STAGES: readonly Panel[] = [
  timeseries({
    title: 'Held by stage',
    question: 'Where does something wait?',
    advice:
      'spans rising: the OTLP endpoint is slow or away. peers rising: pods whose names have not come yet. lookups: about two seconds worth of them is normal.',
    unit: 'short',
    isStacked: true,
    queries: [{ expr: sumBy(['stage'], select('corespan_pending')), legend: '{{stage}}' }],
  }),
  timeseries({
    title: 'Dropped, with the reason',
    question: 'What was given up?',
    advice:
      'spans: traces are missing, metrics are not; rate is the limit you set (--span-rate), queue_full and export_failed are the OTLP endpoint. watch: names may be missing. queries, lookups: a bug, and metrics lack them too. The runbook CorespanDropping has every reason.',
    unit: 'cps',
    isStacked: true,
    queries: [
      {
        expr: sumBy(['stage', 'reason'], rate('corespan_dropped_total')),
        legend: '{{stage}} {{reason}}',
      },
    ],
  }),
  timeseries({
    title: 'Delivered by stage',
    question: 'Do lookups close and spans arrive?',
    advice: 'Lookups without spans: sampling is low or spans are off. Nothing: see the lines read.',
    unit: 'cps',
    queries: [{ expr: sumBy(['stage'], rate('corespan_acked_total')), legend: '{{stage}}' }],
  }),
  timeseries({
    title: 'Spans by decision',
    question: 'Which lookups become traces, and why?',
    advice:
      'kept_error or kept_slow growing is DNS getting worse. sampled_out is what --sample-ratio leaves out; metrics count it all the same.',
    unit: 'cps',
    isStacked: true,
    quiet: 'Spans are off: no --otlp-endpoint.',
    queries: [{ expr: sumBy(['decision'], rate('corespan_spans_total')), legend: '{{decision}}' }],
  }),
  timeseries({
    title: 'Exports',
    question: 'Does the OTLP endpoint take them?',
    advice: 'failure: the log names the status or the network error. Check the address and the policy.',
    unit: 'reqps',
    isStacked: true,
    quiet: 'Nothing was exported.',
    queries: [
      { expr: sumBy(['result'], rate('corespan_otlp_export_duration_seconds_count')), legend: '{{result}}' },
    ],
  }),
  timeseries({
    title: 'Time of an export',
    question: 'Is the OTLP endpoint fast enough?',
    advice:
      'One batch is under way at a time: 512 spans in this time are the most that leave. Above a second, look at the endpoint and the way there.',
    unit: 's',
    quiet: 'Nothing was exported.',
    queries: [
      {
        expr: quantile(0.99, sumBy(['le', 'result'], rate('corespan_otlp_export_duration_seconds_bucket'))),
        legend: 'p99 {{result}}',
      },
    ],
  }),
  timeseries({
    title: 'Hops behind a NodeLocal DNSCache',
    question: 'Are both halves of a query found?',
    advice:
      'unjoined: the line of the cache is not read by the same corespan. Normal where each reads its own pod.',
    unit: 'reqps',
    isStacked: true,
    width: 24,
    queries: [{ expr: sumBy(['result'], rate('corespan_hops_total')), legend: '{{result}}' }],
  }),
];

export const PARTS: readonly Panel[] = [
  timeseries({
    title: 'Edges held',
    question: 'How near is the budget of the graph?',
    advice: 'At --max-edges (2,000) further edges share the row __other__: raise it, or find the crawler.',
    unit: 'short',
    queries: [{ expr: `max by (instance) (${select('corespan_graph_edges')})`, legend: '{{instance}}' }],
  }),
  timeseries({
    title: 'Increments without a row of their own',
    question: 'Did a budget run out?',
    advice: 'Names behind __other__ are not shown by name. Look for one client with very many targets.',
    unit: 'cps',
    quiet: 'Every budget has room.',
    queries: [{ expr: sumBy(['family'], rate('corespan_series_overflow_total')), legend: '{{family}}' }],
  }),
  timeseries({
    title: 'Lookups closed before their time',
    question: 'Is it holding more lookups than it may?',
    advice: 'Above 0: more than 50,000 lookups are open at once. They are split in two, none is lost.',
    unit: 'cps',
    queries: [{ expr: sum(rate('corespan_lookups_closed_early_total')), legend: 'closed early' }],
  }),
  timeseries({
    title: 'Names and rows given up',
    question: 'Is there more than it may hold?',
    advice:
      'folded: too many outside names, they share the server external. forgotten: queries in rows of workloads that fell silent; rates are unharmed.',
    unit: 'cps',
    queries: [
      { expr: sum(rate('corespan_external_folded_total')), legend: 'folded' },
      { expr: sum(rate('corespan_queries_forgotten_total')), legend: 'forgotten' },
    ],
  }),
  timeseries({
    title: 'Scrapes refused',
    question: 'Does somebody scrape too often, or without reading?',
    advice:
      'busy: several scrapers at once; unread: a scraper that does not read what it asked for; cut: somebody holds more connections than the server keeps open.',
    unit: 'cps',
    isStacked: true,
    quiet: 'Every scrape was answered.',
    queries: [
      { expr: sumBy(['reason'], rate('corespan_scrapes_refused_total')), legend: '{{reason}}' },
      { expr: sum(rate('corespan_connections_cut_total')), legend: 'cut' },
    ],
  }),
  timeseries({
    title: 'Surprises',
    question: 'Did something happen that nobody expected?',
    advice:
      'faults: a bug, its place stands in the log: please report it. clock: the clock of the node was set back.',
    unit: 'short',
    redFrom: 1,
    queries: [
      { expr: sum(increase('corespan_faults_total')), legend: 'faults' },
      { expr: sum(increase('corespan_clock_steps_back_total')), legend: 'clock set back' },
    ],
  }),
];
