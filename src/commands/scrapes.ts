/** Knows whether a scrape is under way: whoever has much to do can let it pass. */

export interface Scrapes {
  isUnderWay(): boolean;
  /** The same pieces; a scrape is under way from the first that is asked for until they end or are given up. */
  watch(pieces: AsyncIterable<string>): AsyncIterable<string>;
}

export function createScrapes(): Scrapes {
  let running = 0;
  return {
    isUnderWay: () => running > 0,
    async *watch(pieces) {
      running++;
      try {
        yield* pieces;
      } finally {
        running--;
      }
    },
  };
}
