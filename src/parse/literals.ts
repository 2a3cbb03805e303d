/** Recognises texts that are known beforehand, four bytes at a time. */

import type { Window } from './byteTable.ts';
import { NONE } from './numbers.ts';

/** The text in words as they are loaded; the last one ends with the text, and may overlap the one before. */
export interface Literal {
  readonly words: Int32Array;
  readonly length: number;
}

const WORD = 4;

/** ASCII of four characters and more. */
export function toLiteral(text: string): Literal {
  const { length } = text;
  const { view } = toWindow(text);
  const words = Int32Array.from({ length: Math.ceil(length / WORD) }, (_, index) =>
    view.getInt32(Math.min(index * WORD, length - WORD), true),
  );
  return { words, length };
}

/** Where `literal` ends if it begins at `at`, which may be NONE; else NONE. It may look beyond the line. */
export function endOfLiteral({ view }: Window, at: number, { words, length }: Literal): number {
  const end = at + length;
  if (at === NONE || end > view.byteLength) return NONE;
  const last = words.length - 1;
  for (let index = 0, place = at; index < last; index++, place += WORD) {
    if (view.getInt32(place, true) !== words[index]) return NONE;
  }
  return view.getInt32(end - WORD, true) === words[last] ? end : NONE;
}

/** How many bytes from `a` on are the same as those from `b` on; `b` is the later one. It may look beyond the line. */
export function countSame({ view }: Window, a: number, b: number): number {
  let count = 0;
  for (; b + count + WORD <= view.byteLength; count += WORD) {
    const differing = view.getInt32(a + count, true) ^ view.getInt32(b + count, true);
    if (differing !== 0) return count + ((31 - Math.clz32(differing & -differing)) >> 3);
  }
  return count;
}

function toWindow(text: string): Pick<Window, 'view'> {
  const bytes = new TextEncoder().encode(text);
  return { view: new DataView(bytes.buffer) };
}
