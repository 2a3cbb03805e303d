/** Reads a command line: flags of the table, and paths. */
import { parseArgs } from 'node:util';
import { type Given, optionsOf, toUnknown } from './given.ts';
import { type ConfiguredVerb, type Option, type OptionName, toFlag } from './options.ts';

export interface Flags {
  readonly flags: ReadonlyMap<OptionName, Given>;
  readonly paths: readonly string[];
}

export function readFlags(verb: ConfiguredVerb, args: readonly string[], problems: string[]): Flags {
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
    else if (value === undefined && found.option.type !== 'flag')
      problems.push(`${rawName}: got no value, wants ${found.option.placeholder}`);
    else flags.set(found.name, toGiven(found.option, rawName, { value, before: flags.get(found.name) }));
  }
  return { flags, paths };
}

interface FlagValue {
  readonly value: string | undefined;
  /** The same flag further to the left. */
  readonly before: Given | undefined;
}

function toGiven({ type }: Option, as: string, { value = 'true', before }: FlagValue): Given {
  const isContinued = type === 'texts' && before !== undefined;
  return { as, text: isContinued ? `${before.text},${value}` : value };
}
