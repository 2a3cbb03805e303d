/** Breaks a line at random, in the ways in which logs and attackers break them. */
import type { Random } from '../support/corpus.ts';

/** What parsers trip over; each may replace or part any piece of a line. */
const POISON: readonly string[] = [
  ' ',
  '  ',
  '"',
  '\\',
  '\\"',
  '\\\\',
  '\\ ',
  '\\25',
  '\\999',
  '[',
  ']',
  ':',
  '-',
  ' - ',
  '.',
  ',',
  's',
  '%!s(MISSING)',
  '[INFO] ',
  '[ERROR] plugin/errors: ',
  '{',
  '}',
  '{"time":"',
  '__proto__',
  'constructor',
  '\t',
  '\r',
  '\u0000',
  '\u001b[31m',
  'ü',
  '\u2028',
  '\ufffd',
  '-1',
  '1e9',
  '99999999999999999999',
  '0x10',
  'Infinity',
  'NaN',
  '" NXDOMAIN qr 1 0.1s',
];

/** One to three changes of `line`; `others` lends pieces. */
export function mutate(line: string, others: readonly string[], random: Random): string {
  let mutated = line;
  for (let changes = 1 + random.below(3); changes > 0; changes--) mutated = change(mutated, others, random);
  return mutated;
}

function change(line: string, others: readonly string[], random: Random): string {
  const at = random.below(line.length + 1);
  const to = Math.min(line.length, at + random.below(12));
  switch (random.below(9)) {
    case 0:
      return line.slice(0, at) + line.slice(to);
    case 1:
      return line.slice(0, at);
    case 2:
      return line.slice(0, at) + pick(POISON, random) + line.slice(at);
    case 3:
      return line.slice(0, at) + pick(POISON, random) + line.slice(to);
    case 4:
      return line.slice(0, to) + line.slice(at);
    case 5:
      return line.slice(0, at) + String.fromCharCode(random.below(256)) + line.slice(at + 1);
    case 6:
      return swapWords(line, random);
    case 7:
      return line.slice(0, at) + pick(others, random).slice(at);
    default:
      return line;
  }
}

function swapWords(line: string, random: Random): string {
  const words = line.split(' ');
  const a = random.below(words.length);
  const b = random.below(words.length);
  [words[a], words[b]] = [words[b] ?? '', words[a] ?? ''];
  return words.join(' ');
}

function pick(texts: readonly string[], random: Random): string {
  return texts[random.below(texts.length)] ?? '';
}
