/** An option as somebody gave it: its text, and where it came from. */
import { type ConfiguredVerb, OPTIONS, type Option, type OptionName } from './options.ts';
import { suggest } from './suggest.ts';

export interface Given {
  readonly text: string;
  /** How it was given, for messages: `--log-dir`, `CORESPAN_LOG_DIR`, `logDir in corespan.yaml`. */
  readonly as: string;
}

/** The options of a verb, in the order of the table. */
export function optionsOf(verb: ConfiguredVerb): [OptionName, Option][] {
  return (Object.entries(OPTIONS) as [OptionName, Option][]).filter(([, { verbs }]) => verbs.includes(verb));
}

export function toUnknown(word: string, candidates: readonly string[], help: string): string {
  const near = suggest(word, candidates);
  if (near !== undefined) return `${word}: no such option, did you mean ${near}?`;
  return `${word}: no such option${help === '' ? '' : `, see ${help}`}`;
}
