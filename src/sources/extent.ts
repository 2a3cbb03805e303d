/**
 * How much a log holds, and a checksum of its beginning: what tells a copy from a log that only begins alike.
 *
 * Of a plain file the checksum is computed from its bytes: 10 MiB in memory took 2 to 6 ms. A gzip file ends with the
 * CRC-32 and the length of what was packed (RFC 1952), so that it need not be unpacked. That holds for a whole file
 * of one member and less than 4 GB; of any other the two numbers mean something else and agree with no plain file:
 * such a log is read rather than taken for a copy. Two archives may end alike with anything between, if they have
 * several members: they are copies if they agree in every packed byte.
 */
import { crc32 } from 'node:zlib';
import { type Content, openContent, type Trailer } from './content.ts';
import type { Files } from './files.ts';
import type { ReadAt } from './head.ts';

export interface Extent {
  /** Bytes it holds, unpacked; undefined if that cannot be told. Throws what the file system throws. */
  length(): number | undefined;
  /** CRC-32 of its first `length` bytes; undefined if that cannot be told. Throws what the file system throws. */
  checksum(length: number): Checksum;
  /** Says the same of an archive's bytes as they are packed; undefined of a plain file. */
  packed(): Packed | undefined;
}

export type Packed = Pick<Extent, 'length' | 'checksum'>;

/** `later`: who asks again gets on with it, since summing up gigabytes in one go would hold up everything else. */
export type Checksum = number | 'later' | undefined;

/** Bytes in one read. */
const STEP = 64 * 1024;
/** Bytes that are summed up when somebody asks: some 10 to 20 ms (derived from 10 MiB). */
const MAX_SUMMED = 32 * 1024 * 1024;
/** Beginnings of one file whose checksums are kept: it may be compared with several that are shorter. */
const MAX_BEGINNINGS = 4;

/** `head`: what was seen of its beginning. To be made anew when `content` was truncated or written anew. */
export function createExtent(content: Content, head: () => Buffer, sum = createSum()): Extent {
  const isPlausible = (length: number): boolean => length >= head().length;
  return content.isPacked
    ? createPackedExtent(content, isPlausible, sum)
    : createPlainExtent(content, isPlausible, sum);
}

/** That of a file that nobody has open; to be made anew when it has changed. */
export function createClosedExtent(path: () => string, files: Files, head: () => Buffer): Extent {
  const sum = createSum();

  function measure<T>(ask: (extent: Extent) => T): T {
    const content = openContent(path(), files);
    try {
      return ask(createExtent(content, head, sum));
    } finally {
      content.close();
    }
  }

  const packed: Packed = {
    length: () => measure((extent) => extent.packed()?.length()),
    checksum: (length) => measure((extent) => extent.packed()?.checksum(length)),
  };
  return {
    length: () => measure((extent) => extent.length()),
    checksum: (length) => measure((extent) => extent.checksum(length)),
    packed: () => (measure((extent) => extent.packed()) === undefined ? undefined : packed),
  };
}

function createPlainExtent(content: Content, isPlausible: IsPlausible, sum: Sum): Extent {
  return {
    // One that was truncated a moment ago is none that can be compared.
    length: () => (isPlausible(content.size()) ? content.size() : undefined),
    checksum: (length) => sum(content.read, length),
    packed: () => undefined,
  };
}

type IsPlausible = (length: number) => boolean;

type Sum = (readAt: ReadAt, length: number) => Checksum;

/** The checksum `crc` of the first `done` bytes. */
interface Beginning {
  readonly done: number;
  readonly crc: number;
}

/** A file that grows, or one that is compared with it, costs what is new. */
function createSum(): Sum {
  let known: readonly Beginning[] = [];

  return (readAt, length) => {
    const [nearest = { done: 0, crc: 0 }] = known
      .filter(({ done }) => done <= length)
      .toSorted((a, b) => b.done - a.done);
    const wanted = Math.min(length, nearest.done + MAX_SUMMED);
    const reached = sumUp(readAt, nearest, wanted);
    known = [reached, ...known.filter((beginning) => beginning !== nearest)].slice(0, MAX_BEGINNINGS);
    if (reached.done === length) return reached.crc;
    return reached.done === wanted ? 'later' : undefined;
  };
}

/** As far as there are bytes. */
function sumUp(readAt: ReadAt, from: Beginning, wanted: number): Beginning {
  let { done, crc } = from;
  const step = Buffer.alloc(Math.min(STEP, wanted - done));
  while (done < wanted) {
    const filled = readAt(step.subarray(0, Math.min(STEP, wanted - done)), done);
    if (filled === 0) break;
    crc = crc32(step.subarray(0, filled), crc);
    done += filled;
  }
  return { done, crc };
}

function createPackedExtent(content: Content, isPlausible: IsPlausible, sum: Sum): Extent {
  const trailer = (): Trailer | undefined => {
    const found = content.trailer();
    return found !== undefined && isPlausible(found.length) ? found : undefined;
  };
  const packed: Packed = {
    length: () => content.size(),
    checksum(length) {
      const readAt = content.packed();
      return readAt && sum(readAt, length);
    },
  };
  return {
    packed: () => packed,
    length: () => trailer()?.length,
    checksum(length) {
      const found = trailer();
      return found?.length === length ? found.crc : undefined;
    },
  };
}
