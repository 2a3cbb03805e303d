/** How many lines a plain file has: what is needed to let them end when it was written last. */

import { NEWLINE } from '../text/ascii.ts';
import type { ReadAt } from './head.ts';

/** Bytes in one read. */
const STEP = 64 * 1024;

/** The last line needs no line break. Throws what `readAt` throws. */
export function countLines(readAt: ReadAt): number {
  const step = Buffer.alloc(STEP);
  let lines = 0;
  let last = NEWLINE;
  for (let position = 0; ; ) {
    const length = readAt(step, position);
    if (length === 0) return last === NEWLINE ? lines : lines + 1;
    for (let at = step.indexOf(NEWLINE); at >= 0 && at < length; at = step.indexOf(NEWLINE, at + 1)) lines++;
    last = step[length - 1] ?? NEWLINE;
    position += length;
  }
}
