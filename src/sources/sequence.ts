/** Reads the files of one input to their ends, one after another, for a merge to take lines from. */
import { type LogFile, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { type Batch, createBatch } from './batch.ts';
import { type Content, openContent, toContent } from './content.ts';
import { findCopies } from './copies.ts';
import { distinguish, toFileId } from './fileIds.ts';
import type { Files } from './files.ts';
import { HEAD_BYTES, toFirstLine } from './head.ts';
import type { Input, InputFile } from './inputs.ts';
import { createLineClock, createOrderClock } from './lineClock.ts';
import { countLines } from './lineCount.ts';
import { createLineReader, type LineReader } from './lineReader.ts';
import { createPipe } from './pipe.ts';

export interface Sequence {
  /** Rows of the batch that are not taken: `row` ≤ i < `rows`. */
  readonly batch: Batch;
  readonly row: number;
  readonly rows: number;
  /** Says that the rows before `row` are taken. */
  take(row: number): void;
  /** Fills the batch again once all rows are taken; `wait`: the bytes have not come yet. */
  more(): 'rows' | 'wait' | 'end';
  /** Resolves when `more` is worth another try. */
  arrived(): Promise<void>;
  close(): void;
}

export interface SequenceOptions {
  readonly files: Files;
  readonly lineLimit: number;
  readonly stdin: NodeJS.ReadableStream | undefined;
  /** Resolves when nothing more of a pipe is wanted. */
  readonly stopped: Promise<void> | undefined;
  readonly now: () => number;
  /** The ids of all files that were read, of other inputs too. */
  readonly ids: Set<string>;
}

/** What is being read. */
interface Open {
  readonly path: string;
  readonly stem: string;
  readonly content: Content;
  readonly reader: LineReader;
  /** Where the window ends that was filled last. */
  reached: number;
  /** `end`: the window is the file's last. */
  until: 'more' | 'end';
  log: LogFile | undefined;
}

export function createSequence(input: Input, options: SequenceOptions, self: SourcesSelf): Sequence {
  const batch = createBatch(options.lineLimit);
  const waiting = [...input.files];
  const owner = input.pod === undefined ? '' : `${input.pod.uid}/${input.pod.container}`;
  /** Known once the first file is wanted. */
  let copies: ReadonlySet<string> | undefined;
  let open: Open | undefined;
  let row = 0;

  function openNext(): Open | undefined {
    copies ??= findCopies(input.files, options.files);
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (copies.has(file.path)) {
        self.repeated(file.path);
        continue;
      }
      try {
        const content = openInput(file, options);
        const { path, stem } = file;
        return {
          path,
          stem,
          content,
          reader: startReader(file, content),
          reached: 0,
          until: 'more',
          log: undefined,
        };
      } catch (error) {
        self.failed('open', file.path, error);
      }
    }
    return undefined;
  }

  function startReader({ path, modified }: InputFile, content: Content): LineReader {
    const label = toDnsPodLabel({ path, id: '', pod: input.pod });
    const made = createOrderClock(() =>
      Number.isNaN(modified) ? options.now() : toFirst(modified, content),
    );
    const clock = createLineClock({ made, timeless: () => self.timeless(path) });
    const { lineLimit } = options;
    return createLineReader({ batch, lineLimit, position: 0, clock, label: () => label }, self);
  }

  function step(current: Open): 'rows' | 'wait' | 'ended' {
    for (;;) {
      if (current.log !== undefined && current.reader.next(current.until)) {
        batch.file = current.log;
        row = 0;
        return 'rows';
      }
      if (current.until === 'end') return 'ended';
      const filled = fill(current);
      if (filled !== 'filled') return filled;
    }
  }

  function fill(current: Open): 'filled' | 'wait' | 'ended' {
    const { content, reader } = current;
    const length = reader.fill(content);
    const end = reader.position + length;
    const isFull = length === batch.window.length;
    const isComing = content.isComing(end);
    if (isComing && !isFull && end === current.reached) return 'wait';
    current.reached = end;
    current.until = isFull || isComing ? 'more' : 'end';
    if (current.log !== undefined) return 'filled';
    return name(current, batch.window.subarray(0, Math.min(length, HEAD_BYTES)));
  }

  /** Gives the file its id before its first line is handed over. */
  function name(current: Open, head: Buffer): 'filled' | 'wait' {
    const { path, stem, content, until } = current;
    const line = toFirstLine(head, (into, at) => (content.isPacked ? 0 : content.read(into, at)));
    if (line === undefined && head.length < HEAD_BYTES && until === 'more') return 'wait';
    const id = toFileId(owner, stem, line ?? head);
    const distinct = distinguish(id, (other) => options.ids.has(other));
    options.ids.add(distinct);
    current.log = { path, id: distinct, pod: input.pod };
    self.opened(path, 0);
    return 'filled';
  }

  function closeFile({ content, path }: Open): void {
    const damage = content.damage();
    if (damage !== undefined && content.isPacked) self.damaged(path, damage);
    else if (damage !== undefined) self.failed('read', path, damage);
    content.close();
    batch.to = 0;
    open = undefined;
  }

  return {
    batch,
    get row() {
      return row;
    },
    get rows() {
      return batch.to;
    },
    take(taken) {
      row = taken;
    },
    more() {
      for (;;) {
        open ??= openNext();
        if (open === undefined) return 'end';
        try {
          const result = step(open);
          if (result !== 'ended') return result;
        } catch (error) {
          self.failed('read', open.path, error);
        }
        closeFile(open);
      }
    },
    arrived: () => open?.content.arrived() ?? Promise.resolve(),
    close() {
      waiting.length = 0;
      if (open !== undefined) closeFile(open);
    },
  };
}

/**
 * The time of the first line of a file in which no line has any: so that the last one is of when it was written last.
 * What is compressed would have to be unpacked twice: it begins then.
 */
function toFirst(modified: number, content: Content): number {
  const lines = content.isPacked ? 1 : countLines((into, at) => content.read(into, at));
  return modified - Math.max(0, lines - 1);
}

function openInput({ path, kind }: InputFile, { files, stdin, stopped }: SequenceOptions): Content {
  switch (kind) {
    case 'file':
      return openContent(path, files);
    case 'pipe':
      return toContent(createPipe(files.stream(path), stopped));
    case 'stdin':
      return toContent(createPipe(stdin ?? process.stdin, stopped));
    default:
      return kind satisfies never;
  }
}
