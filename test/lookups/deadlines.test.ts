import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeadlines, NO_SLOT, type Timed } from '../../src/lookups/deadlines.ts';
import { collectGarbage } from '../support/garbage.ts';

const NOW = 1_795_000_000_000;

interface Waiting extends Timed<Waiting> {}

function timed(due: number): Waiting {
  return { due: NOW + due, slot: NO_SLOT, before: undefined, behind: undefined };
}

function createWheel() {
  const deadlines = createDeadlines<Waiting>();
  deadlines.take(NOW);
  return deadlines;
}

describe('deadlines', () => {
  it('are due when their time has come, not before', () => {
    const deadlines = createWheel();
    const soon = timed(100);
    deadlines.set(soon);
    expect(deadlines.take(NOW + 99)).toEqual([]);
    expect(deadlines.take(NOW + 125)).toEqual([soon]);
    expect(deadlines.take(NOW + 9_999)).toEqual([]);
  });

  it('can be moved later and earlier', () => {
    const deadlines = createWheel();
    const moved = timed(6_500);
    deadlines.set(moved);
    moved.due = NOW + 100;
    deadlines.set(moved);
    expect(deadlines.take(NOW + 200)).toEqual([moved]);
    const later = timed(100);
    deadlines.set(later);
    later.due = NOW + 5_000;
    deadlines.set(later);
    expect(deadlines.take(NOW + 4_900)).toEqual([]);
    expect(deadlines.take(NOW + 5_100)).toEqual([later]);
  });

  it('pass over what was closed meanwhile', () => {
    const deadlines = createWheel();
    const closed = timed(100);
    deadlines.set(closed);
    deadlines.forget(closed);
    expect(deadlines.take(NOW + 10_000)).toEqual([]);
  });

  it('keep nothing alive that has left, long before its first deadline', async () => {
    const deadlines = createWheel();
    const put = (): WeakRef<Waiting>[] => {
      const [waiting, answered, closed] = [timed(6_500), timed(6_500), timed(6_500)];
      for (const one of [waiting, answered, closed]) deadlines.set(one);
      answered.due = NOW + 100;
      deadlines.set(answered);
      expect(deadlines.take(NOW + 200)).toEqual([answered]);
      deadlines.forget(closed);
      return [waiting, answered, closed].map((one) => new WeakRef(one));
    };
    const references = put();
    await collectGarbage();
    expect(references.map((reference) => reference.deref() !== undefined)).toEqual([true, false, false]);
  });

  it('tell the first one when there is no room', () => {
    const deadlines = createWheel();
    const [late, early] = [timed(5_000), timed(300)];
    deadlines.set(late);
    deadlines.set(early);
    expect(deadlines.takeFirst()).toBe(early);
    expect(deadlines.takeFirst()).toBe(late);
    expect(deadlines.takeFirst()).toBeUndefined();
  });

  it('are kept before anybody says what time it is', () => {
    const deadlines = createDeadlines<Waiting>();
    const [late, early] = [timed(6_500), timed(100)];
    deadlines.set(late);
    deadlines.set(early);
    expect(deadlines.take(NOW + 200)).toEqual([early]);
    expect(deadlines.takeAll()).toEqual([late]);
  });

  it('lose none and repeat none, however they and the clock move (property)', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), which: fc.nat(9), due: fc.nat(30_000) }),
      fc.record({ kind: fc.constant('take' as const), by: fc.oneof(fc.nat(200), fc.nat(40_000)) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deadlines = createWheel();
        let all = Array.from({ length: 10 }, () => timed(0));
        const pending = new Set<Waiting>();
        let clock = NOW;
        for (const one of steps) {
          if (one.kind === 'set') {
            const target = all[one.which] ?? timed(0);
            target.due = clock + one.due;
            deadlines.set(target);
            pending.add(target);
          } else {
            clock += one.by;
            for (const due of deadlines.take(clock)) {
              expect(pending.delete(due)).toBe(true);
              expect(due.due).toBeLessThanOrEqual(clock);
              all = all.map((other) => (other === due ? timed(0) : other));
            }
            // Nothing stays longer than one slot beyond its time.
            for (const { due } of pending) expect(due).toBeGreaterThan(clock - 26);
          }
        }
        expect(new Set(deadlines.takeAll())).toEqual(pending);
      }),
    );
  });
});
