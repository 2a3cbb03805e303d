/** Puts lines together again that the container runtime cut into parts, one chain at a time on each stream. */
import type { Batch } from './batch.ts';

export interface Chain {
  /** True between the first part and the last. */
  readonly isOpen: boolean;
  /** True if the parts are longer than the limit: only the first was kept. */
  readonly isOversize: boolean;
  /** Of all parts so far. */
  readonly length: number;
  /** Of the first part: where it begins in the file, and when it was written. */
  readonly offset: number;
  readonly time: number;
  /** Takes one part, `bytes[start..end)`; it is copied. */
  add(part: {
    readonly start: number;
    readonly end: number;
    readonly offset: number;
    readonly time: number;
  }): void;
  /** Writes the parts to `bytes[at..)` and closes the chain; returns where they end. */
  close(at: number): number;
}

/** `limit`: most bytes of a chain's text. */
export function createChain({ bytes }: Pick<Batch, 'bytes'>, limit: number): Chain {
  // Cut lines are stack traces and dumps of a Corefile, at start or in an accident: they may cost objects.
  let parts: Buffer[] = [];
  let isOpen = false;
  let length = 0;
  let offset = 0;
  let time = Number.NaN;

  return {
    get isOpen() {
      return isOpen;
    },
    get isOversize() {
      return length > limit;
    },
    get length() {
      return length;
    },
    get offset() {
      return offset;
    },
    get time() {
      return time;
    },
    add(part) {
      if (!isOpen) ({ offset, time } = part);
      isOpen = true;
      length += part.end - part.start;
      if (length > limit) parts.length = Math.min(1, parts.length);
      else if (part.end > part.start) parts.push(Buffer.from(bytes.subarray(part.start, part.end)));
    },
    close(at) {
      let end = at;
      for (const part of parts) end += part.copy(bytes, end);
      parts = [];
      isOpen = false;
      length = 0;
      return end;
    },
  };
}
