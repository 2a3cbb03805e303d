/** Reads one stream of a container's log, and tells what of it was not told before. */
import { createLineSplitter } from './lineSplitter.ts';
import { endOfTime, type LogResume } from './logResume.ts';

export interface LogListener {
  /** Lines as the runtime's own file holds them (CRI), whole, each with its newline. */
  lines(chunk: Buffer): void;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
  /** A line was left out: it is longer than any that is of use. */
  oversize(): void;
  /** What the kubelet says in place of a log. */
  complained(message: string): void;
}

/** `unmet`: the line that was told last does not come any more; nothing behind it was told. */
export type StreamEnding = 'ended' | 'unmet';

/** The longest line that is put together again; what a source takes for one is far less. */
const MAX_LINE_BYTES = 1024 * 1024;
/** The API takes the runtime's wrapping off, all but the time. Put on again, one decoder reads logs from anywhere. */
const WRAPPING = Buffer.from(' stdout F');
const NEWLINE = Buffer.from('\n');
/** Of a message that is shown. */
const SAMPLE_BYTES = 200;

/** Rejects if the connection breaks. A line without its newline is left: it comes again, whole. */
export async function readLogStream(
  { chunks, resume }: { readonly chunks: AsyncIterable<Buffer>; readonly resume: LogResume },
  listener: LogListener,
): Promise<StreamEnding> {
  const splitter = createLineSplitter(MAX_LINE_BYTES, () => listener.oversize());
  resume.begin();
  for await (const chunk of chunks) {
    const parts: Buffer[] = [];
    let isUnmet = false;
    for (const line of splitter.push(chunk)) {
      const verdict = resume.take(line);
      if (verdict === 'new') parts.push(...toCri(line));
      if (verdict === 'no_time') listener.complained(line.toString('utf8', 0, SAMPLE_BYTES));
      isUnmet = verdict === 'unmet';
      if (isUnmet) break;
    }
    resume.settle();
    if (parts.length > 0) listener.lines(Buffer.concat(parts));
    if (isUnmet) return 'unmet';
    await listener.room();
  }
  return 'ended';
}

function toCri(line: Buffer): Buffer[] {
  const end = endOfTime(line);
  return [line.subarray(0, end), WRAPPING, line.subarray(end), NEWLINE];
}
