/** The first bytes of a log: what a file is known by, since its name changes and its inode may be given away again. */
import { createHash } from 'node:crypto';
import { NEWLINE } from '../text/ascii.ts';

/** Reads bytes of a file from a position on; returns how many there were. */
export type ReadAt = (into: Buffer, position: number) => number;

/** A prefix of a file, as a checkpoint keeps it. */
export interface Fingerprint {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

/** Bytes of a file that are remembered. */
export const HEAD_BYTES = 1024;

/** As much of the head as there is. */
export function readHead(readAt: ReadAt): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, readAt(head, 0));
}

/**
 * The first line, up to its break or HEAD_BYTES; undefined as long as it is unfinished. `readAt` is asked where the
 * file begins with a hole (see decode.ts): the zeros are the same in every such file.
 */
export function toFirstLine(head: Buffer, readAt: ReadAt): Buffer | undefined {
  const line = head[0] === 0 ? readBehindHole(readAt) : head;
  const end = line.indexOf(NEWLINE);
  if (end >= 0) return line.subarray(0, end);
  return line.length === HEAD_BYTES ? line : undefined;
}

export function toFingerprint(head: Buffer, bytes = head.length): Fingerprint {
  return { bytes, hash: createHash('sha256').update(head.subarray(0, bytes)).digest('hex') };
}

/** True if a file that begins with `head` can be the one of the fingerprint. */
export function isLike(head: Buffer, { bytes, hash }: Fingerprint): boolean {
  return head.length >= bytes && toFingerprint(head, bytes).hash === hash;
}

/** True if the two agree as far as both go: one may be the other before it grew. */
export function isSameHead(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return a.compare(b, 0, length, 0, length) === 0;
}

/** A hole of more than this is not looked behind; one of it takes some 0.4 s (derived: 128 MB took 47 ms). */
const MAX_HOLE_BYTES = 1024 * 1024 * 1024;
const HOLE_STEP = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_STEP);

function readBehindHole(readAt: ReadAt): Buffer {
  const step = Buffer.alloc(HOLE_STEP);
  for (let position = 0; position < MAX_HOLE_BYTES; position += HOLE_STEP) {
    const length = readAt(step, position);
    // Byte by byte only where there is something: 1 GB of that takes seconds.
    if (step.compare(ZEROS, 0, length, 0, length) !== 0) {
      const text = step.findIndex((byte) => byte !== 0);
      const line = Buffer.alloc(HEAD_BYTES);
      return line.subarray(0, readAt(line, position + text));
    }
    if (length < HOLE_STEP) break;
  }
  return Buffer.alloc(0);
}
