/** What held under a key at any time, where several may say that one thing does: its life ends with the last of them. */
import type { Moment } from './moment.ts';
import { createTimelines, type Life, type Sighting, toBeginning } from './timelines.ts';

export interface Lives<Value> {
  /** One more says that `value` holds under `key`. */
  hold(key: string, value: Value, seen: Sighting): void;
  /** One less says so. */
  release(key: string, value: Value, at: number): void;
  /** What held at that moment, the newest if there are several. */
  at(key: string, moment: Moment): Value | undefined;
  /** All that held at that moment, the newest first. */
  allAt(key: string, moment: Moment): Iterable<{ readonly value: Value }>;
  /** What had ended by then, the last of it. */
  lastBefore(key: string, moment: Moment): Value | undefined;
  /** Forgets what ended before `time`. */
  forgetBefore(time: number): void;
}

interface Held<Value> extends Life {
  readonly key: string;
  readonly value: Value;
  /** How many say so. */
  holders: number;
}

/** Beyond `maxEnded` what ended first is forgotten. */
export function createLives<Value extends object | string>(maxEnded: number): Lives<Value> {
  const timelines = createTimelines<Held<Value>>(maxEnded, ({ key }) => [key]);

  function findHeld(key: string, value: Value): Held<Value> | undefined {
    return timelines.find(key, (life) => life.value === value);
  }

  return {
    hold(key, value, seen) {
      const held = findHeld(key, value);
      if (held !== undefined) {
        held.holders++;
        return;
      }
      const from = toBeginning(seen, timelines.under(key).length === 0);
      timelines.begin({ key, value, from, to: undefined, holders: 1 });
    },
    release(key, value, at) {
      const held = findHeld(key, value);
      if (held === undefined) return;
      held.holders--;
      if (held.holders === 0) timelines.end(held, at);
    },
    at: (key, moment) => firstOf(timelines.allAt(key, moment))?.value,
    allAt: timelines.allAt,
    lastBefore: (key, moment) => firstOf(timelines.allBefore(key, moment))?.value,
    forgetBefore: timelines.forgetBefore,
  };
}

function firstOf<One>(all: Iterable<One>): One | undefined {
  for (const one of all) return one;
  return undefined;
}
