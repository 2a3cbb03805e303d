/** `npm run alerts -- [options]`: prints the alert rules with an objective, runbooks and links of your own. */
import { parseArgs } from 'node:util';
import { toPrometheusRule, toRulesFile } from '../dashboards/alerts/files.ts';
import { type AlertOptions, DEFAULT_OPTIONS } from '../dashboards/alerts/rule.ts';
import { LOWEST_OBJECTIVE } from '../dashboards/alerts/slo.ts';

const LOWEST = LOWEST_OBJECTIVE * 100;

const HELP = `npm run -s alerts -- [--objective PERCENT] [--form rules|prometheusrule] [--runbooks URL] [--grafana URL]

  --objective PERCENT   share of lookups that have to be good, ${LOWEST} to 99.99 (with less, the fastest burn
                        could never be reached); default 99.9
  --form FORM           rules: a file for Prometheus; prometheusrule: an object for its operator; default rules
  --runbooks URL        stands before /<alert>.md; default docs/runbooks
  --grafana URL         base of the links to dashboards; default none
`;

const { values } = parseArgs({
  options: {
    objective: { type: 'string', default: '99.9' },
    form: { type: 'string', default: 'rules' },
    runbooks: { type: 'string', default: DEFAULT_OPTIONS.runbooks },
    grafana: { type: 'string', default: DEFAULT_OPTIONS.grafana },
    help: { type: 'boolean', default: false },
  },
});

const percent = Number(values.objective);
const problems = [
  ...(percent >= LOWEST && percent <= 99.99
    ? []
    : [`--objective: got ${values.objective}, wants a percentage from ${LOWEST} to 99.99`]),
  ...(['rules', 'prometheusrule'].includes(values.form)
    ? []
    : [`--form: got ${values.form}, wants rules or prometheusrule`]),
];

if (values.help) process.stdout.write(HELP);
else if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 2;
} else {
  const options: AlertOptions = {
    objective: percent / 100,
    runbooks: values.runbooks.replace(/\/$/, ''),
    grafana: values.grafana.replace(/\/$/, ''),
  };
  process.stdout.write(values.form === 'rules' ? toRulesFile(options) : toPrometheusRule(options));
}
