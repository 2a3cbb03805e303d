/** One situation for one alert: the series that lead to it, and whether it fires. */
import type { RuleTest } from './promtool.ts';

export interface AlertCase {
  readonly alert: string;
  readonly when: string;
  /** Labels of each alert that fires; none: it is silent. */
  readonly firing: readonly Readonly<Record<string, string>>[];
  /** Something that is there in the end: a silent rule has looked at it. */
  readonly sees: string;
  /** Between two samples; a minute unless given. */
  readonly interval?: string;
  /** Series → values as promtool writes them. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
}

export function toRuleTest({ alert, when, firing, sees, interval = '1m', series, at }: AlertCase): RuleTest {
  const labels = Object.keys(firing[0] ?? {});
  const alerts = `ALERTS{alertname="${alert}", alertstate="firing"}`;
  return {
    name: `${alert}: ${when}`,
    interval,
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: `count by (${labels.join(', ')}) (${alerts})`,
        eval_time: at,
        exp_samples: firing.map((labels) => ({ labels: toLabels(labels), value: 1 })),
      },
      { expr: `count(${sees}) > bool 0`, eval_time: at, exp_samples: [{ labels: '{}', value: 1 }] },
    ],
  };
}

function toLabels(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;
}
