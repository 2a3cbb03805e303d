/** Runs bytes through the decoder the way a follower does: window by window, however they are cut. */
import { createBatch } from '../../src/sources/batch.ts';
import { createDecoder } from '../../src/sources/decode.ts';
import { createLineClock } from '../../src/sources/lineClock.ts';
import type { Decoded, PlainLine } from './plainDecoder.ts';

export interface DecodingOptions {
  readonly lineLimit?: number;
  /** How many bytes the file has at the first look, the second, …; the last look sees all of it. */
  readonly looks?: readonly number[];
  /** The time of lines where no line has any. */
  readonly made?: () => number;
}

export function decode(bytes: Buffer, options: DecodingOptions = {}): Decoded {
  const { lineLimit = 65_536, looks = [], made = () => Number.NaN } = options;
  const lines: PlainLine[] = [];
  const rejected: string[] = [];
  const batch = createBatch(lineLimit);
  const decoder = createDecoder({
    batch,
    lineLimit,
    clock: createLineClock({ made, timeless() {} }),
    rejected: (reason) => rejected.push(reason),
  });
  let offset = 0;

  function take(): void {
    for (let row = batch.from; row < batch.to; row++) {
      lines.push({
        text: batch.bytes.toString('latin1', batch.start[row], batch.end[row]),
        time: batch.time[row] ?? Number.NaN,
        offset: batch.offset[row] ?? Number.NaN,
      });
    }
  }

  function look(size: number, until: 'more' | 'end'): void {
    for (;;) {
      const length = bytes.copy(batch.window, 0, offset, size);
      const isLast = until === 'end' && offset + length === size;
      let at = 0;
      do {
        at = decoder.decode(at, { length, offset, until: isLast ? 'end' : 'more' });
        take();
      } while (batch.to > 0);
      offset += at;
      if (isLast || (at === 0 && length < batch.window.length) || length === 0) return;
    }
  }

  for (const size of looks.toSorted((a, b) => a - b)) look(Math.min(size, bytes.length), 'more');
  look(bytes.length, 'end');
  return { lines, rejected };
}
