/**
 * Who knows which rows: every scraper is shown a row at 0 once before it is shown what the row has counted.
 *
 * Rows are numbered as they are born, so what a scraper knows is one number: the newest row of its last scrape. However
 * many scrapers there are, a row holds nothing about them, and none takes from another what it was to see.
 */
import { LRUCache } from 'lru-cache';
import type { Births } from './series.ts';

export interface Scrapers {
  /** `scraper` undefined: nobody who compares one scrape with the next, and nothing is held back. */
  begin(scraper: string | undefined): Scrape;
}

export interface Scrape {
  /** The newest row that is shown with its value; younger ones are shown at 0. */
  readonly known: number;
  /** All of it was read: what is cut off in the middle, Prometheus throws away. */
  end(): void;
}

/** Scrapers remembered; the one that has been silent for longest is forgotten, and comes back as a new one. */
const MAX_SCRAPERS = 64;

export function createScrapers(births: Births): Scrapers {
  const newestOf = new LRUCache<string, number>({ max: MAX_SCRAPERS });
  /** The newest row that anybody has been shown with its value. */
  let shown = 0;
  return {
    begin(scraper) {
      if (scraper === undefined) return EVERYTHING;
      // One that is new may be an old one with a new address. It must see no value fall, or it takes that for a restart
      // and counts everything twice; what nobody has been shown may still begin at 0.
      const known = newestOf.get(scraper) ?? shown;
      const { newest } = births;
      return {
        known,
        end() {
          shown = Math.max(shown, known);
          newestOf.set(scraper, Math.max(newest, newestOf.get(scraper) ?? 0));
        },
      };
    },
  };
}

const EVERYTHING: Scrape = { known: Infinity, end() {} };
