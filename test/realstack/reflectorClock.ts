/** The real clock, of which a test can skip a part: alarms that come due in it ring at once, in their order. */
import type { Clock } from '../../src/kube/clock.ts';

export interface SkippingClock extends Clock {
  /** `ms` later from now on. What others do takes its time all the same. */
  skip(ms: number): void;
}

interface Pending {
  readonly ms: number;
  readonly ring: () => void;
  due: number;
  timer: NodeJS.Timeout | undefined;
}

export function createSkippingClock(): SkippingClock {
  let skipped = 0;
  const alarms = new Set<Pending>();
  const now = (): number => Date.now() + skipped;

  function ring(alarm: Pending): void {
    clearTimeout(alarm.timer);
    if (alarms.delete(alarm)) alarm.ring();
  }

  function arm(alarm: Pending): void {
    clearTimeout(alarm.timer);
    alarm.timer = setTimeout(() => ring(alarm), alarm.due - now()).unref();
  }

  return {
    now,
    random: () => Math.random(),
    alarm(ms, onRing) {
      const alarm: Pending = { ms, ring: onRing, due: now() + ms, timer: undefined };
      alarms.add(alarm);
      arm(alarm);
      return {
        restart() {
          // As Node's timers: one that has rung stays silent.
          if (!alarms.has(alarm)) return;
          alarm.due = now() + ms;
          arm(alarm);
        },
        cancel() {
          clearTimeout(alarm.timer);
          alarms.delete(alarm);
        },
      };
    },
    skip(ms) {
      skipped += ms;
      for (const alarm of [...alarms].toSorted((a, b) => a.due - b.due)) {
        if (alarm.due <= now()) ring(alarm);
        else arm(alarm);
      }
    },
  };
}
