/** How much is read before everything else gets its turn: little enough for a scrape to wait. */
import type { Polled } from './source.ts';

/** 512 KiB of CRI lines are some 3,000. */
const MAX_WINDOWS = 8;
/** Milliseconds: 8 windows took 800 with 31,000 names on a busy core, and each piece of a scrape waits for a slice. */
const MAX_LENGTH = 10;

/** Calls `readWindow` until the slice is over or it has no more, once in any case; returns what it said last. */
export function readSlice(now: () => number, readWindow: () => Polled): Polled {
  const begun = now();
  for (let window = 1; ; window++) {
    const polled = readWindow();
    if (polled !== 'more' || window === MAX_WINDOWS || now() - begun >= MAX_LENGTH) return polled;
  }
}
