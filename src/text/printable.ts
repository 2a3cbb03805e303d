/** What others wrote, on a terminal: names and messages may hold control characters. */

/** Those that move the cursor or begin a line, and those that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** On one line. */
export function toPrintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '?');
}

/** No longer than `length`: what is left out of the middle is `…`, so that both ends can still be told apart. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${characters.slice(0, length - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`;
}
