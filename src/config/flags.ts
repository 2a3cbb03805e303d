/** Reads a command line: flags of the table, and paths. */
import { parseArgs } from 'node:util';
import { type Given, optionsOf, toUnknown } from './given.ts';
import { type ConfiguredVerb, OPTIONS, type Option, type OptionName, toFlag } from './options.ts';
import { suggest } from './suggest.ts';
import { toWanted } from './wanted.ts';

export interface Flags {
  readonly flags: ReadonlyMap<OptionName, Given>;
  readonly paths: readonly string[];
}

export function readFlags(verb: ConfiguredVerb, args: readonly string[], problems: string[]): Flags {
  const flags = new Map<OptionName, Given>();
  const paths: string[] = [];
  /** Where the value of a misspelt option would stand. */
  let valueAt = -1;
  for (const token of toTokens(args)) {
    if (token.kind === 'positional' && token.index !== valueAt) paths.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const found = BY_FLAG.get(rawName);
    const problem = findProblem(rawName, value, { verb, option: found?.option });
    if (problem !== undefined) problems.push(problem);
    if (found === undefined && value === undefined && isMeantToTakeValue(rawName, verb))
      valueAt = token.index + 1;
    if (problem === undefined && found !== undefined)
      flags.set(found.name, toGiven(found.option, rawName, { value, before: flags.get(found.name) }));
  }
  return { flags, paths };
}

/** Answered before a verb reads its own; what is nearly one of them is told so. */
const OF_EVERY_VERB: readonly string[] = ['--help', '--version'];

const BY_FLAG = new Map(
  (Object.entries(OPTIONS) as [OptionName, Option][]).map(([name, option]) => [
    toFlag(name),
    { name, option },
  ]),
);

/** Options of all verbs are known here, so that the value of a wrong one is not taken for a path. */
function toTokens(args: readonly string[]) {
  const options = Object.fromEntries(
    [...BY_FLAG].map(([flag, { option }]) => [
      flag.slice(2),
      { type: option.type === 'flag' ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** True if the option that was probably meant takes a value: the next word is none of the paths then. */
function isMeantToTakeValue(flag: string, verb: ConfiguredVerb): boolean {
  const meant = suggest(
    flag,
    optionsOf(verb).map(([name]) => toFlag(name)),
  );
  return meant !== undefined && BY_FLAG.get(meant)?.option.type !== 'flag';
}

interface Wanted {
  readonly verb: ConfiguredVerb;
  /** Undefined: there is no such option. */
  readonly option: Option | undefined;
}

function findProblem(flag: string, value: string | undefined, { verb, option }: Wanted): string | undefined {
  if (option === undefined) {
    if (OF_EVERY_VERB.includes(flag)) return `${flag}: got ${JSON.stringify(value)}, wants no value`;
    const candidates = [...optionsOf(verb).map(([name]) => toFlag(name)), ...OF_EVERY_VERB];
    return toUnknown(flag, candidates, `corespan ${verb} --help`);
  }
  if (!option.verbs.includes(verb))
    return `${flag}: is an option of ${option.verbs.join(', ').replace(/, ([^,]+)$/, ' and $1')}, not of ${verb}`;
  if (value === undefined && option.type !== 'flag')
    return `${flag}: got no value, wants ${toWanted(option)}`;
  return undefined;
}

interface FlagValue {
  readonly value: string | undefined;
  /** The same flag further to the left. */
  readonly before: Given | undefined;
}

function toGiven({ type }: Option, as: string, { value = 'true', before }: FlagValue): Given {
  const isContinued = (type === 'texts' || type === 'zones') && before !== undefined;
  return { as, text: isContinued ? `${before.text},${value}` : value };
}
