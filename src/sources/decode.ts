/**
 * Bytes in, lines out: finds the ends of lines, takes their wrapping off, puts cut ones together, bounds them all.
 *
 * What comes in is one window of one file at a time. What is left of it, the beginning of a line, is read again with
 * the next window: nothing has to be carried over but chains of cut lines, and the rest of a line that is too long.
 */
import type { RejectionReason } from '../records/line.ts';
import { NEWLINE, RETURN } from '../text/ascii.ts';
import { type Batch, MAX_LINES } from './batch.ts';
import { type Chain, createChain } from './chains.ts';
import type { LineClock } from './lineClock.ts';
import type { Unwrapped } from './unwrapped.ts';
import { createUnwrapper } from './wrapping.ts';

/** A window of a file, in `batch.window`. */
export interface Part {
  /** Bytes of the window that are filled. */
  readonly length: number;
  /** Of the window's first byte in the file. */
  readonly offset: number;
  /** `end`: nothing will come behind, so that what has no line break is a line too. */
  readonly until: 'more' | 'end';
}

export interface Decoder {
  /**
   * Reads lines from byte `at` of the window into the batch, rows 0 to `batch.to`, and returns where it came to.
   * To be called until no row is filled: then the rest is the beginning of a line.
   */
  decode(at: number, part: Part): number;
  /** Offset of the first line that was begun and not handed over: cut, or too long. Infinity if there is none. */
  begun(): number;
}

export interface DecoderOptions {
  readonly batch: Batch;
  /** Most bytes of a line as it stands in the file, newline included, and of the text of a chain. */
  readonly lineLimit: number;
  readonly clock: LineClock;
  /** Called for each line that is not handed over, with the beginning of its text. */
  readonly rejected: (reason: RejectionReason, sample: string) => void;
}

/** What a log message shows of a rejected line. */
const SAMPLE_BYTES = 120;

/**
 * Measured (Node 26.10, one core of an EPYC that others use too, CRI lines of 170 bytes): 85 ns a line, of which the
 * search for line breaks takes 25 (`Buffer.indexOf`; a loop over words of four bytes takes as long,
 * `Uint8Array.indexOf` 66) and the time 28 (it would be 205 if the minute were parsed for each line). Docker's lines
 * take 600, nearly all for their escapes.
 */
