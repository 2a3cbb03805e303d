/** corespan about itself. It never pages: whatever ails corespan, DNS is unharmed. */
import { type Group, grew } from './rule.ts';

const HEALTH = '/d/corespan-health?var-instance={{ $labels.instance | urlquery }}';
const HEALTH_OF_ALL = '/d/corespan-health';
const OWN_POD = '{{ $labels.namespace }}/{{ $labels.pod }}';

/** Lines of a DNS pod carry its name in `dns_pod`; beside it in one pod, without a name, the scrape's own `pod` is it. */
function byDnsPod(series: string): string {
  return `label_replace(${series}, "pod", "$1", "dns_pod", ".+/(.+)")`;
}

const ANSWERING = 'sum by (pod) (rate(coredns_dns_requests_total[5m])) > 1';

export const HEALTH_GROUP: Group = {
  name: 'corespan-health',
  rules: [
    {
      alert: 'CorespanDown',
      expr: 'absent(corespan_build_info)',
      for: '15m',
      severity: 'warning',
      summary: 'No corespan is scraped',
      description: 'Prometheus has not seen any corespan for 15 minutes: DNS is not observed.',
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanConfigWrong',
      expr: 'corespan_config_problems > 0',
      for: '5m',
      severity: 'warning',
      summary: `corespan in ${OWN_POD} does nothing or names nobody: its configuration is wrong`,
      description: `{{ $value }} problems in the configuration of corespan in ${OWN_POD}; /readyz names them. It reads nothing; if only its service account is missing, it reads and names no client.`,
      dashboard: HEALTH,
    },
    {
      alert: 'CorespanBehind',
      expr: 'corespan_lag_seconds > 30',
      for: '5m',
      severity: 'warning',
      summary: `corespan in ${OWN_POD} is behind the log`,
      description: `corespan in ${OWN_POD} reads lines that are {{ $value | humanizeDuration }} old.`,
      dashboard: HEALTH,
    },
    {
      alert: 'CorespanRejected',
      expr: [
        'sum by (namespace, pod) (rate(corespan_lines_rejected_total[15m]))',
        '/ sum by (namespace, pod) (rate(corespan_lines_read_total[15m])) > 0.001',
      ].join('\n'),
      for: '5m',
      severity: 'warning',
      summary: `corespan in ${OWN_POD} does not understand its log`,
      description: `{{ $value | humanizePercentage }} of the lines that corespan in ${OWN_POD} reads are not understood.`,
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanDropping',
      expr: grew('corespan_dropped_total{reason!="rate"}', {
        by: 'namespace, pod, stage, reason',
        window: '10m',
      }),
      severity: 'info',
      summary: `corespan in ${OWN_POD} drops {{ $labels.stage }}`,
      description: `corespan in ${OWN_POD} dropped {{ $value | humanize }} {{ $labels.stage }} within 10 minutes: {{ $labels.reason }}.{{ if eq $labels.stage "spans" }} Metrics are complete.{{ end }}`,
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanGap',
      expr: [
        ANSWERING,
        `and on (pod) ${byDnsPod('corespan_lines_read_total')}`,
        `unless on (pod) sum by (pod) (${byDnsPod('rate(corespan_lines_parsed_total{kind="query"}[5m])')}) > 0`,
      ].join('\n'),
      for: '10m',
      severity: 'warning',
      summary: 'No query in the log of DNS pod {{ $labels.pod }} is read',
      description:
        '{{ $labels.pod }} answers {{ $value | humanize }} queries a second, and the corespan that has its log reads none of them: the log plugin is off, or the reading stands still.',
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanNotReading',
      expr: [ANSWERING, `unless on (pod) ${byDnsPod('corespan_lines_read_total')}`].join('\n'),
      for: '10m',
      severity: 'info',
      summary: 'Nobody reads the log of DNS pod {{ $labels.pod }}',
      description:
        '{{ $labels.pod }} answers {{ $value | humanize }} queries a second, and no corespan reads its log.',
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanWatchStale',
      expr: 'corespan_watch_age_seconds > 300',
      severity: 'warning',
      summary: `corespan in ${OWN_POD} hears nothing of {{ $labels.resource }}`,
      description: `corespan in ${OWN_POD} has heard nothing of {{ $labels.resource }} for {{ $value | humanizeDuration }}: clients that started since then have no name.`,
      dashboard: HEALTH,
    },
    {
      alert: 'CorespanCheckpointFailing',
      expr: grew('corespan_checkpoints_total{result="save_failed"}', { by: 'namespace, pod', window: '10m' }),
      for: '5m',
      severity: 'warning',
      summary: `corespan in ${OWN_POD} cannot save its position`,
      description: `corespan in ${OWN_POD} could not save its checkpoint {{ $value | humanize }} times within 10 minutes: after a restart it reads everything again.`,
      dashboard: HEALTH_OF_ALL,
    },
    {
      alert: 'CorespanSeriesCapHit',
      expr: grew('corespan_series_overflow_total', { by: 'namespace, pod, family', window: '15m' }),
      severity: 'info',
      summary: `corespan in ${OWN_POD} has no more room in {{ $labels.family }}`,
      description: `{{ $value | humanize }} increments of {{ $labels.family }} went to the row __other__ within 15 minutes.`,
      dashboard: HEALTH_OF_ALL,
    },
  ],
};
