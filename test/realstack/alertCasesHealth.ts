/** Situations for the alerts about corespan itself. */
import type { AlertCase } from './alertCase.ts';

/** corespan's own pod, as a scrape labels it. */
const POD = { namespace: 'kube-system', pod: 'coredns-1' };
const OWN = 'namespace="kube-system", pod="coredns-1"';

/** A gauge above and at its threshold. */
function gauge(
  alert: string,
  { series, above, at }: { readonly series: string; readonly above: number; readonly at: number },
): AlertCase[] {
  return [
    {
      alert,
      when: `it is ${above}`,
      firing: [POD],
      sees: series,
      series: { [series]: `${above}x30` },
      at: '20m',
    },
    { alert, when: `it is ${at}`, firing: [], sees: series, series: { [series]: `${at}x30` }, at: '20m' },
  ];
}

/**
 * A counter that grows, one that stands, and one that Prometheus first sees at 1, which `increase` alone misses. But what
 * it first sees together with the whole of a corespan was there before.
 */
function counter(
  alert: string,
  {
    series,
    labels,
    at = '22m',
  }: {
    readonly series: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly at?: string;
  },
): AlertCase[] {
  const firing = [{ ...POD, ...labels }];
  const scraped = series.replace('{', '{job="corespan", instance="a", ');
  const own = 'corespan_build_info{job="corespan", instance="a"}';
  const other = 'corespan_build_info{job="corespan", instance="b"}';
  const toCase = (when: string, values: Readonly<Record<string, string>>): AlertCase => ({
    ...{ alert, when, firing: [], sees: series, at: '55m' },
    series: { [own]: '1x60', [other]: '1x60', ...values },
  });
  return [
    { ...toCase('it grows', { [scraped]: '0x10 1+1x20' }), firing, at },
    { ...toCase('it is born at 1', { [scraped]: '_x15 1x60' }), firing, at },
    toCase('it stands', { [scraped]: '7x60' }),
    toCase('it is 0', { [scraped]: '0x60' }),
    {
      ...toCase('it is scraped for the first time, at 7', {
        [scraped]: '_x15 7x60',
        [own]: '_x15 1x60',
      }),
      at,
    },
    {
      ...toCase('Prometheus was away for half an hour', {
        [scraped]: '7x5 _x30 7x60',
        [own]: '1x5 _x30 1x60',
        [other]: '1x5 _x30 1x60',
      }),
      at: '42m',
    },
  ];
}

const DNS_QUERIES = 'coredns_dns_requests_total{pod="coredns-1", server="dns://:53"}';
const READ =
  'corespan_lines_read_total{namespace="kube-system", pod="reader-1", dns_pod="kube-system/coredns-1"}';
const PARSED =
  'corespan_lines_parsed_total{namespace="kube-system", pod="reader-1", dns_pod="kube-system/coredns-1", kind="query"}';
const DNS_POD = { pod: 'coredns-1' };

const READING_CASES: readonly AlertCase[] = [
  {
    alert: 'CorespanGap',
    when: 'no line is read any more: the log plugin was taken away, or the reading stands still',
    firing: [DNS_POD],
    sees: 'corespan_lines_read_total',
    series: { [DNS_QUERIES]: '0+600x60', [READ]: '0+600x20 12000x40', [PARSED]: '0+600x20 12000x40' },
    at: '50m',
  },
  {
    alert: 'CorespanGap',
    when: 'the log plugin was never on: the log holds the banner and nothing else',
    firing: [DNS_POD],
    sees: 'corespan_lines_read_total',
    series: { [DNS_QUERIES]: '0+600x60', [READ]: '4x60' },
    at: '50m',
  },
  {
    alert: 'CorespanGap',
    when: 'corespan runs in the DNS pod and does not know its name: the scrape does',
    firing: [DNS_POD],
    sees: 'corespan_lines_read_total',
    series: {
      [DNS_QUERIES]: '0+600x60',
      'corespan_lines_read_total{pod="coredns-1", dns_pod="0.log"}': '4x60',
    },
    at: '50m',
  },
  {
    alert: 'CorespanGap',
    when: 'half of the queries stand in the log, as with class denial',
    firing: [],
    sees: 'corespan_lines_read_total',
    series: { [DNS_QUERIES]: '0+600x60', [READ]: '0+300x60', [PARSED]: '0+300x60' },
    at: '50m',
  },
  {
    alert: 'CorespanGap',
    when: 'nobody asks: less than one query a second',
    firing: [],
    sees: 'corespan_lines_read_total',
    series: { [DNS_QUERIES]: '0+30x60', [READ]: '4x60' },
    at: '50m',
  },
  {
    alert: 'CorespanNotReading',
    when: 'one of two DNS pods has no reader',
    firing: [{ pod: 'coredns-2' }],
    sees: 'corespan_lines_read_total',
    series: {
      [DNS_QUERIES]: '0+600x60',
      'coredns_dns_requests_total{pod="coredns-2", server="dns://:53"}': '0+600x60',
      [READ]: '0+600x60',
    },
    at: '30m',
  },
  {
    alert: 'CorespanNotReading',
    when: 'both are read, one by a DaemonSet and one by its sidecar',
    firing: [],
    sees: 'corespan_lines_read_total',
    series: {
      [DNS_QUERIES]: '0+600x60',
      'coredns_dns_requests_total{pod="coredns-2", server="dns://:53"}': '0+600x60',
      [READ]: '0+600x60',
      'corespan_lines_read_total{pod="coredns-2", dns_pod="0.log"}': '0+600x60',
    },
    at: '30m',
  },
];

