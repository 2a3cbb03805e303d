/** What a benchmark is told on its command line: counts are whole numbers, names are known ones, and a mistake is one sentence. */
import { parseArgs } from 'node:util';

type Value<Default> = Default extends number ? number : string;

export type Options<Defaults> = { readonly [Name in keyof Defaults]: Value<Defaults[Name]> } & {
  /** Whether the result goes into its page. */
  readonly write: boolean;
};

/** By name, with their defaults; a number stands for a count. Ends the process if something else was typed. */
export function readOptions<const Defaults extends Readonly<Record<string, number | string>>>(
  defaults: Defaults,
): Options<Defaults> {
  const typed = readTyped(Object.keys(defaults));
  if (typed['help'] === true) {
    const known = Object.entries(defaults).map(([name, value]) => `  --${name} ${value}`);
    process.stdout.write(`${['options, with their defaults:', ...known, '  --write'].join('\n')}\n`);
    process.exit(0);
  }
  const values = Object.entries(defaults).map(([name, value]) => {
    const text = typed[name];
    if (typeof text !== 'string') return [name, value] as const;
    return [name, typeof value === 'number' ? toCount(name, text) : text] as const;
  });
  return { ...Object.fromEntries(values), write: typed['write'] === true } as Options<Defaults>;
}

/** The names in `list`, separated by commas; each has to be one of `known`. */
export function readNames<Name extends string>(
  option: string,
  list: string,
  known: readonly Name[],
): readonly Name[] {
  return list
    .split(',')
    .filter((name) => name !== '')
    .map(
      (name) =>
        known.find((one) => one === name) ?? refuse(`--${option} ${name}: one of ${known.join(', ')}`),
    );
}

/** Ends the process with a sentence. */
export function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function readTyped(names: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const texts = names.map((name) => [name, { type: 'string' as const }] as const);
  const flags = { write: { type: 'boolean' as const }, help: { type: 'boolean' as const } };
  try {
    return parseArgs({ options: { ...Object.fromEntries(texts), ...flags } }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function toCount(name: string, text: string): number {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0
    ? count
    : refuse(`--${name} ${text}: a whole number from 1`);
}
