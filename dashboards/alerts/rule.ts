/** What a rule is, apart from the files it is written to. */

export interface AlertOptions {
  /** Share of lookups that have to be good: 0.999. */
  readonly objective: number;
  /** Stands before the name of a runbook: a URL, or a folder of this repository. */
  readonly runbooks: string;
  /** Base URL of Grafana; "" leaves links as paths. */
  readonly grafana: string;
}

export const DEFAULT_OPTIONS: AlertOptions = {
  objective: 0.999,
  runbooks: 'docs/runbooks',
  grafana: '',
};

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  /** critical wakes somebody up; corespan's own trouble never does. */
  readonly severity: 'critical' | 'warning' | 'info';
  readonly summary: string;
  readonly description: string;
  /** Path of the dashboard to open, with what the alert knows. */
  readonly dashboard: string;
}

export type Rule = RecordingRule | AlertRule;

export interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** `namespace/workload` in the text of an alert; a node's own processes have no namespace. */
export const WHO = '{{ with $labels.client_namespace }}{{ . }}/{{ end }}{{ $labels.client_workload }}';

export const TO_WORKLOAD =
  '/d/corespan-workload?var-namespace={{ $labels.client_namespace | urlquery }}&var-workload={{ $labels.client_workload | urlquery }}';

/**
 * Whether a counter has grown, for each combination of `by`. `increase` cannot see a series that is born at 1: what was
 * not there at the beginning of the window counts as well, if its corespan was scraped then. Without that every counter
 * would be taken for newly born after Prometheus itself was away.
 */
export function grew(
  selector: string,
  { by, window }: { readonly by: string; readonly window: string },
): string {
  return [
    `sum by (${by}) (increase(${selector}[${window}])) > 0`,
    `or sum by (${by}) ((${selector} unless ${selector} offset ${window})`,
    `and on (job, instance) corespan_build_info offset ${window}) > 0`,
  ].join('\n');
}
