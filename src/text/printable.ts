/** What others wrote, on a terminal: names and messages may hold control characters. */

/** On one line. */
export function toPrintable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
