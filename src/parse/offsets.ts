/** Where a line begins in its file, as a number that takes no memory of its own in the queries that hold it. */
import type { Lines } from '../records/line.ts';

/**
 * What is read from a column of numbers with fractions is one of those for V8, and has an object of 16 bytes wherever it
 * is held; a whole one below 2³¹ has none. Logs are smaller, and one that is not is read all the same.
 */
export function offsetOf({ offset }: Lines, index: number): number {
  const exact = offset[index] ?? 0;
  const whole = exact | 0;
  return whole === exact ? whole : exact;
}