export function createDecoder({ batch, lineLimit, clock, rejected }: DecoderOptions): Decoder {
  const { bytes, view, time, start: starts, end: ends, offset: offsets } = batch;
  const unwrap = createUnwrapper(batch);
  const chains = { stdout: createChain(batch, lineLimit), stderr: createChain(batch, lineLimit) };
  /** How many of the two are open: asking them for each line would cost a tenth of it. */
  let openChains = 0;
  /** Offset of the line whose rest is skipped up to its line break; -1 if none is. */
  let skipped = -1;
  let rows = 0;
  let hasTimeless = false;
  /** Where the next chain goes in the part of `bytes` that holds them. */
  let joined = batch.joined;

  function add(start: number, end: number, offset: number): void {
    starts[rows] = start;
    ends[rows] = end;
    offsets[rows] = offset;
    rows++;
  }

  function addPart({ stream, start, end }: Unwrapped, offset: number): void {
    if (!chains[stream].isOpen) openChains++;
    chains[stream].add({ start, end, offset, time: time[rows] ?? Number.NaN });
  }

  function addChain(chain: Chain): void {
    const { offset, isOversize } = chain;
    openChains--;
    time[rows] = chain.time;
    const end = chain.close(joined);
    if (isOversize) {
      reject('oversize', joined, end);
      return;
    }
    add(joined, end, offset);
    joined = end;
  }

  function reject(reason: RejectionReason, start: number, end: number): void {
    rejected(reason, bytes.toString('utf8', start, Math.min(end, start + SAMPLE_BYTES)));
  }

  /** One line: from its first byte to its line break, at `offset` in the file. */
  function read(start: number, lineBreak: number, offset: number): void {
    const end = lineBreak > start && view.getUint8(lineBreak - 1) === RETURN ? lineBreak - 1 : lineBreak;
    const line = unwrap(start, end, rows);
    switch (line.kind) {
      case 'whole':
        if (openChains > 0 && chains[line.stream].isOpen) {
          addPart(line, offset);
          addChain(chains[line.stream]);
        } else {
          add(line.start, line.end, offset);
        }
        return;
      case 'part':
        addPart(line, offset);
        return;
      case 'bare':
        if (Number.isNaN(time[rows])) hasTimeless = true;
        add(line.start, line.end, offset);
        return;
      case 'broken':
        reject('bad_wrapping', start, end);
        return;
      default:
        line.kind satisfies never;
    }
  }

  /** Ends a line that is being skipped, passes zeros before one, and lets none through that is too long. */
  function readOdd(begin: number, lineBreak: number, offset: number): void {
    if (skipped >= 0) {
      skipped = -1;
      return;
    }
    const start = behindZeros(begin, lineBreak);
    if (lineBreak + 1 - start > lineLimit) reject('oversize', start, lineBreak);
    else read(start, lineBreak, offset + start);
  }

  /** A file that was truncated under a writer who keeps its place begins with a hole: zeros, up to megabytes. */
  function behindZeros(begin: number, end: number): number {
    let start = begin;
    while (start < end && view.getUint8(start) === 0) start++;
    return start;
  }

  /** What has no line break yet; returns where to read on. */
  function leave(begin: number, length: number, offset: number): number {
    if (skipped >= 0) return length;
    const start = behindZeros(begin, length);
    if (length - start < lineLimit) return start;
    reject('oversize', start, length);
    skipped = offset + start;
    return length;
  }

  /** Where the last line ends of those that can be read. Zeros at the end of a file are a hole, no line. */
  function endOfLines(at: number, length: number, until: Part['until']): number {
    const end = length === 0 ? 0 : bytes.lastIndexOf(NEWLINE, length - 1) + 1;
    if (until === 'more' || behindZeros(Math.max(at, end), length) === length) return end;
    bytes[length] = NEWLINE;
    return length + 1;
  }

  /** A line may close a chain. Docker's lines are changed as they are read: none is read that has no place. */
  function hasRoom(length: number): boolean {
    const chain = Math.max(chains.stdout.length, chains.stderr.length);
    return joined + Math.min(chain, lineLimit) + Math.min(length, lineLimit) <= bytes.length;
  }

  return {
    decode(at, { length, offset, until }) {
      rows = 0;
      hasTimeless = false;
      joined = batch.joined;
      const end = endOfLines(at, length, until);
      let next = at;
      while (next < end && rows < MAX_LINES) {
        const lineBreak = bytes.indexOf(NEWLINE, next);
        if (openChains > 0 && !hasRoom(lineBreak - next)) break;
        const isPlain = skipped < 0 && lineBreak - next < lineLimit && view.getUint8(next) !== 0;
        if (isPlain) read(next, lineBreak, offset + next);
        else readOdd(next, lineBreak, offset);
        next = lineBreak + 1;
      }
      if (next >= end && until === 'more') next = leave(next, length, offset);
      if (next >= end && until === 'end') {
        for (const chain of [chains.stdout, chains.stderr])
          if (chain.isOpen && rows < MAX_LINES && hasRoom(0)) addChain(chain);
      }
      batch.from = 0;
      batch.to = rows;
      if (hasTimeless) clock.fill(time, rows);
      else if (rows > 0) clock.passed(time[rows - 1] ?? Number.NaN);
      return Math.min(next, length);
    },
    begun() {
      const open = [chains.stdout, chains.stderr]
        .filter((chain) => chain.isOpen)
        .map((chain) => chain.offset);
      return Math.min(...open, skipped >= 0 ? skipped : Infinity);
    },
  };
}
