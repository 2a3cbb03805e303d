/**
 * Merges logs by time, line by line, without touching a line: what is handed over are runs, the rows of one batch up
 * to the time at which another log goes on. A single log has no other, so its runs are its batches.
 */
import type { Lines } from '../records/line.ts';
import type { Sequence } from './sequence.ts';

/** Milliseconds since the epoch; lines before `from`, and from `to` on, are left out. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The bytes of a run are overwritten when the next one is asked for. */
export async function* mergeByTime(sequences: readonly Sequence[], period: Period): AsyncGenerator<Lines> {
  const going: Sequence[] = [];
  for (const sequence of sequences) if (await hasRows(sequence)) going.push(sequence);
  for (;;) {
    const earliest = findEarliest(going);
    if (earliest === undefined) return;
    const run = takeRun(earliest, findEarliest(going, earliest), period);
    if (run !== undefined) yield run;
    if (earliest.row >= earliest.rows && !(await hasRows(earliest))) going.splice(going.indexOf(earliest), 1);
  }
}

async function hasRows(sequence: Sequence): Promise<boolean> {
  for (;;) {
    const more = sequence.more();
    if (more !== 'wait') return more === 'rows';
    await sequence.arrived();
  }
}

/** There are as many as DNS containers, a handful: a look at each of them is cheaper than a heap. */
function findEarliest(sequences: readonly Sequence[], except?: Sequence): Sequence | undefined {
  let earliest: Sequence | undefined;
  for (const sequence of sequences) {
    if (sequence !== except && (earliest === undefined || timeOf(sequence) < timeOf(earliest)))
      earliest = sequence;
  }
  return earliest;
}

function timeOf({ batch, row }: Sequence): number {
  return batch.time[row] ?? Infinity;
}

/** Takes the rows of `sequence` up to the time of `other`; undefined if they are all outside the period. */
function takeRun(sequence: Sequence, other: Sequence | undefined, { from, to }: Period): Lines | undefined {
  const { batch, rows } = sequence;
  const limit = other === undefined ? Infinity : timeOf(other);
  const isWanted = (row: number): boolean => {
    const time = batch.time[row] ?? Number.NaN;
    return time >= from && time < to;
  };
  let begin = sequence.row;
  while (begin < rows && !isWanted(begin)) begin++;
  let end = begin;
  while (end < rows && (batch.time[end] ?? Infinity) <= limit && isWanted(end)) end++;
  sequence.take(end);
  if (end === begin) return undefined;
  const { file, bytes, time, start, end: ends, offset } = batch;
  return { file, bytes, from: begin, to: end, time, start, end: ends, offset };
}
