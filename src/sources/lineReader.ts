/** Reads one log from a position on, a window at a time: what both the live and the replayed path are made of. */
import type { SourcesSelf } from '../self/sources.ts';
import type { Batch } from './batch.ts';
import { createDecoder, type Part } from './decode.ts';
import type { LineClock } from './lineClock.ts';

/** Where bytes come from; see content.ts. */
interface Bytes {
  read(into: Buffer, position: number): number;
}

export interface LineReader {
  /** In the file: where the first line begins that was not decoded yet. */
  readonly position: number;
  /** The byte before `position`, if this reader has read it. */
  readonly lastByte: number | undefined;
  /** Fills the window with what stands at `position`; returns how many bytes that is. */
  fill(bytes: Bytes): number;
  /** Decodes further lines of the window into the batch; false if only the beginning of one is left. */
  next(until: Part['until']): boolean;
  /** Offset of the first line that was begun but not handed over; Infinity if there is none. */
  begun(): number;
}

export interface LineReaderOptions {
  readonly batch: Batch;
  readonly lineLimit: number;
  readonly position: number;
  readonly clock: LineClock;
  /** Whose lines they are, as self-metrics call it. */
  readonly label: () => string;
}

/** Counts the bytes that it decodes and the lines that it rejects; those that it hands over are counted by the taker. */
export function createLineReader(options: LineReaderOptions, self: SourcesSelf): LineReader {
  const { batch, lineLimit, clock, label } = options;
  const decoder = createDecoder({
    batch,
    lineLimit,
    clock,
    rejected(reason, sample) {
      const whose = label();
      self.read(whose, 1);
      self.rejected(whose, reason, sample);
    },
  });
  /** Of the window, in the file. */
  let offset = options.position;
  let length = 0;
  /** In the window. */
  let at = 0;
  let lastByte: number | undefined;

  return {
    get position() {
      return offset + at;
    },
    get lastByte() {
      return lastByte;
    },
    fill(bytes) {
      offset += at;
      at = 0;
      length = 0;
      length = bytes.read(batch.window, offset);
      return length;
    },
    next(until) {
      const before = at;
      at = decoder.decode(at, { length, offset, until });
      self.bytes(at - before);
      if (at > 0) lastByte = batch.window[at - 1];
      return batch.to > 0;
    },
    begun: () => decoder.begun(),
  };
}
