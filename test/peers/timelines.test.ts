/** What is found under a key at a time is what a plain list of all lives says. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toMoment } from '../../src/peers/moment.ts';
import { createTimelines, type Life, toBeginning } from '../../src/peers/timelines.ts';

interface Named extends Life {
  readonly id: number;
  readonly keys: readonly string[];
}

const KEYS = ['a', 'b', 'c'];
const TIMES = Array.from({ length: 12 }, (_, time) => time);
const ids = (lives: Iterable<Named>): number[] => [...lives].map(({ id }) => id);
const sorted = (lives: Iterable<Named>): number[] => ids(lives).toSorted((a, b) => a - b);

const step = fc.record({
  keys: fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 }),
  at: fc.nat({ max: 10 }),
  /** Which of the living ends, if it is no beginning. */
  ending: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
});

test('the same lives as in a plain list, the newest first (property)', () => {
  let found = 0;
  let ended = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const timelines = createTimelines<Named>(Infinity, ({ keys }) => keys);
      const twin: Named[] = [];
      for (const [id, { keys, at, ending }] of steps.entries()) {
        const living = twin.filter(({ to }) => to === undefined);
        const ends = ending === undefined ? undefined : living[ending];
        if (ends === undefined) {
          const life = { id, keys, from: at, to: undefined };
          twin.push(life);
          timelines.begin(life);
        } else timelines.end(ends, Math.max(at, ends.from));
      }
      for (const key of KEYS) {
        const known = twin.filter(({ keys }) => keys.includes(key));
        expect(sorted(timelines.under(key))).toEqual(sorted(known));
        for (const time of TIMES) {
          const there = known.filter(({ from, to = Infinity }) => from <= time && time < to);
          const gone = known.filter(({ to = Infinity }) => to <= time);
          const moment = toMoment(time);
          expect(sorted(timelines.allAt(key, moment))).toEqual(sorted(there));
          expect(moment.from <= time && time < moment.to).toBe(true);
          const [last] = timelines.allBefore(key, toMoment(time));
          expect(last?.to).toBe(gone.length === 0 ? undefined : Math.max(...gone.map(({ to = 0 }) => to)));
          const running = there.filter(({ to }) => to === undefined);
          const [newest] = [...timelines.allAt(key, toMoment(time))];
          if (running.length > 0) expect(newest?.id).toBe(running.at(-1)?.id);
          found += there.length;
          ended += gone.length;
        }
      }
    }),
  );
  expect(Math.min(found, ended)).toBeGreaterThan(100);
});

describe('what ended first is forgotten first', () => {
  const create = (maxEnded: number): ReturnType<typeof createTimelines<Named>> => {
    const timelines = createTimelines<Named>(maxEnded, ({ keys }) => keys);
    for (const id of [0, 1, 2]) {
      const life = { id, keys: ['a', `own-${id}`], from: id, to: undefined };
      timelines.begin(life);
      timelines.end(life, id + 10);
    }
    return timelines;
  };

  test('beyond the bound, under all its keys', () => {
    const timelines = create(2);
    expect(['a', 'own-0', 'own-1'].map((key) => ids(timelines.under(key)))).toEqual([[1, 2], [], [1]]);
  });

  test('by time', () => {
    const timelines = create(Infinity);
    timelines.forgetBefore(12);
    expect(ids(timelines.under('a'))).toEqual([2]);
  });
});

test.each([
  ['the first under its key counts since its own account', 50, 20, true, 20],
  ['but not from the future', 50, 70, true, 50],
  ['another one counts from when it was told', 50, 20, false, 50],
  ['what was there when the watch began counts since its own account', -Infinity, 20, false, 20],
  ['and else from ever', -Infinity, undefined, true, -Infinity],
] as const)('%s', (_, at, since, isFirst, from) => {
  expect(toBeginning({ at, since }, isFirst)).toBe(from);
});
