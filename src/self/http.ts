/** What the HTTP side tells of itself: who was not served, and why. */
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';

export interface HttpSelf {
  /** A scrape was not answered in full. */
  refused(reason: RefusalReason): void;
  /** A connection was cut because too many were open. */
  crowded(): void;
  /** A connection could not be accepted. */
  failed(error: Error): void;
}

/** Why a scrape was not answered in full; a closed set, because it becomes a metric label. */
export const REFUSAL_REASONS = [
  /** Too many are being answered already. */
  'busy',
  /** The reader went away, or did not read it in time. */
  'unread',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export function createHttpSelf(registry: Registry, log: Log): HttpSelf {
  for (const reason of REFUSAL_REASONS) registry.show('corespan_scrapes_refused_total', reason);
  const cut = registry.cell('corespan_connections_cut_total');
  return {
    refused(reason) {
      registry.cell('corespan_scrapes_refused_total', reason).value++;
      log.often('warn', 'A scrape was not answered in full', { reason });
    },
    crowded() {
      cut.value++;
      log.often('warn', 'A connection was cut to make room for another', {});
    },
    failed(error) {
      log.often('warn', 'A connection could not be accepted', { error: error.message });
    },
  };
}
