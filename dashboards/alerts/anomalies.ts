/**
 * Unusual denials and volumes, by workload.
 *
 * The widely copied rule "NXDOMAIN above 30 %" fires for ever in a healthy cluster: with ndots:5 three of four queries
 * for an outside name are search path. Here that part is taken out on both sides.
 */
import { type Group, TO_WORKLOAD, WHO } from './rule.ts';

const BY = 'client_namespace, client_workload';
const WANTED = 'client_workload:corespan_queries_wanted:rate10m';

/**
 * Who was there during the whole of that hour, seen every five minutes: the rate of an hour that is covered in part is a
 * part of the rate, and a day after every installation, gap or new workload it would be exceeded many times.
 */
const WAS_THERE = `count_over_time(sum by (${BY}) (corespan_queries_total)[1h:5m] offset 1d) >= 12`;

export const ANOMALIES: Group = {
  name: 'dns-anomalies',
  rules: [
    {
      record: WANTED,
      expr: [
        `sum by (${BY}) (rate(corespan_queries_total[10m]))`,
        `- sum by (${BY}) (rate(corespan_nxdomain_total{kind="search"}[10m]))`,
      ].join('\n'),
    },
    {
      alert: 'DNSNXDomainAbnormal',
      expr: [
        `sum by (${BY}) (rate(corespan_nxdomain_total{kind!="search"}[10m]))`,
        `/ ${WANTED} > 0.3`,
        `and ${WANTED} > 0.5`,
      ].join('\n'),
      for: '10m',
      severity: 'warning',
      summary: `${WHO} asks for names that do not exist`,
      description: `{{ $value | humanizePercentage }} of the queries of ${WHO} that are no search path are denied.`,
      dashboard: TO_WORKLOAD,
    },
    {
      alert: 'DNSQueryVolumeAnomaly',
      expr: [
        `sum by (${BY}) (rate(corespan_queries_total[5m]))`,
        `> 5 * (sum by (${BY}) (rate(corespan_queries_total[1h] offset 1d)) + 1)`,
        `and ${WAS_THERE}`,
      ].join('\n'),
      for: '10m',
      severity: 'warning',
      summary: `${WHO} makes far more DNS queries than a day ago`,
      description: `{{ $value | humanize }} queries a second from ${WHO}: more than five times as many as at the same time yesterday.`,
      dashboard: TO_WORKLOAD,
    },
  ],
};
