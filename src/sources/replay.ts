/** Reads logs to their ends: files, folders of them, compressed ones, standard input, merged by time. */
import { type Lines, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { DEFAULT_LINE_LIMIT } from './batch.ts';
import { type Files, SYSTEM_FILES } from './files.ts';
import { toInputs } from './inputs.ts';
import { mergeByTime } from './merge.ts';
import { createSequence } from './sequence.ts';

export interface ReplayOptions {
  /** Names of the containers whose logs are read in a folder of pods; undefined: of all. */
  readonly containers: readonly string[] | undefined;
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
 * Yields runs of lines, which are to be used before the next one is asked for. Paths are as in inputs.ts; those with
 * problems are left out: ask `checkPaths` before.
 *
 * A line without time gets its neighbour's; in a file without any the order of the lines is the clock: a millisecond
 * a line, from when the file was written last.
 */
export async function* readLines(
  paths: readonly string[],
  options: ReplayOptions,
  self: SourcesSelf,
): AsyncGenerator<Lines> {
  const { files = SYSTEM_FILES, lineLimit = DEFAULT_LINE_LIMIT, from = -Infinity, to = Infinity } = options;
  const { stdin, stopped, now = Date.now } = options;
  const ids = new Set<string>();
  const distinguish = (id: string): string => {
    let distinct = id;
    for (let n = 2; ids.has(distinct); n++) distinct = `${id}~${n}`;
    ids.add(distinct);
    return distinct;
  };
  const { inputs, leftOut } = toInputs(paths, options.containers, files);
  for (const { reason, path, error } of leftOut) self.failed(reason, path, error);
  const sequences = inputs.map((input) =>
    createSequence(input, { files, lineLimit, stdin, stopped, now, distinguish }, self),
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

/** The files behind `paths`, and a sentence for each path that is missing, unreadable, no log, a folder without logs. */
export function checkPaths(
  paths: readonly string[],
  containers?: readonly string[],
): { readonly problems: readonly string[]; readonly files: readonly string[] } {
  const { inputs, problems } = toInputs(paths, containers, SYSTEM_FILES);
  const files = inputs.flatMap((input) => input.files).filter(({ kind }) => kind === 'file');
  return { problems, files: files.map(({ path }) => path) };
}
