/** What the watches of the Kubernetes API tell of themselves: how current they are, and what keeps them back. */
import type { Log } from './log.ts';
import type { Cell, Registry } from './registry.ts';

export interface KubeSelf {
  /** Tells how a watch stands whenever somebody looks: 1 or 0, and seconds; NaN leaves the series out. */
  watches(watch: string, read: { readonly isSynced: () => number; readonly age: () => number }): void;
  /** One line of a watch. */
  received(watch: string, type: string): void;
  /** A watch holds a complete state. */
  completed(watch: string, objects: number): void;
  /** A call has ended and is followed by another; a fault is followed only after a while. */
  restarted(
    watch: string,
    end: { readonly reason: string; readonly message: string; readonly isFault: boolean },
  ): void;
  /** The API server has begun to refuse a resource. */
  forbidden(watch: string, refusal: { readonly message: string; readonly isNeeded: boolean }): void;
  /** The API server does not stream whole states: they are listed. */
  listsInstead(watch: string, message: string): void;
  /** A line or a change of a watch was given up. */
  dropped(watch: string, reason: WatchDropReason, message?: string): void;
}

const WATCH_DROP_REASONS = ['oversize', 'unknown_line', 'consumer_failed'] as const;
type WatchDropReason = (typeof WATCH_DROP_REASONS)[number];

export function createKubeSelf(registry: Registry, log: Log): KubeSelf {
  const lines = new Map<string, Cell>();
  for (const reason of WATCH_DROP_REASONS) registry.show('corespan_dropped_total', 'watch', reason);

  return {
    watches(watch, { isSynced, age }) {
      registry.observe('corespan_watch_synced', [watch], isSynced);
      registry.observe('corespan_watch_age_seconds', [watch], age);
    },
    received(watch, type) {
      const key = `${watch} ${type}`;
      const cell = lines.get(key) ?? registry.cell('corespan_watch_events_total', watch, type);
      lines.set(key, cell);
      cell.value++;
    },
    completed(watch, objects) {
      log.info('The complete state of a resource is known', { watch, objects });
    },
    restarted(watch, { reason, message, isFault }) {
      registry.cell('corespan_watch_restarts_total', watch, reason).value++;
      const fields = { watch, reason, detail: message };
      // A refusal has a message of its own, once.
      if (isFault && reason !== 'forbidden') log.often('warn', 'A call to the API server failed', fields);
      else log.debug('A watch starts again', fields);
    },
    forbidden(watch, { message, isNeeded }) {
      if (isNeeded)
        log.warn('The API server forbids a watch: peers stay unnamed', { watch, detail: message });
      else log.info('The API server forbids a watch that is not needed', { watch, detail: message });
    },
    listsInstead(watch, message) {
      log.info('The API server does not stream whole states, they are listed', { watch, detail: message });
    },
    dropped(watch, reason, message) {
      registry.cell('corespan_dropped_total', 'watch', reason).value++;
      log.often('warn', 'Something the API server told was given up', { watch, reason, detail: message });
    },
  };
}
