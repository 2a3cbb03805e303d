/** Remembers for all watches of one API server whether it can stream a whole state (WatchList). */
import type { Clock } from './clock.ts';

export interface WatchListSupport {
  /** False for some hours after a refusal. */
  isExpected(): boolean;
  refused(): void;
}

/**
 * Milliseconds. Servers 1.27–1.31 and 1.33 refuse by default, and so does any with an etcd before 3.4.31 or
 * 3.5.13; all of them are updated some day.
 */
const ASK_AGAIN_AFTER = 6 * 3_600_000;

export function createWatchListSupport(clock: Clock): WatchListSupport {
  let refusedAt = -Infinity;
  return {
    isExpected: () => clock.now() - refusedAt >= ASK_AGAIN_AFTER,
    refused() {
      refusedAt = clock.now();
    },
  };
}
