/** Time and chance as a watch needs them; tests bring their own. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `ring` once, `ms` from now, unless cancelled. */
  alarm(ms: number, ring: () => void): Alarm;
  /** At least 0, less than 1. */
  random(): number;
}

export interface Alarm {
  /** Begins the whole wait anew. */
  restart(): void;
  cancel(): void;
}

/** No alarm keeps the process alive. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  alarm(ms, ring) {
    const timer = setTimeout(ring, ms).unref();
    return {
      restart() {
        timer.refresh();
      },
      cancel: () => clearTimeout(timer),
    };
  },
};

/** A number of milliseconds between `least` and `most`, so that a thousand watches do not act at once. */
export function between(clock: Clock, least: number, most: number): number {
  return least + clock.random() * (most - least);
}

/** A wait that is `over` after `ms`, or when somebody ends it. */
export function startPause(
  clock: Clock,
  ms: number,
): { readonly over: Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (ms <= 0) resolve();
  const alarm = ms > 0 ? clock.alarm(ms, resolve) : undefined;
  return {
    over: promise,
    end() {
      alarm?.cancel();
      resolve();
    },
  };
}
