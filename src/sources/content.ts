/** What stands in one log file, plain or compressed: the same bytes at the same positions. */
import type { Files } from './files.ts';
import { type ReadAt, readHead } from './head.ts';
import type { Pipe } from './pipe.ts';
import type { Stream } from './stream.ts';
import { createUnpacking, isPacked, PACKED_HEAD_BYTES, unpackHead } from './unpacking.ts';

/** Its functions throw what the file system throws. */
export interface Content {
  readonly isPacked: boolean;
  /**
   * Bytes there are by now. Of a compressed file those that it is packed into: how many it holds only unpacking tells,
   * since its last four bytes speak of its last member alone, and in a cut file of nothing.
   */
  size(): number;
  /** The first bytes, unpacked: as many as there are, up to HEAD_BYTES. */
  head(): Buffer;
  /** Fills `into` from byte `position` on; returns how many bytes were there. `position` never goes back. */
  read(into: Buffer, position: number): number;
  /** True while bytes behind `position` are being unpacked, which takes turns of the event loop. */
  isComing(position: number): boolean;
  /** Resolves when some have come. */
  arrived(): Promise<void>;
  /** True once no name leads to the file any more; never said of a compressed one. */
  isDeleted(): boolean;
  /** The last bytes of a compressed file; undefined of any other. */
  trailer(): Trailer | undefined;
  /** Reads bytes of a compressed file as they are packed; undefined of any other, and while it is unpacked. */
  packed(): ReadAt | undefined;
  /** What is wrong with a compressed file; what came before it could be read. */
  damage(): unknown;
  close(): void;
}

/** What a gzip file says of what it holds: of a whole one with a single member it is true. */
export interface Trailer {
  /** CRC-32. */
  readonly crc: number;
  /** Bytes, but for multiples of 4 GB. */
  readonly length: number;
}

/** What comes through a pipe; its size and head are not known before. */
export function toContent(stream: Pipe): Content {
  return {
    get isPacked() {
      return stream.isPacked;
    },
    size: () => 0,
    head: () => Buffer.alloc(0),
    read: (into, position) => stream.read(into, position),
    isComing: (position) => !stream.isAtEnd(position),
    arrived: () => stream.arrived(),
    isDeleted: () => false,
    trailer: () => undefined,
    packed: () => undefined,
    damage: () => stream.error(),
    close: () => stream.close(),
  };
}

/** Throws if the file cannot be opened or read. */
export function openContent(path: string, files: Files): Content {
  const fd = files.open(path);
  try {
    const magic = Buffer.alloc(2);
    files.read(fd, magic, 0);
    return isPacked(magic) ? openPacked(fd, files) : openPlain(fd, files);
  } catch (error) {
    files.close(fd);
    throw error;
  }
}

function openPlain(fd: number, files: Files): Content {
  return {
    isPacked: false,
    size: () => files.statOf(fd).size,
    head: () => readHead((into, position) => files.read(fd, into, position)),
    read: (into, position) => files.read(fd, into, position),
    isComing: () => false,
    arrived: () => Promise.resolve(),
    isDeleted: () => files.statOf(fd).names === 0,
    trailer: () => undefined,
    packed: () => undefined,
    damage: () => undefined,
    close: () => files.close(fd),
  };
}

/** Its head is known at once; unpacking begins when somebody reads. */
function openPacked(fd: number, files: Files): Content {
  const packed = Buffer.alloc(PACKED_HEAD_BYTES);
  const head = unpackHead(packed.subarray(0, files.read(fd, packed, 0)));
  const { size } = files.statOf(fd);
  let stream: Stream | undefined;
  let trailer: Trailer | undefined;
  const open = (): Stream => {
    if (stream === undefined) trailer = readTrailer(fd, files);
    stream ??= createUnpacking(files.stream(fd));
    return stream;
  };
  return {
    isPacked: true,
    size: () => size,
    head: () => readHead((into) => head?.copy(into) ?? 0),
    read: (into, position) => open().read(into, position),
    isComing: (position) => !open().isAtEnd(position),
    arrived: () => open().arrived(),
    isDeleted: () => false,
    // The stream closes the file.
    trailer: () => (stream === undefined ? readTrailer(fd, files) : trailer),
    packed: () => (stream === undefined ? (into, at) => files.read(fd, into, at) : undefined),
    damage: () => (head === undefined ? new Error('it is no gzip file') : stream?.error()),
    close() {
      if (stream === undefined) files.close(fd);
      stream?.close();
    },
  };
}

const TRAILER_BYTES = 8;

function readTrailer(fd: number, files: Files): Trailer | undefined {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  const at = files.statOf(fd).size - TRAILER_BYTES;
  if (at < 0 || files.read(fd, bytes, at) < TRAILER_BYTES) return undefined;
  return { crc: bytes.readUInt32LE(0), length: bytes.readUInt32LE(4) };
}
