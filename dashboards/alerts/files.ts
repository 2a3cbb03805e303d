/** The rules as files: for Prometheus itself, and as an object for the Prometheus operator. One source, two forms. */
import { stringify } from 'yaml';
import { ANOMALIES } from './anomalies.ts';
import { HEALTH_GROUP } from './health.ts';
import { type AlertOptions, type AlertRule, DEFAULT_OPTIONS, type Group, type Rule } from './rule.ts';
import { toSlo } from './slo.ts';

const MADE = '# Made by `npm run generate`; other objectives: `npm run alerts -- --help`.';

export function toGroups(options: AlertOptions = DEFAULT_OPTIONS): readonly Group[] {
  return [toSlo(options), ANOMALIES, HEALTH_GROUP];
}

export function toAlerts(groups: readonly Group[]): readonly AlertRule[] {
  return groups.flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));
}

/** What `rule_files` of Prometheus takes. */
export function toRulesFile(options: AlertOptions = DEFAULT_OPTIONS): string {
  return `${MADE}\n${toYaml(toContent(options))}`;
}

/** What the Prometheus operator takes; committed among the manifests. */
export function toPrometheusRule(options: AlertOptions = DEFAULT_OPTIONS): string {
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'corespan', labels: { 'app.kubernetes.io/name': 'corespan' } },
    spec: toContent(options),
  };
  return `${MADE}\n${toYaml(object)}`;
}

/** Path → content of what is committed. */
export function toAlertFiles(): Map<string, string> {
  return new Map([['dashboards/prometheus/corespan-rules.yaml', toRulesFile()]]);
}

function toContent(options: AlertOptions): object {
  const groups = toGroups(options).map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => toRule(rule, options)),
  }));
  return { groups };
}

function toRule(rule: Rule, { runbooks, grafana }: AlertOptions): object {
  if ('record' in rule) return rule;
  const { alert, expr, for: duration, severity, summary, description, dashboard } = rule;
  return {
    alert,
    expr,
    ...(duration === undefined ? {} : { for: duration }),
    labels: { severity },
    annotations: {
      summary,
      description,
      runbook_url: `${runbooks}/${alert}.md`,
      dashboard_url: `${grafana}${dashboard}`,
    },
  };
}

/** Long lines stay long: a folded expression is hard to copy. */
function toYaml(content: object): string {
  return stringify(content, { lineWidth: 0, blockQuote: 'literal' });
}
