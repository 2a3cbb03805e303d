/** The buffer that a source reads into and the columns that its lines are handed over in: made once, used for ever. */
import type { Lines, LogFile } from '../records/line.ts';

/**
 * `bytes` has three parts:
 *
 *     0                     window.length            joined             bytes.length
 *     │ as read from the file │ slack for wide loads │ chains put together │
 */
export interface Batch extends Lines {
  file: LogFile;
  from: number;
  to: number;
  /** The part of `bytes` that files are read into. */
  readonly window: Buffer;
  /** The same bytes, for loads of four at a time. */
  readonly view: DataView;
  /** Where the part for joined chains begins. */
  readonly joined: number;
}

/** Most bytes of a line if nobody says otherwise; the longest that CoreDNS writes are stack traces of some KiB. */
export const DEFAULT_LINE_LIMIT = 64 * 1024;

/** Lines in one hand-over: a window of ordinary query lines holds some 400. */
export const MAX_LINES = 2048;

/** Bytes in one read. Whole pipeline, per line: 316 ns with 8 KiB, 287 with 64 KiB, 319 with 1 MiB. */
const READ_BYTES = 64 * 1024;
/** A load of four bytes at the end of the window stays inside. */
const SLACK_BYTES = 64;

const NO_FILE: LogFile = { path: '', id: '', pod: undefined };

/** `lineLimit`: most bytes of one line as it stands in the file, newline included; a whole one must fit. */
export function createBatch(lineLimit: number): Batch {
  const windowBytes = Math.max(READ_BYTES, lineLimit);
  const joined = windowBytes + SLACK_BYTES;
  // A chain within the limit, and the line that closes it, fit behind each other.
  const bytes = Buffer.from(new ArrayBuffer(joined + 2 * lineLimit));
  return {
    file: NO_FILE,
    bytes,
    from: 0,
    to: 0,
    time: new Float64Array(MAX_LINES),
    start: new Int32Array(MAX_LINES),
    end: new Int32Array(MAX_LINES),
    offset: new Float64Array(MAX_LINES),
    window: bytes.subarray(0, windowBytes),
    view: new DataView(bytes.buffer),
    joined,
  };
}
