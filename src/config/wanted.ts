/** What an option wants, in words: for whoever gave no value, or a text that says nothing. */
import type { Option } from './options.ts';
import { readValue } from './values.ts';

export function toWanted({ type, placeholder, wants = placeholder }: Option): string {
  if (type === 'text') return wants;
  // Nothing that has a type of its own can be read from an empty text: what it says then is what it wants.
  const read = readValue(type, '');
  return 'wanted' in read ? read.wanted : wants;
}
