/** Notices that nothing has come for a while on a connection that nobody has closed. */
import type { Alarm, Clock } from './clock.ts';

export interface Watchdog {
  /** From now on a silence of `ms` is too long. */
  allow(ms: number): void;
  /** Something came: the silence begins anew. */
  feed(): void;
  cancel(): void;
  readonly hasBarked: boolean;
}

/** `bark` is called once, at the first silence that is too long. */
export function createWatchdog(clock: Clock, bark: () => void): Watchdog {
  let alarm: Alarm | undefined;
  let hasBarked = false;
  return {
    allow(ms) {
      alarm?.cancel();
      alarm = clock.alarm(ms, () => {
        hasBarked = true;
        bark();
      });
    },
    feed: () => alarm?.restart(),
    cancel: () => alarm?.cancel(),
    get hasBarked() {
      return hasBarked;
    },
  };
}
