/**
 * Error budgets of DNS lookups, by workload: alerts that fire when a budget burns too fast (multi-window, multi-burn).
 *
 * Bad is a lookup whose final outcome is no usable answer, or that took longer than 250 ms. A step of the search path
 * that found nothing is not bad.
 */
import {
  type AlertOptions,
  type AlertRule,
  type Group,
  type RecordingRule,
  TO_WORKLOAD,
  WHO,
} from './rule.ts';

const BY = 'client_namespace, client_workload';
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof WINDOWS)[number];

/** Fewer lookups a second than this, and one bad lookup is a large share of nothing. */
const MIN_RATE = 0.1;

/** The fastest burn asks for 72 % bad lookups then; with 93.05 % and less for more than there are: it could never fire. */
export const LOWEST_OBJECTIVE = 0.95;

interface Burn {
  readonly alert: string;
  readonly long: Window;
  /** Lets the alert end soon after the trouble has. */
  readonly short: Window;
  /**
   * Half of the long window: in the older half there were lookups too. Otherwise the first ten minutes of a workload
   * would burn the budgets of hours and days at once. The fastest does not wait for that.
   */
  readonly half?: string;
  /** How many times faster than the objective allows. */
  readonly factor: number;
  readonly severity: AlertRule['severity'];
  readonly meaning: string;
}

/** Windows and factors of the SRE workbook, over a period of 30 days. */
const BURNS: readonly Burn[] = [
  {
    alert: 'DNSErrorBudgetBurnFast',
    long: '1h',
    short: '5m',
    factor: 14.4,
    severity: 'critical',
    meaning: '2 % of the budget of 30 days in one hour',
  },
  {
    alert: 'DNSErrorBudgetBurn',
    long: '6h',
    short: '30m',
    half: '3h',
    factor: 6,
    severity: 'critical',
    meaning: '5 % of the budget of 30 days in six hours',
  },
  {
    alert: 'DNSErrorBudgetBurnSlow',
    long: '1d',
    short: '2h',
    half: '12h',
    factor: 3,
    severity: 'warning',
    meaning: '10 % of the budget of 30 days in a day',
  },
  {
    alert: 'DNSErrorBudgetBurnSlowest',
    long: '3d',
    short: '6h',
    half: '36h',
    factor: 1,
    severity: 'warning',
    meaning: '10 % of the budget of 30 days in three days',
  },
];

export function toSlo({ objective }: AlertOptions): Group {
  return {
    name: 'dns-slo',
    rules: [...WINDOWS.map(toRatio), LOOKUPS, ...BURNS.map((burn) => toAlert(burn, objective))],
  };
}

const LOOKUPS: RecordingRule = {
  record: 'client_workload:corespan_lookups:rate1h',
  expr: `sum by (${BY}) (rate(corespan_lookups_total[1h]))`,
};

function toRatio(window: Window): RecordingRule {
  return {
    record: toRatioName(window),
    expr: [
      `sum by (${BY}) (rate(corespan_lookups_bad_total[${window}]))`,
      `/ sum by (${BY}) (rate(corespan_lookups_total[${window}]))`,
    ].join('\n'),
  };
}

function toAlert(
  { alert, long, short, half, factor, severity, meaning }: Burn,
  objective: number,
): AlertRule {
  const threshold = `${factor} * ${toBudget(objective)}`;
  return {
    alert,
    expr: [
      `${toRatioName(long)} > ${threshold}`,
      `and ${toRatioName(short)} > ${threshold}`,
      `and ${LOOKUPS.record} > ${MIN_RATE}`,
      ...(half === undefined ? [] : [`and present_over_time(${LOOKUPS.record}[${half}] offset ${half})`]),
    ].join('\n'),
    severity,
    summary: `DNS lookups of ${WHO} fail or are slow`,
    description: `{{ $value | humanizePercentage }} of the lookups of ${WHO} within ${long} failed or took longer than 250 ms: ${meaning}.`,
    dashboard: TO_WORKLOAD,
  };
}

function toRatioName(window: Window): string {
  return `client_workload:corespan_lookups_bad:ratio_rate${window}`;
}

/** What may be bad, without the noise of binary fractions: 0.999 → 0.001. */
function toBudget(objective: number): string {
  return String(Number((1 - objective).toPrecision(6)));
}