const REJECTED = `corespan_lines_rejected_total{${OWN}, dns_pod="a", reason="unrecognised"}`;
const LINES = `corespan_lines_read_total{${OWN}, dns_pod="a"}`;

export const HEALTH_CASES: readonly AlertCase[] = [
  {
    alert: 'CorespanDown',
    when: 'it vanished 20 minutes ago',
    firing: [{}],
    sees: 'up',
    series: { up: '1x60', 'corespan_build_info{version="1"}': '1x20' },
    at: '45m',
  },
  {
    alert: 'CorespanDown',
    when: 'one of two is there',
    firing: [],
    sees: 'corespan_build_info',
    series: { 'corespan_build_info{pod="a"}': '1x20', 'corespan_build_info{pod="b"}': '1x60' },
    at: '45m',
  },
  {
    alert: 'CorespanDown',
    when: 'it restarts for five minutes',
    firing: [],
    sees: 'corespan_build_info',
    series: { corespan_build_info: '1x20 _x10 1x30' },
    at: '45m',
  },
  ...gauge('CorespanConfigWrong', { series: `corespan_config_problems{${OWN}}`, above: 2, at: 0 }),
  ...gauge('CorespanBehind', { series: `corespan_lag_seconds{${OWN}}`, above: 31, at: 30 }),
  ...gauge('CorespanWatchStale', {
    series: `corespan_watch_age_seconds{${OWN}, resource="pods"}`,
    above: 301,
    at: 300,
  }),
  {
    alert: 'CorespanBehind',
    when: 'a peak of two minutes',
    firing: [],
    sees: `corespan_lag_seconds > 30`,
    series: { [`corespan_lag_seconds{${OWN}}`]: '0x18 40x10' },
    at: '20m',
  },
  {
    alert: 'CorespanRejected',
    when: '2 in 1,000 lines are not understood',
    firing: [POD],
    sees: REJECTED,
    series: { [LINES]: '0+1000x60', [REJECTED]: '0+2x60' },
    at: '40m',
  },
  {
    alert: 'CorespanRejected',
    when: '9 in 10,000 lines are not understood',
    firing: [],
    sees: REJECTED,
    series: { [LINES]: '0+10000x60', [REJECTED]: '0+9x60' },
    at: '40m',
  },
  {
    alert: 'CorespanRejected',
    when: 'nothing is read: no ratio',
    firing: [],
    sees: REJECTED,
    series: { [LINES]: '1000x60', [REJECTED]: '10x60' },
    at: '40m',
  },
  ...counter('CorespanDropping', {
    series: `corespan_dropped_total{${OWN}, stage="spans", reason="queue_full"}`,
    labels: { stage: 'spans', reason: 'queue_full' },
  }),
  {
    alert: 'CorespanDropping',
    when: 'the limit on spans a second does its work',
    firing: [],
    sees: 'corespan_dropped_total',
    series: { [`corespan_dropped_total{${OWN}, stage="spans", reason="rate"}`]: '0+100x60' },
    at: '40m',
  },
  ...counter('CorespanCheckpointFailing', {
    series: `corespan_checkpoints_total{${OWN}, result="save_failed"}`,
    labels: {},
  }),
  {
    alert: 'CorespanCheckpointFailing',
    when: 'checkpoints are saved',
    firing: [],
    sees: 'corespan_checkpoints_total',
    series: { [`corespan_checkpoints_total{${OWN}, result="saved"}`]: '0+6x60' },
    at: '40m',
  },
  ...counter('CorespanSeriesCapHit', {
    series: `corespan_series_overflow_total{${OWN}, family="corespan_queries_total"}`,
    labels: { family: 'corespan_queries_total' },
  }),
  ...READING_CASES,
];
