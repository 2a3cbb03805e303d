/** Reads one log from a position on, a window at a time: what both the live and the replayed path are made of. */
import type { LogFile } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import type { Batch } from './batch.ts';
import { createDecoder, type Part } from './decode.ts';
import type { LineClock } from './lineClock.ts';
import type { Accept } from './reading.ts';

/** Where bytes come from; see content.ts. */
interface Bytes {
  read(into: Buffer, position: number): number;
}

export interface LineReader {
  /** In the file: where the first line begins that was not decoded yet. */
  readonly position: number;
  /** The byte before `position`, if this reader has read it. */
  readonly lastByte: number | undefined;
  /** Time of the newest line that was delivered; -Infinity before the first. */
  readonly newest: number;
  /** Fills the window with what stands at `position`; returns how many bytes that is. */
  fill(bytes: Bytes): number;
  /**
   * Hands over the lines of the window as those of `file`; what `accept` throws goes through, and its lines do not come
   * again.
   */
  deliver(file: LogFile, until: Part['until'], accept: Accept): void;
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

/** Counts the bytes that it decodes and the lines that it rejects or delivers; the taker counts those of `next`. */
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
  let newest = -Infinity;

  function next(until: Part['until']): boolean {
    const before = at;
    at = decoder.decode(at, { length, offset, until });
    self.bytes(at - before);
    if (at > 0) lastByte = batch.window[at - 1];
    return batch.to > 0;
  }

  return {
    get position() {
      return offset + at;
    },
    get lastByte() {
      return lastByte;
    },
    get newest() {
      return newest;
    },
    fill(bytes) {
      offset += at;
      at = 0;
      length = 0;
      length = bytes.read(batch.window, offset);
      return length;
    },
    deliver(file, until, accept) {
      const whose = label();
      while (next(until)) {
        batch.file = file;
        newest = Math.max(newest, batch.time[batch.to - 1] ?? newest);
        self.read(whose, batch.to);
        accept(batch);
      }
    },
    next,
    begun: () => decoder.begun(),
  };
}
