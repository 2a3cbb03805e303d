/** Situations for the alerts about denials and volumes. */
import type { AlertCase } from './alertCase.ts';

const WEB = { client_namespace: 'shop', client_workload: 'web' };
const OWN = 'client_namespace="shop", client_workload="web"';
const WANTED = 'client_workload:corespan_queries_wanted:rate10m';

/** Queries a minute: answered, denied on the search path, denied for good. */
export function toDenials(
  samples: number,
  { answered, search, never }: { readonly answered: number; readonly search: number; readonly never: number },
): Record<string, string> {
  return {
    [`corespan_queries_total{${OWN}, qtype="A", rcode="NOERROR", target_class="external"}`]: `0+${answered}x${samples}`,
    [`corespan_queries_total{${OWN}, qtype="A", rcode="NXDOMAIN", target_class="unknown"}`]: `0+${search + never}x${samples}`,
    [`corespan_nxdomain_total{${OWN}, kind="search"}`]: `0+${search}x${samples}`,
    [`corespan_nxdomain_total{${OWN}, kind="never_valid"}`]: `0+${never}x${samples}`,
    [`corespan_nxdomain_total{${OWN}, kind="was_valid"}`]: `0x${samples}`,
    [`corespan_nxdomain_total{${OWN}, kind="other_namespace"}`]: `0x${samples}`,
  };
}

const DENIED = { alert: 'DNSNXDomainAbnormal', at: '40m' };

const DENIAL_CASES: readonly AlertCase[] = [
  {
    ...DENIED,
    when: 'half of what it wants does not exist',
    firing: [WEB],
    sees: WANTED,
    series: toDenials(45, { answered: 60, search: 180, never: 60 }),
  },
  {
    ...DENIED,
    when: '29 % of what it wants does not exist',
    firing: [],
    sees: `${WANTED} > 1.6`,
    series: toDenials(45, { answered: 71, search: 0, never: 29 }),
  },
  {
    ...DENIED,
    when: '80 % of its queries are denied, all of them search path: a healthy cluster',
    firing: [],
    sees: `${WANTED} > 0.9`,
    series: toDenials(45, { answered: 60, search: 240, never: 0 }),
  },
  {
    ...DENIED,
    when: 'everything is denied, but it asks only every few seconds: below the guard',
    firing: [],
    sees: `${WANTED} > 0.3`,
    series: toDenials(45, { answered: 0, search: 0, never: 20 }),
  },
  {
    ...DENIED,
    when: 'the queries of a cache are hops: it has no denials of its own',
    firing: [],
    sees: `${WANTED} > 9`,
    series: {
      'corespan_queries_total{client_namespace="kube-system", client_workload="node-local-dns", qtype="A", rcode="NXDOMAIN", target_class="unknown"}':
        '0+600x45',
      'corespan_nxdomain_total{client_namespace="kube-system", client_workload="node-local-dns", kind="search"}':
        '0x45',
      'corespan_nxdomain_total{client_namespace="kube-system", client_workload="node-local-dns", kind="never_valid"}':
        '0x45',
    },
  },
  {
    ...DENIED,
    when: 'it has lasted for five minutes only',
    firing: [],
    sees: `${WANTED} > 0.9`,
    series: {
      ...toDenials(45, { answered: 60, search: 180, never: 0 }),
      [`corespan_nxdomain_total{${OWN}, kind="never_valid"}`]: '0x35 0+60x10',
    },
  },
];

const VOLUME = {
  alert: 'DNSQueryVolumeAnomaly',
  at: '25h50m',
  sees: 'corespan_queries_total',
};
const QUERIES = `corespan_queries_total{${OWN}, qtype="A", rcode="NOERROR", target_class="service"}`;

/** What today is compared with. */
const YESTERDAY = 'corespan_queries_total offset 1d';

/** A thousand a second all the time, and the rate of that hour is a part of what it was: without asking how much of it there was, it fires. */
const PARTLY = {
  interval: '30s',
  sees: 'rate(corespan_queries_total[5m]) > 5 * (rate(corespan_queries_total[1h] offset 1d) + 1)',
};

const VOLUME_CASES: readonly AlertCase[] = [
  {
    ...VOLUME,
    when: 'a hundred times as many as at the same time yesterday',
    firing: [WEB],
    series: { [QUERIES]: '0+60x1500 90060+6000x60' },
  },
  {
    ...VOLUME,
    when: 'as many as yesterday, and that is much',
    firing: [],
    sees: YESTERDAY,
    series: { [QUERIES]: '0+6000x1560' },
  },
  {
    ...VOLUME,
    when: 'four times as many: below the threshold',
    firing: [],
    sees: YESTERDAY,
    series: { [QUERIES]: '0+6000x1500 9024000+24000x60' },
  },
  {
    ...VOLUME,
    when: 'born today: there is nothing to compare with',
    firing: [],
    series: { [QUERIES]: '_x1500 0+6000x60' },
  },
  {
    ...VOLUME,
    ...PARTLY,
    when: 'born yesterday: it was there for the last minutes of the hour that is compared',
    firing: [],
    series: { [QUERIES]: '_x120 0+30000x3200' },
    at: '25h11m',
  },
  {
    ...VOLUME,
    ...PARTLY,
    when: 'gap yesterday: nothing was scraped but the first minutes of that hour',
    firing: [],
    series: { [QUERIES]: '0+30000x240 _x360 8000000+30000x3200' },
    at: '26h59m',
  },
  {
    ...VOLUME,
    ...PARTLY,
    when: 'gap yesterday: it was over in the last minutes of that hour',
    firing: [],
    series: { [QUERIES]: '0+30000x240 _x360 8000000+30000x3200' },
    at: '29h11m',
  },
];

export const ANOMALY_CASES: readonly AlertCase[] = [...DENIAL_CASES, ...VOLUME_CASES];
