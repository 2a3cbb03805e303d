/**
 * Remembers what was read of a file, to notice that something else stands there now: it was truncated, and may have
 * grown beyond the old position since.
 */
import type { Content } from './content.ts';
import { isSameHead } from './head.ts';

export interface Witness {
  /** The first bytes, as of the last look. */
  readonly head: Buffer;
  /** Looks at the file; false if it is not the one it was. `read`: what is known of the place reading has come to. */
  isKept(
    content: Content,
    read: { readonly position: number; readonly lastByte: number | undefined },
  ): boolean;
}

export function createWitness(first: Buffer): Witness {
  let head = first;
  return {
    get head() {
      return head;
    },
    isKept(content, read) {
      const known = head;
      head = content.head();
      return isSameHead(known, head) && (content.isPacked || isLastByteKept(content, read));
    },
  };
}

/** A writer that keeps its place in a truncated file leaves a hole of zeros where lines were: the head may match. */
function isLastByteKept(
  content: Content,
  { position, lastByte }: { readonly position: number; readonly lastByte: number | undefined },
): boolean {
  if (lastByte === undefined) return true;
  const byte = Buffer.alloc(1);
  return content.read(byte, position - 1) === 1 && byte[0] === lastByte;
}
