/** Sends a long text piece by piece, as fast as it is read and no faster: unread pieces stay unwritten. */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createPatience } from './patience.ts';

/**
 * True once everything was read; false if the reader went away or let us wait for longer than `timeout` (milliseconds) in
 * all, after which the connection is cut. A reader that takes a byte at a time is as bad as one that takes none; the time
 * that the pieces take to be made is not the reader's.
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  timeout: number,
): Promise<boolean> {
  const patience = createPatience(timeout, () => response.destroy());
  for await (const piece of pieces) {
    // Whoever makes the pieces is not asked for the next one, and does not come to its end, before this one is on its way.
    await patience.during(sent(response, piece));
    if (response.destroyed) return false;
    // Lines, watch and exports get a turn between the pieces.
    await nextTurn();
  }
  response.end();
  await patience.during(closed(response));
  return response.writableFinished;
}

/** Resolves when the system has taken `piece`, or nobody is left to write to. */
function sent(response: ServerResponse, piece: string): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('close', go);
      resolve();
    };
    response.on('close', go);
    if (response.destroyed) go();
    else response.write(piece, go);
  });
}

function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', () => resolve());
  });
}
