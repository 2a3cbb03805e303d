/** Reads compressed logs. */
import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { createStream, type Stream } from './stream.ts';

/** The unpacked bytes of a gzip file. */
export function createUnpacking(packed: Readable): Stream {
  const gunzip = createGunzip();
  // Its errors reach `gunzip`, whose own reach the stream.
  pipeline(packed, gunzip, () => {});
  return createStream(gunzip);
}

/** True if a file with these first bytes is compressed (RFC 1952). */
export function isPacked(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Packed bytes that hold a whole head: deflate never doubles. */
export const PACKED_HEAD_BYTES = 4096;

/** What the first bytes of a gzip file unpack to; undefined if they are damaged. */
export function unpackHead(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}
