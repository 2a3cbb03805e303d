/** Reads logs to their ends: files, folders of them, compressed ones, standard input, merged by time. */
import { type Lines, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { DEFAULT_LINE_LIMIT } from './batch.ts';
import { type Files, SYSTEM_FILES } from './files.ts';
import type { Inputs } from './inputs.ts';
import { mergeByTime } from './merge.ts';
import { createSequence } from './sequence.ts';

export interface ReplayOptions {
  /** Most bytes of a line; 64 KiB by default. */
  readonly lineLimit?: number;
  /** What `-` stands for; the process's own by default. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Lines before `from`, and from `to` on, are left out; milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** Resolves when no more is wanted: a pipe may say nothing for ever. */
  readonly stopped?: Promise<void>;
  readonly files?: Files;
  /** Milliseconds since the epoch: the clock of standard input where its lines have none. */
  readonly now?: () => number;
}

/**
 * Yields runs of lines, which are to be used before the next one is asked for. Paths with problems are not among the
 * inputs: whoever found them has told.
 *
 * A line without time is a millisecond behind its neighbour; in a file without any the order of the lines is the clock:
 * a millisecond a line, up to when the file was written last; of a pipe, or a compressed file, from then on.
 */
export async function* readLines(
  { inputs, leftOut }: Inputs,
  options: ReplayOptions,
  self: SourcesSelf,
): AsyncGenerator<Lines> {
  const { files = SYSTEM_FILES, lineLimit = DEFAULT_LINE_LIMIT, from = -Infinity, to = Infinity } = options;
  const { stdin, stopped, now = Date.now } = options;
  const ids = new Set<string>();
  for (const { reason, path, error } of leftOut) self.failed(reason, path, error);
  const sequences = inputs.map((input) =>
    createSequence(input, { files, lineLimit, stdin, stopped, now, ids }, self),
  );
  try {
    for await (const lines of mergeByTime(sequences, { from, to })) {
      self.read(toDnsPodLabel(lines.file), lines.to - lines.from);
      yield lines;
    }
  } finally {
    for (const sequence of sequences) sequence.close();
  }
}
