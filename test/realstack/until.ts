/** Waits for something outside this process to become true. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Milliseconds after which waiting has failed. */
  readonly within?: number;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

/**
 * What `look` returns as soon as it is not undefined. A look that throws counts as "not yet", and its reason is
 * the cause if the time runs out: programs of others tell nobody when they are ready, they can only be asked.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { within = 30_000, every = 20 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + within;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${within} ms for ${what}`, { cause });
    await pause(every);
  }
}
