/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/kube/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on and rings every alarm that is due, in order. */
  advance(ms: number): void;
  /** How long each alarm was set for, in the order they will ring. */
  readonly waits: readonly number[];
}

export interface FakeClockOptions {
  /** What `random` gives. 0: no jitter and no back-off at all, so that a test need not move the clock. */
  readonly random: number;
}

/** Noon of some day. */
export const START = Date.parse('2026-11-21T12:00:00Z');

interface Alarm {
  readonly ms: number;
  readonly ring: () => void;
  due: number;
}

export function createFakeClock({ random }: FakeClockOptions): FakeClock {
  const alarms = new Set<Alarm>();
  let now = START;

  function next(): Alarm | undefined {
    return [...alarms].toSorted((a, b) => a.due - b.due)[0];
  }

  return {
    now: () => now,
    random: () => random,
    alarm(ms, ring) {
      const alarm = { ms, ring, due: now + ms };
      alarms.add(alarm);
      return {
        restart() {
          // As Node's timers: one that has rung stays silent.
          if (alarms.has(alarm)) alarm.due = now + ms;
        },
        cancel: () => alarms.delete(alarm),
      };
    },
    advance(ms) {
      const end = now + ms;
      for (let alarm = next(); alarm !== undefined && alarm.due <= end; alarm = next()) {
        now = alarm.due;
        alarms.delete(alarm);
        alarm.ring();
      }
      now = end;
    },
    get waits() {
      return [...alarms].toSorted((a, b) => a.due - b.due).map(({ ms }) => ms);
    },
  };
}
