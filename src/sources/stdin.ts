/** Standard input as a source: lines as they come, such as those of `kubectl logs -f`. */
import { type LogFile, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { createBatch, DEFAULT_LINE_LIMIT } from './batch.ts';
import { toContent } from './content.ts';
import { toFileId } from './fileIds.ts';
import { createLineClock } from './lineClock.ts';
import { createLineReader } from './lineReader.ts';
import { createPipe } from './pipe.ts';
import type { Accept } from './reading.ts';
import { readSlice } from './slice.ts';
import type { Polled, Source } from './source.ts';

export interface StdinOptions {
  readonly stdin: NodeJS.ReadableStream;
  /** Milliseconds since the epoch: also the time of lines that say none. */
  readonly now: () => number;
  /** Most bytes of a line; 64 KiB by default. */
  readonly lineLimit?: number;
}

export function createStdinSource(options: StdinOptions, self: SourcesSelf): Source {
  const { stdin, now, lineLimit = DEFAULT_LINE_LIMIT } = options;
  const batch = createBatch(lineLimit);
  const content = toContent(createPipe(stdin));
  const log = toLogFile(now());
  const label = toDnsPodLabel(log);
  const clock = createLineClock({ made: now, now, timeless: () => self.timeless(log.path) });
  const reader = createLineReader({ batch, lineLimit, position: 0, clock, label: () => label }, self);
  let look: () => void = () => {};
  let hasEnded = false;

  /** Hands over the lines of one window. */
  function read(accept: Accept): Polled {
    const length = reader.fill(content);
    const isFull = length === batch.window.length;
    const hasMore = isFull || content.isComing(reader.position + length);
    reader.deliver(log, hasMore ? 'more' : 'end', accept);
    if (isFull) return 'more';
    return hasMore ? 'caughtUp' : 'ended';
  }

  function end(): Polled {
    const damage = hasEnded ? undefined : content.damage();
    if (damage !== undefined && content.isPacked) self.damaged(log.path, damage);
    else if (damage !== undefined) self.failed('read', log.path, damage);
    hasEnded = true;
    return 'ended';
  }

  self.opened(log.path, 0);
  return {
    poll(accept) {
      if (hasEnded) return 'ended';
      const polled = readSlice(now, () => read(accept));
      if (polled === 'caughtUp') void content.arrived().then(() => look());
      return polled === 'ended' ? end() : polled;
    },
    onArrival(newLook) {
      look = newLook;
    },
    // What came through a pipe cannot be read again.
    save() {},
    stop: () => content.close(),
  };
}

/** Logs of different pods begin with the same lines: only when it was read tells one input from another. */
function toLogFile(startedAt: number): LogFile {
  const id = toFileId('stdin', String(startedAt), Buffer.from(String(process.pid)));
  return { path: 'stdin', id, pod: undefined };
}
