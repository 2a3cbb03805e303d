/** The references in docs/reference, made from the catalogues in the code. */
import { conditionsOf } from '../src/config/conditions.ts';
import { OPTIONS, type Option, toFlag, toVariable } from '../src/config/options.ts';
import type { ValueType } from '../src/config/values.ts';
import { RULES } from '../src/install/doctor/rules.ts';
import { METRICS, type Metric } from '../src/metrics/catalogue.ts';
import { SELF_METRICS } from '../src/self/catalogue.ts';
import { ATTRIBUTES } from '../src/spans/catalogue.ts';

const MADE = '<!-- Made by `npm run generate`. Change the catalogue in the code, not this file. -->';

/** What the references are made from. */
export interface Catalogues {
  readonly options: Readonly<Record<string, Option>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly selfMetrics: Readonly<Record<string, Metric>>;
  readonly attributes: Readonly<Record<string, { readonly on: readonly string[]; readonly help: string }>>;
}

export const CATALOGUES: Catalogues = {
  options: OPTIONS,
  metrics: METRICS,
  selfMetrics: SELF_METRICS,
  attributes: ATTRIBUTES,
};

/** Path → content of every generated reference. */
export function toReferences(catalogues: Catalogues): Map<string, string> {
  return new Map([
    ['docs/reference/configuration.md', toConfiguration(catalogues)],
    ['docs/reference/metrics.md', toMetrics(catalogues)],
    ['docs/reference/attributes.md', toAttributes(catalogues)],
    ['docs/reference/doctor.md', toDoctor()],
  ]);
}

function toConfiguration({ options }: Catalogues): string {
  const rows = Object.entries(options).map(([name, option]) => [
    `\`${toFlag(name)}${option.placeholder === '' ? '' : ` ${option.placeholder}`}\``,
    `\`${toVariable(name)}\``,
    // A file names no further file.
    name === 'config' ? '' : `\`${name}\``,
    option.verbs.join(', '),
    toDefault(option),
    toWanted(option.type),
    `${option.help}${toCondition(option)}`,
  ]);
  return toDocument(
    'Configuration',
    [
      'Every option is a flag, an environment variable and a key of the YAML file given',
      'with `--config`. A flag beats the environment, the environment beats the file, the file beats the default.',
      'Lists are comma-separated; their flags may be repeated. Unknown flags and keys are refused, and so are flags that',
      'would do nothing. An empty variable counts as not set, here and for `OTEL_*`.',
    ],
    toTable(['flag', 'variable', 'key', 'verbs', 'default', 'takes', 'meaning'], rows),
  );
}

/** Verbs that lack the other option have no condition: they are not named by it. */
function toCondition(option: Option): string {
  const { onlyWith = [], verbs } = option;
  if (onlyWith.length === 0) return '';
  const wanted = onlyWith
    .map((one) => `\`${toFlag(one.option)} ${one.values.join(' or ')}\``)
    .join(', or with ');
  const bound = verbs.filter((verb) => conditionsOf(option, verb).length > 0);
  return bound.length === verbs.length
    ? ` Only with ${wanted}.`
    : ` For ${bound.join(', ')} only with ${wanted}.`;
}

function toDefault(option: Option): string {
  const plain = option.default === undefined ? 'none' : `\`${option.default}\``;
  const others = Object.entries(option.defaults ?? {}).map(([verb, value]) => `${verb}: \`${value}\``);
  return [plain, ...others].join(', ');
}

function toWanted(type: ValueType): string {
  if (typeof type === 'object') {
    if ('choices' in type) return type.choices.map((choice) => `\`${choice}\``).join(', ');
    const { min, max } = 'integer' in type ? type.integer : type.number;
    return `${'integer' in type ? 'whole number' : 'number'} from ${min} to ${max}`;
  }
  switch (type) {
    case 'text':
      return 'text';
    case 'texts':
      return 'list';
    case 'zones':
      return 'list of DNS names';
    case 'flag':
      return 'nothing, or true or false';
    case 'endpoint':
      return 'http(s) URL or `none`';
    case 'address':
      return '`HOST:PORT`, `:PORT` or `none`';
    case 'time':
      return 'RFC 3339 time';
    case 'duration':
      return 'time such as `500ms`, `10s`, `2m`';
  }
}

function toMetrics({ metrics, selfMetrics }: Catalogues): string {
  const rows = (catalogue: Catalogues['metrics']): string[][] =>
    Object.entries(catalogue).map(([name, { type, labels, help, buckets }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      `${help}${buckets === undefined ? '' : ` Buckets: ${buckets.map((bound) => String(bound)).join(', ')}.`}`,
    ]);
  const head = ['metric', 'type', 'labels', 'meaning'];
  return toDocument(
    'Metrics',
    [
      'Served at `/metrics` as Prometheus text 0.0.4 or OpenMetrics 1.0, by the Accept header; exemplars only in',
      'OpenMetrics, and only for traces that were exported. No query name and no address is ever a label.',
    ],
    `## DNS and the service graph\n\n${toTable(head, rows(metrics))}\n## corespan itself\n\n${toTable(head, rows(selfMetrics))}`,
  );
}

function toAttributes({ attributes }: Catalogues): string {
  const rows = Object.entries(attributes).map(([name, { on, help }]) => [`\`${name}\``, on.join(', '), help]);
  return toDocument(
    'Attributes of spans',
    [
      'One trace per lookup. The root is `DNS lookup` (or `DNS <type>`, if one query was enough), its children are the',
      'queries, and below a query may hang the hop behind a NodeLocal DNSCache and the inner lines of chased CNAMEs.',
    ],
    toTable(['attribute', 'on', 'meaning'], rows),
  );
}

function toDoctor(): string {
  const rows = Object.entries(RULES).map(([name, { level, why }]) => [`\`${name}\``, level, why]);
  return toDocument(
    'What the doctor finds',
    [
      '`corespan doctor` looks at the Corefile, the log, the rights, the watch, the OTLP endpoint and the memory limit, and',
      'changes nothing. Its exit code is that of the worst finding: 0 nothing or notes, 3 a warning, 4 an error; 1 and 2 mean,',
      'as everywhere, that it failed or was called wrongly. `--json` prints `{"worst", "examinations": [{"name", "result",',
      '"looked", "findings": [{"level", "rule", "where", "message", "fix"}]}]}`.',
    ],
    toTable(['rule', 'level', 'why it matters'], rows),
  );
}

export function toDocument(title: string, introduction: readonly string[], body: string): string {
  return `${MADE}\n\n# ${title}\n\n${introduction.join('\n')}\n\n${body}`;
}

export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(toCell).join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

function toCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
