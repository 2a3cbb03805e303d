/** What all files of a follower share. */
import type { Lines } from '../records/line.ts';
import type { Batch } from './batch.ts';
import type { Files } from './files.ts';

export interface Reading {
  readonly files: Files;
  /** Taken in turns: what one file decoded has been handed over before another is read. */
  readonly batch: Batch;
  readonly lineLimit: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Takes lines over; they are gone when it returns. */
export type Accept = (lines: Lines) => void;
