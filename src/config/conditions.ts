/** Which options do nothing without the right value of another one. */
import { type Condition, type ConfiguredVerb, OPTIONS, type Option } from './options.ts';

/** What `verb` makes of the option's conditions: one about an option that the verb does not have is none. */
export function conditionsOf({ onlyWith = [] }: Option, verb: ConfiguredVerb): readonly Condition[] {
  return onlyWith.filter(({ option }) => OPTIONS[option].verbs.some((other) => other === verb));
}
