/** Reads an answer to its end. */
import type { IncomingMessage } from 'node:http';

/** A page of 250 objects of 9 kB is 2 MB. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** undefined if it is too long; rejects if the connection breaks. */
export async function readBody(
  body: IncomingMessage,
  onChunk: () => void = () => undefined,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    onChunk();
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString();
}
