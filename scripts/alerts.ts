/** `npm run alerts -- [options]`: prints the alert rules with an objective, runbooks and links of your own. */
import { parseArgs } from 'node:util';
import { toPrometheusRule, toRulesFile } from '../dashboards/alerts/files.ts';
import { type AlertOptions, DEFAULT_OPTIONS } from '../dashboards/alerts/rule.ts';
import { LOWEST_OBJECTIVE } from '../dashboards/alerts/slo.ts';
import { toUnknown } from '../src/config/given.ts';

const LOWEST = LOWEST_OBJECTIVE * 100;

const HELP = `npm run -s alerts -- [--objective PERCENT] [--form rules|prometheusrule] [--runbooks URL] [--grafana URL]

  --objective PERCENT   share of lookups that have to be good, ${LOWEST} to 99.99 (at ${LOWEST} the fastest burn
                        is reached with 72 % of them bad, below 93.06 never); default 99.9
  --form FORM           rules: a file for Prometheus; prometheusrule: an object for its operator; default rules
  --runbooks URL        stands before /<alert>.md; default docs/runbooks
  --grafana URL         base of the links to dashboards; default none
`;

const SEE_HELP = 'npm run -s alerts -- --help';
const TYPES = {
  objective: 'string',
  form: 'string',
  runbooks: 'string',
  grafana: 'string',
  help: 'boolean',
} as const;
const NAMES = Object.keys(TYPES).map((name) => `--${name}`);

// Not strict: what is wrong is told in sentences, all of it at once.
const { values: given, tokens } = parseArgs({
  options: Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, { type }])),
  strict: false,
  allowPositionals: true,
  tokens: true,
});
const values = {
  objective: String(given['objective'] ?? '99.9'),
  form: String(given['form'] ?? 'rules'),
  runbooks: String(given['runbooks'] ?? DEFAULT_OPTIONS.runbooks),
  grafana: String(given['grafana'] ?? DEFAULT_OPTIONS.grafana),
  help: given['help'] === true,
};

const percent = Number(values.objective);
const problems = [
  ...findStrangers(),
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

/** Words that are no option, and options without the value that they want. */
function findStrangers(): string[] {
  /** Where the value of a misspelt option stands. */
  let valueAt = -1;
  return tokens.flatMap((token) => {
    if (token.kind === 'option-terminator') return [];
    if (token.kind === 'positional') {
      return token.index === valueAt
        ? []
        : [`${token.value}: wants an option before it, as in --objective ${token.value}; see ${SEE_HELP}`];
    }
    if (!NAMES.includes(token.rawName)) {
      if (token.value === undefined) valueAt = token.index + 1;
      return [toUnknown(token.rawName, NAMES, SEE_HELP)];
    }
    if (token.name === 'help' || token.value !== undefined) return [];
    return [`${token.rawName}: wants a value; see ${SEE_HELP}`];
  });
}
