/** How long a reader may let us wait in all, while the event loop had time for it. */

export interface Patience {
  /** Resolves with `wait`, and counts the time until then. */
  during(wait: Promise<void>): Promise<void>;
}

/**
 * Milliseconds that count at once. The wait is looked at in steps of this; one that took longer was held up by an event
 * loop that was busy with something else, and that is not the reader's doing.
 */
const STEP = 50;

/** Calls `giveUp` when the waits together have taken `limit` milliseconds. */
export function createPatience(limit: number, giveUp: () => void): Patience {
  let waited = 0;
  return {
    async during(wait) {
      let since = performance.now();
      const count = (): void => {
        const now = performance.now();
        waited += Math.min(now - since, STEP);
        since = now;
        if (waited >= limit) giveUp();
      };
      const timer = setInterval(count, STEP).unref();
      try {
        await wait;
      } finally {
        clearInterval(timer);
        count();
      }
    },
  };
}
