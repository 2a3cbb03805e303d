/** Where a text stops being JSON, as people count lines. The engine names the place of most faults, not of all. */
import { toErrorText } from '../text/errors.ts';
import { toPrintable } from '../text/printable.ts';

interface Faulty {
  readonly reason: string;
  /** From 1 on. */
  readonly line: number;
}

export function parseOrFault(text: string): { readonly json: unknown } | Faulty {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    const message = toErrorText(error);
    return { reason: `is not JSON: ${toPrintable(message)}`, line: findLine(text, message) };
  }
}

function findLine(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return countLines(text.slice(0, Number(position)));
  return isToken(message) ? findTokenLine(text) : countLines(text.trimEnd());
}

/** `Unexpected token 'x', "…x…" is not valid JSON`: the one fault whose place is told by its surroundings alone. */
function isToken(message: string): boolean {
  return message.startsWith('Unexpected token');
}

/** A text that is cut behind a line has no such fault of its own: the shortest cut that has it ends with its line. */
function findTokenLine(text: string): number {
  const ends = [...text.matchAll(/\n|$/g)].map(({ index }) => index + 1);
  let clean = 0;
  let faulty = ends.length;
  while (faulty - clean > 1) {
    const middle = (clean + faulty) >>> 1;
    if (hasToken(text.slice(0, ends[middle - 1]))) faulty = middle;
    else clean = middle;
  }
  return faulty;
}

function hasToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return isToken(toErrorText(error));
  }
}

function countLines(text: string): number {
  return text.split('\n').length;
}
