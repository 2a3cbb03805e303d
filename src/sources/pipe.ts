/** What comes through a pipe, plain or compressed: only its first two bytes tell, and nobody can look ahead. */
import { Readable } from 'node:stream';
import { createStream, type Stream } from './stream.ts';
import { createUnpacking, isPacked } from './unpacking.ts';

export interface Pipe extends Stream {
  /** False as well as long as the first bytes have not come. */
  readonly isPacked: boolean;
}

const MAGIC_BYTES = 2;
/** Bytes that are unpacked at once. */
const STEP = 64 * 1024;

/** See createStream; what a stop cuts off is no damage. */
export function createPipe(readable: NodeJS.ReadableStream, stopped?: Promise<void>): Pipe {
  const raw = createStream(readable, stopped);
  /** Undefined as long as nobody knows which it is. */
  let stream: Stream | undefined;
  let isStopped = false;
  void stopped?.then(() => {
    isStopped = true;
  });

  /** What is to be read, if that is known by now. */
  function recognise(): Stream | undefined {
    if (stream !== undefined) return stream;
    const magic = Buffer.alloc(MAGIC_BYTES);
    const come = raw.read(magic, 0);
    if (come < MAGIC_BYTES && !raw.isAtEnd(come)) return undefined;
    stream = isPacked(magic) ? createUnpacking(Readable.from(readPacked(raw))) : raw;
    return stream;
  }

  return {
    get isPacked() {
      return stream !== undefined && stream !== raw;
    },
    read: (into, position) => recognise()?.read(into, position) ?? 0,
    isAtEnd: (position) => recognise()?.isAtEnd(position) ?? false,
    error: () => (stream !== raw && isStopped ? raw.error() : (stream ?? raw).error()),
    arrived: () => (recognise() ?? raw).arrived(),
    close() {
      stream?.close();
      raw.close();
    },
  };
}

async function* readPacked(raw: Stream): AsyncGenerator<Buffer> {
  for (let position = 0; !raw.isAtEnd(position); ) {
    const step = Buffer.alloc(STEP);
    const length = raw.read(step, position);
    position += length;
    if (length > 0) yield step.subarray(0, length);
    else await raw.arrived();
  }
  if (raw.error() !== undefined) throw raw.error();
}
