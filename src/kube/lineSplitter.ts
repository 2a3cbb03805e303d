/** Splits a stream of bytes into lines, holding no more than one unfinished line of a bounded length. */
import { NEWLINE } from '../text/ascii.ts';

export interface LineSplitter {
  /**
   * The lines that `chunk` completes, without their newline; empty ones are left out. A line may be a part of `chunk`:
   * whoever keeps it copies it.
   */
  push(chunk: Buffer): Generator<Buffer>;
}

/** `onOversize` is told of each line longer than `maxBytes`; such a line is skipped to its end. */
export function createLineSplitter(maxBytes: number, onOversize: () => void): LineSplitter {
  /** The unfinished line in pieces, as they came: joining at each chunk would copy long lines over and over. */
  let pieces: Buffer[] = [];
  /** Their bytes. */
  let pending = 0;
  let isSkipping = false;

  function keep(piece: Buffer): void {
    if (isSkipping) return;
    pending += piece.length;
    if (pending <= maxBytes) {
      pieces.push(piece);
      return;
    }
    isSkipping = true;
    pieces = [];
    pending = 0;
    onOversize();
  }

  /** Ends the line; undefined if there is nothing of it to tell. */
  function finish(): Buffer | undefined {
    const line = pending === 0 ? undefined : joined();
    pieces = [];
    pending = 0;
    isSkipping = false;
    return line;
  }

  function joined(): Buffer {
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, pending);
  }

  return {
    *push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        const line = finish();
        if (line !== undefined) yield line;
        start = end + 1;
      }
      // A copy: the rest of a chunk of 64 KiB may wait for minutes.
      if (start < chunk.length) keep(Buffer.from(chunk.subarray(start)));
    },
  };
}
