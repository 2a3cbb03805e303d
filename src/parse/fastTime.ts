/** Reads the times of JSON lines, `2026-11-21T12:01:41.243842291Z`: what a second has in common is read once. */
import { DOT, LETTER_Z } from '../text/ascii.ts';
import type { Window } from './byteTable.ts';
import type { Numbers } from './numbers.ts';
import { NONE } from './numbers.ts';
import { parseTime } from './times.ts';

/** Milliseconds since the epoch, as `parseTime` says; NaN if it has to. The time ends at `numbers.stop`. */
export type TimeReader = (window: Window, at: number) => number;

/** `2026-11-21T12:01:41` */
const SECOND_LENGTH = 19;
/** Where its words begin: they overlap by one byte. */
const WORDS = [0, 4, 8, 12, 15] as const;
/** By number of decimals: both sides of the division are exact, so that it gives what the text would. */
const POWERS: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

export function createTimeReader(numbers: Numbers): TimeReader {
  const known = new Int32Array(WORDS.length);
  let second = Number.NaN;

  function isKnown({ view }: Window, at: number): boolean {
    for (let word = 0; word < WORDS.length; word++) {
      if (view.getInt32(at + (WORDS[word] ?? 0), true) !== known[word]) return false;
    }
    return true;
  }

  function learn({ bytes, view }: Window, at: number): void {
    second = parseTime(`${bytes.toString('latin1', at, at + SECOND_LENGTH)}Z`);
    for (const [word, place] of WORDS.entries()) known[word] = view.getInt32(at + place, true);
  }

  return (window, at) => {
    const { bytes } = window;
    if (!isKnown(window, at)) learn(window, at);
    const point = at + SECOND_LENGTH;
    numbers.stop = point;
    let time = second;
    if (bytes[point] === DOT) {
      const digits = numbers.readNumber(bytes, point + 1, bytes.length);
      if (digits === NONE) return Number.NaN;
      time += (digits / (POWERS[numbers.stop - point - 1] ?? 1)) * 1000;
    }
    return bytes[numbers.stop++] === LETTER_Z ? time : Number.NaN;
  };
}
