/** Holds a fast path, and the parser as a whole, to what the plain parser reads in the same lines. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { FastReader } from '../../src/parse/fast.ts';
import { createInterning, type Interning } from '../../src/parse/interning.ts';
import { createParser } from '../../src/parse/parser.ts';
import { readLine } from '../../src/parse/reading.ts';
import type { Lines } from '../../src/records/line.ts';
import { createTestSelf } from '../support/self.ts';
import { toWritten, type WrittenQuery } from './lines.ts';

export interface Counts {
  /** Lines that the fast path read; each equals the plain parser's reading. */
  fast: number;
  /** Lines that only the plain parser read. */
  slow: number;
  /** Lines that are no query to either. */
  neither: number;
}

export interface Comparison {
  readonly counts: Counts;
  /** Fails at the first line that is read in two ways. */
  readonly compare: (lines: Lines) => void;
}

export function createComparison(create: (interning: Interning) => FastReader, seed: number): Comparison {
  const readFast = create(createInterning(seed));
  const parser = createParser({ format: undefined, hashSeed: seed }, createTestSelf().parse);
  const counts = { fast: 0, slow: 0, neither: 0 };
  return {
    counts,
    compare(lines) {
      const expected: WrittenQuery[] = [];
      for (let index = lines.from; index < lines.to; index++) {
        const fast = readFast(lines, index);
        const plain = readPlain(lines, index);
        if (fast !== undefined) expectEqual(toWritten(fast), plain);
        if (plain !== undefined) expected.push(plain);
        counts[fast !== undefined ? 'fast' : plain !== undefined ? 'slow' : 'neither']++;
      }
      expectEqual(parser.accept(lines).map(toWritten), expected);
    },
  };
}

/** `expect` alone would take most of the time. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

export function readPlain(lines: Lines, index: number): WrittenQuery | undefined {
  const reading = readLine(lines.bytes.toString('utf8', lines.start[index], lines.end[index]), undefined);
  if (reading.kind !== 'query') return undefined;
  return {
    file: lines.file,
    offset: lines.offset[index] ?? 0,
    time: Number.isNaN(reading.clock) ? (lines.time[index] ?? 0) : reading.clock,
    ...reading.fields,
  };
}
