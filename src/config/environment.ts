/** Reads the environment: the variables of the table, and which variables count as set. */
import { type Given, optionsOf } from './given.ts';
import { type ConfiguredVerb, OPTIONS, type OptionName, toVariable } from './options.ts';
import { isServiceLink } from './serviceLinks.ts';
import { countEdits } from './suggest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Without the variables that are empty or blank: they count as not set, as OpenTelemetry has it for its own. A
 * template that has no value for a variable often writes an empty one.
 */
export function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([, text]) => text !== undefined && text.trim() !== ''),
  );
}

/**
 * Variables that are no option are left alone, and so are those of other verbs: one environment may serve several. A
 * near miss of an option of this verb is a typo, unless Kubernetes made it (serviceLinks.ts).
 */
export function readEnvironment(
  verb: ConfiguredVerb,
  env: Environment,
  problems: string[],
): ReadonlyMap<OptionName, Given> {
  const given = new Map<OptionName, Given>();
  const variables = new Map(optionsOf(verb).map(([name]) => [toVariable(name), name]));
  const ofAnyVerb = Object.keys(OPTIONS).map(toVariable);
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith('CORESPAN_')) continue;
    const name = variables.get(variable);
    if (name !== undefined) given.set(name, { text, as: variable });
    else if (!ofAnyVerb.includes(variable) && !isServiceLink(variable, text)) {
      const near = [...variables.keys()].find((candidate) => countEdits(variable, candidate) <= 2);
      if (near !== undefined) problems.push(`${variable}: no such variable, did you mean ${near}?`);
    }
  }
  return given;
}
