/** One run of a container, as its log comes in through the API: a queue at one side, lines at the other. */
import type { Container } from '../kube/dnsPods.ts';
import { type LogFile, toDnsPodLabel } from '../records/line.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { NEWLINE } from '../text/ascii.ts';
import type { Batch } from './batch.ts';
import { toFileId } from './fileIds.ts';
import { createLineClock } from './lineClock.ts';
import { createLineQueue } from './lineQueue.ts';
import { createLineReader } from './lineReader.ts';
import type { Accept } from './reading.ts';

export interface ContainerStream {
  readonly container: Container;
  /** As a node would name the file, for messages. */
  readonly path: string;
  /** Time of the newest line read; -Infinity before the first. */
  readonly newest: number;
  /** Nothing will come any more, and nothing is unread. */
  readonly isOver: boolean;
  /** Whole lines. */
  push(chunk: Buffer): void;
  room(): Promise<void>;
  oversize(): void;
  unread(): number;
  /** Hands over one window. */
  read(accept: Accept): void;
  /** Nothing will come any more. */
  finish(): void;
  close(): void;
}

export interface Shared {
  /** Taken in turns. */
  readonly batch: Batch;
  readonly lineLimit: number;
  readonly now: () => number;
  readonly self: SourcesSelf;
}

/** Bytes that may wait: some 6,000 lines, a second of a busy server. */
const MOST_UNREAD = 1024 * 1024;

export function createContainerStream(
  container: Container,
  restarts: number,
  { batch, lineLimit, now, self }: Shared,
): ContainerStream {
  const { namespace, pod, uid, name } = container;
  const queue = createLineQueue();
  const path = `${namespace}_${pod}_${uid}/${name}/${restarts}.log`;
  const writer = { namespace, name: pod, uid, container: name };
  const label = toDnsPodLabel({ path, id: '', pod: writer });
  /** Known with its first line. */
  let log: LogFile | undefined;
  let isFinished = false;
  const clock = createLineClock({ made: now, now, timeless: () => self.timeless(path) });
  const reader = createLineReader({ batch, lineLimit, position: 0, clock, label: () => label }, self);

  function toLog(first: Buffer): LogFile {
    const line = first.subarray(0, first.indexOf(NEWLINE));
    return { path, id: toFileId(`${uid}/${name}`, String(restarts), line), pod: writer };
  }

  self.opened(path, 0);
  self.position(label, () => (isFinished ? Number.NaN : reader.position));

  return {
    container,
    path,
    get newest() {
      return reader.newest;
    },
    get isOver() {
      return isFinished && queue.end === reader.position;
    },
    push(chunk) {
      log ??= toLog(chunk);
      queue.push(chunk);
    },
    room: () => queue.room(MOST_UNREAD),
    oversize() {
      self.read(label, 1);
      self.rejected(label, 'oversize', '');
    },
    unread: () => queue.end - reader.position,
    read(accept) {
      if (log === undefined) return;
      reader.fill(queue);
      reader.deliver(log, 'more', accept);
    },
    finish() {
      isFinished = true;
    },
    close: () => queue.close(),
  };
}
