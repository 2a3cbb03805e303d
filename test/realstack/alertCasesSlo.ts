/** Situations for the alerts about error budgets. */
import type { AlertCase } from './alertCase.ts';

const WEB = { client_namespace: 'shop', client_workload: 'web' };

/** Increments of each sample: lookups that are good, and that are bad by cause. */
interface Traffic {
  readonly good: number;
  readonly error?: number;
  readonly slow?: number;
  readonly labels?: string;
}

function toSeries(
  samples: number,
  { good, error = 0, slow = 0, labels = '' }: Traffic,
): Record<string, string> {
  const own = `client_namespace="shop", client_workload="web"${labels}`;
  return {
    // A slow lookup has an outcome like any other.
    [`corespan_lookups_total{${own}, outcome="success"}`]: `0+${good + slow}x${samples}`,
    [`corespan_lookups_total{${own}, outcome="error"}`]: `0+${error}x${samples}`,
    [`corespan_lookups_bad_total{${own}, cause="error"}`]: `0+${error}x${samples}`,
    [`corespan_lookups_bad_total{${own}, cause="slow"}`]: `0+${slow}x${samples}`,
  };
}

const FAST = { alert: 'DNSErrorBudgetBurnFast', at: '2h' };
const RATIO = 'client_workload:corespan_lookups_bad:ratio_rate1h';

const FAST_CASES: readonly AlertCase[] = [
  {
    ...FAST,
    when: '2 % fail or are slow (the threshold is 1.44 %)',
    firing: [WEB],
    sees: RATIO,
    series: toSeries(130, { good: 98, error: 1, slow: 1 }),
  },
  {
    ...FAST,
    when: '1.4 % fail',
    firing: [],
    sees: `${RATIO} > 0.0139`,
    series: toSeries(130, { good: 986, error: 14 }),
  },
  {
    ...FAST,
    when: 'everything fails, but only five times an hour: below the guard',
    firing: [],
    sees: `${RATIO} > 0.99`,
    series: {
      'corespan_lookups_total{client_namespace="shop", client_workload="web", outcome="error"}':
        '0x11 1x11 2x11 3x11 4x11 5x80',
      'corespan_lookups_bad_total{client_namespace="shop", client_workload="web", cause="error"}':
        '0x11 1x11 2x11 3x11 4x11 5x80',
    },
    at: '55m',
  },
  {
    ...FAST,
    when: 'it is over: the last 5 minutes are good',
    firing: [],
    sees: `${RATIO} > 0.0144`,
    series: {
      'corespan_lookups_total{client_namespace="shop", client_workload="web", outcome="success"}': '0+90x130',
      'corespan_lookups_bad_total{client_namespace="shop", client_workload="web", cause="error"}':
        '0+10x110 1100x20',
    },
  },
  {
    ...FAST,
    when: 'a workload has no bad series at all: absent, not 0 and not firing',
    firing: [],
    sees: 'client_workload:corespan_lookups:rate1h > 0.1',
    series: {
      'corespan_lookups_total{client_namespace="shop", client_workload="web", outcome="error"}': '0+60x130',
    },
  },
  {
    ...FAST,
    when: 'a small replica fails wholly beside a large good one: sums, not averages',
    firing: [],
    sees: `${RATIO} > 0.009`,
    series: {
      ...toSeries(130, { good: 990, labels: ', instance="a"' }),
      ...toSeries(130, { good: 0, error: 10, labels: ', instance="b"' }),
    },
  },
  {
    ...FAST,
    when: 'two replicas see half of the trouble each: one alert',
    firing: [WEB],
    sees: RATIO,
    series: {
      ...toSeries(130, { good: 49, error: 1, labels: ', instance="a"' }),
      ...toSeries(130, { good: 49, error: 1, labels: ', instance="b"' }),
    },
  },
  {
    ...FAST,
    when: 'three of four queries are search path, and every lookup is good',
    firing: [],
    sees: `${RATIO} == 0`,
    series: {
      ...toSeries(130, { good: 60 }),
      'corespan_nxdomain_total{client_namespace="shop", client_workload="web", kind="search"}': '0+360x130',
    },
  },
];

/** Just above and just below the threshold of the slower burns: per thousand bad lookups. */
const SLOW_CASES: readonly AlertCase[] = [
  {
    alert: 'DNSErrorBudgetBurn',
    window: '6h',
    interval: '1m',
    samples: 400,
    at: '6h30m',
    above: 7,
    below: 5,
  },
  {
    alert: 'DNSErrorBudgetBurnSlow',
    window: '1d',
    interval: '5m',
    samples: 300,
    at: '25h',
    above: 4,
    below: 2,
  },
  {
    alert: 'DNSErrorBudgetBurnSlowest',
    window: '3d',
    interval: '10m',
    samples: 450,
    at: '73h',
    above: 2,
    below: 0.9,
  },
].flatMap(({ alert, window, interval, samples, at, above, below }) =>
  [above, below].map(
    (bad): AlertCase => ({
      alert,
      when: `${bad} in 1,000 fail for ${window}`,
      firing: bad === above ? [WEB] : [],
      sees: `client_workload:corespan_lookups_bad:ratio_rate${window} > 0`,
      interval,
      series: toSeries(samples, { good: 1000 - bad, error: bad }),
      at,
    }),
  ),
);

/** A tenth is bad, which the fastest tells; the slower ones wait until half of their window has seen lookups. */
const YOUNG_CASES: readonly AlertCase[] = [
  { alert: 'DNSErrorBudgetBurn', window: '6h', interval: '1m', young: '2h50m', grown: '3h10m' },
  { alert: 'DNSErrorBudgetBurnSlow', window: '1d', interval: '5m', young: '11h50m', grown: '12h30m' },
  { alert: 'DNSErrorBudgetBurnSlowest', window: '3d', interval: '10m', young: '35h', grown: '37h' },
].flatMap(({ alert, window, interval, young, grown }) =>
  [young, grown].map(
    (at): AlertCase => ({
      alert,
      when: `it has been there for ${at}`,
      firing: at === grown ? [WEB] : [],
      sees: `client_workload:corespan_lookups_bad:ratio_rate${window} > 0.09`,
      interval,
      series: toSeries(250, { good: 900, error: 100 }),
      at,
    }),
  ),
);

/** What sleeps at night has lookups in the older half of a day all the same. */
const SLEEPER: AlertCase = {
  alert: 'DNSErrorBudgetBurnSlow',
  when: 'it works from nine to five, and its second day is as bad as its first',
  firing: [WEB],
  sees: 'client_workload:corespan_lookups_bad:ratio_rate1d > 0.09',
  interval: '5m',
  series: Object.fromEntries(
    Object.entries(toSeries(96, { good: 900, error: 100 })).map(([series, day]) => [
      series,
      `${day} _x191 ${day}`,
    ]),
  ),
  at: '27h',
};

export const SLO_CASES: readonly AlertCase[] = [...FAST_CASES, ...SLOW_CASES, ...YOUNG_CASES, SLEEPER];
