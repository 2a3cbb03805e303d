/**
 * From flags, environment and file to one frozen configuration, or to everything that is wrong with them at once.
 *
 * A flag beats the environment, the environment beats the file, the file beats the default.
 */
import { parseArgs } from 'node:util';
import { type ConfiguredVerb, OPTIONS, type Option, type OptionName, toFlag, toVariable } from './options.ts';
import { countEdits, suggest } from './suggest.ts';
import { readValue, type Value } from './values.ts';

/** Values by option name; undefined where nothing was given and there is no default. */
export type Config = {
  readonly [N in OptionName]: (typeof OPTIONS)[N]['default'] extends string
    ? Value<(typeof OPTIONS)[N]['type']>
    : Value<(typeof OPTIONS)[N]['type']> | undefined;
};

export interface Loaded {
  readonly config: Config;
  readonly paths: readonly string[];
  /** One sentence each, naming the option, what it got and what it wants. */
  readonly problems: readonly string[];
}

export interface LoadInput {
  readonly verb: ConfiguredVerb;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads and parses the YAML file of `--config`; throws with a clear message. */
  readonly readFile: (path: string) => unknown;
}

interface Given {
  readonly text: string;
  /** How it was given, for messages: `--log-dir`, `CORESPAN_LOG_DIR`, `logDir in corespan.yaml`. */
  readonly as: string;
}

export function load(input: LoadInput): Loaded {
  const problems: string[] = [];
  const { flags, paths } = readFlags(input, problems);
  const env = readEnvironment(input, problems);
  const configFile = flags.get('config') ?? env.get('config');
  const file = configFile === undefined ? new Map() : readConfigFile(input, configFile.text, problems);
  const config: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(OPTIONS) as [OptionName, Option][]) {
    // Options of other verbs keep their defaults, so that the configuration is whole.
    const isMine = option.verbs.includes(input.verb);
    const given = isMine ? (flags.get(name) ?? env.get(name) ?? file.get(name)) : undefined;
    config[name] = toValue(option, given, input.verb, problems);
  }
  return { config: Object.freeze(config) as Config, paths, problems };
}

/** The options of a verb, in the order of the table. */
export function optionsOf(verb: ConfiguredVerb): [OptionName, Option][] {
  return (Object.entries(OPTIONS) as [OptionName, Option][]).filter(([, { verbs }]) => verbs.includes(verb));
}

export function defaultOf(option: Option, verb: ConfiguredVerb): string | undefined {
  return option.defaults?.[verb] ?? option.default;
}

function toValue(
  option: Option,
  given: Given | undefined,
  verb: ConfiguredVerb,
  problems: string[],
): unknown {
  const fallback = defaultOf(option, verb);
  const text = given?.text ?? fallback;
  if (text === undefined) return undefined;
  const read = readValue(option.type, text);
  if ('value' in read) return read.value;
  problems.push(`${given?.as ?? 'default'}: got ${JSON.stringify(text)}, wants ${read.wanted}`);
  return undefined;
}

function readFlags(
  { verb, args }: LoadInput,
  problems: string[],
): { flags: Map<OptionName, Given>; paths: string[] } {
  const known = new Map(optionsOf(verb).map(([name, option]) => [toFlag(name), { name, option }]));
  const flags = new Map<OptionName, Given>();
  const paths: string[] = [];
  const options = Object.fromEntries(
    [...known].map(([flag, { option }]) => [
      flag.slice(2),
      { type: option.type === 'flag' ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') paths.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const found = known.get(rawName);
    if (found === undefined) problems.push(toUnknown(rawName, [...known.keys()], `corespan ${verb} --help`));
    else readFlag(found, value, flags, problems);
  }
  return { flags, paths };
}

function readFlag(
  { name, option }: { readonly name: OptionName; readonly option: Option },
  value: string | undefined,
  flags: Map<OptionName, Given>,
  problems: string[],
): void {
  const as = toFlag(name);
  if (value === undefined && option.type !== 'flag') {
    problems.push(`${as}: got no value, wants ${option.placeholder}`);
    return;
  }
  const before = flags.get(name);
  const isList = option.type === 'texts';
  const text = value ?? 'true';
  flags.set(name, { as, text: isList && before !== undefined ? `${before.text},${text}` : text });
}

/**
 * Variables that are no option are left alone: Kubernetes itself makes `CORESPAN_SERVICE_HOST` for a Service of
 * that name. A near miss of an option is a typo.
 */
function readEnvironment({ verb, env }: LoadInput, problems: string[]): Map<OptionName, Given> {
  const given = new Map<OptionName, Given>();
  const variables = new Map(optionsOf(verb).map(([name]) => [toVariable(name), name]));
  const ofAnyVerb = Object.keys(OPTIONS).map(toVariable);
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith('CORESPAN_')) continue;
    const name = variables.get(variable);
    if (name !== undefined) given.set(name, { text, as: variable });
    else if (!ofAnyVerb.includes(variable)) {
      const near = ofAnyVerb.find((candidate) => countEdits(variable, candidate) <= 2);
      if (near !== undefined) problems.push(`${variable}: no such variable, did you mean ${near}?`);
    }
  }
  return given;
}

function readConfigFile({ verb, readFile }: LoadInput, path: string, problems: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  let content: unknown;
  try {
    content = readFile(path);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    problems.push(`--config: ${path} cannot be read: ${reason}`);
    return given;
  }
  if (content === null || content === undefined) return given;
  if (typeof content !== 'object' || Array.isArray(content)) {
    problems.push(`--config: ${path} holds ${JSON.stringify(content)}, wants a mapping of options to values`);
    return given;
  }
  const names = optionsOf(verb).map(([name]) => name as string);
  for (const [key, value] of Object.entries(content)) {
    // One file may serve several verbs: options of another one are fine.
    if (!names.includes(key) && !Object.hasOwn(OPTIONS, key)) {
      problems.push(`${toUnknown(key, Object.keys(OPTIONS), '')} (in ${path})`);
    }
    if (isScalar(value)) given.set(key, { text: String(value), as: `${key} in ${path}` });
    else if (Array.isArray(value) && value.every(isScalar)) {
      given.set(key, { text: value.join(','), as: `${key} in ${path}` });
    } else problems.push(`${key} in ${path}: got ${JSON.stringify(value)}, wants a single value or a list`);
  }
  return given;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function toUnknown(word: string, candidates: readonly string[], help: string): string {
  const near = suggest(word, candidates);
  if (near !== undefined) return `${word}: no such option, did you mean ${near}?`;
  return `${word}: no such option${help === '' ? '' : `, see ${help}`}`;
}
