/**
 * From flags, environment and file to one frozen configuration, or to everything that is wrong with them at once.
 *
 * A flag beats the environment, the environment beats the file, the file beats the default.
 */
import { conditionsOf } from './conditions.ts';
import { readConfigFile } from './configFile.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import type { Given } from './given.ts';
import {
  type Condition,
  type ConfiguredVerb,
  OPTIONS,
  type Option,
  type OptionName,
  toFlag,
} from './options.ts';
import { readValue, type Value } from './values.ts';
import { toWanted } from './wanted.ts';

/** Values by option name; undefined where nothing was given and there is no default. */
export type Config = {
  readonly [N in OptionName]: (typeof OPTIONS)[N]['default'] extends string
    ? Value<(typeof OPTIONS)[N]['type']>
    : Value<(typeof OPTIONS)[N]['type']> | undefined;
};

export interface Loaded {
  /** Whole in any case: the default stands in for what is wrong, so that a pod can say so where it always listens. */
  readonly config: Config;
  readonly paths: readonly string[];
  /** Options of the verb that somebody gave, wherever: one may be given the value that is its default. */
  readonly given: ReadonlySet<OptionName>;
  /** One sentence each, naming the option, what it got and what it wants. */
  readonly problems: readonly string[];
}

export interface LoadInput {
  readonly verb: ConfiguredVerb;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Reads and parses the YAML file of `--config`; throws with a clear message. */
  readonly readFile: (path: string) => unknown;
}

export function load({ verb, args, env, readFile }: LoadInput): Loaded {
  const problems: string[] = [];
  const { flags, paths } = readFlags(verb, args, problems);
  const variables = readEnvironment(verb, env, problems);
  const path = (flags.get('config') ?? variables.get('config'))?.text;
  const file = path === undefined ? undefined : readConfigFile({ path, read: readFile }, problems);
  const values: Partial<Record<OptionName, unknown>> = {};
  const givenNames = new Set<OptionName>();
  for (const [name, option] of Object.entries(OPTIONS) as [OptionName, Option][]) {
    // Options of other verbs keep their defaults, so that the configuration is whole.
    const isMine = option.verbs.includes(verb);
    const given = isMine ? (flags.get(name) ?? variables.get(name) ?? file?.get(name)) : undefined;
    values[name] = toValue(option, { given, verb }, problems);
    if (given !== undefined) givenNames.add(name);
  }
  // Each value was read by its own type, defaults too (a test reads them all): that is what Config says.
  const config = Object.freeze(values) as Config;
  return { config, paths, given: givenNames, problems: [...problems, ...findUnused(verb, flags, config)] };
}

export function defaultOf(option: Option, verb: ConfiguredVerb): string | undefined {
  return option.defaults?.[verb] ?? option.default;
}

interface Candidate {
  readonly given: Given | undefined;
  readonly verb: ConfiguredVerb;
}

function toValue(option: Option, { given, verb }: Candidate, problems: string[]): unknown {
  if (given !== undefined) {
    const read = readValue(option.type, given.text);
    if ('value' in read) return read.value;
    problems.push(`${given.as}: got ${JSON.stringify(given.text)}, wants ${toWanted(option)}`);
  }
  const fallback = defaultOf(option, verb);
  const read = fallback === undefined ? undefined : readValue(option.type, fallback);
  return read !== undefined && 'value' in read ? read.value : undefined;
}

/** As it would be typed: `--source volume or --source kube`. */
function toConditionText(conditions: readonly Condition[]): string {
  return conditions
    .flatMap(({ option, values }) => values.map((value) => `${toFlag(option)} ${value}`))
    .join(' or ');
}

/**
 * Flags that would do nothing beside the others. A variable or a key of the file may be there for another
 * configuration; who types a flag means it.
 */
function findUnused(verb: ConfiguredVerb, flags: ReadonlyMap<OptionName, Given>, config: Config): string[] {
  const problems: string[] = [];
  for (const name of flags.keys()) {
    const conditions = conditionsOf(OPTIONS[name], verb);
    if (conditions.length === 0 || conditions.some(({ option, values }) => values.includes(config[option])))
      continue;
    const got = conditions.map(({ option }) => `${toFlag(option)} ${config[option]}`).join(' and ');
    problems.push(`${toFlag(name)}: does nothing with ${got}, wants ${toConditionText(conditions)}`);
  }
  return problems;
}
