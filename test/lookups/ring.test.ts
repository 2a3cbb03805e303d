/** The ring behaves like an array that is pushed to and shifted, however often it goes round. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRing, type Ring } from '../../src/lookups/ring.ts';

function toArray(ring: Ring<number>): (number | undefined)[] {
  return Array.from({ length: ring.size() }, (_, at) => ring.at(at));
}

it('holds what an array would hold, in the same order (property)', () => {
  const step = fc.record({ push: fc.nat(1500), shift: fc.nat(1500), set: fc.nat(4000) });
  let most = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const ring = createRing<number>();
      const twin: number[] = [];
      let next = 0;
      for (const { push, shift, set } of steps) {
        for (let n = 0; n < push; n++, next++) {
          ring.push(next);
          twin.push(next);
        }
        for (let n = 0; n < shift; n++) ring.shift();
        twin.splice(0, shift);
        if (set < twin.length) {
          ring.set(set, -1);
          twin[set] = -1;
        }
        most = Math.max(most, twin.length);
        expect(toArray(ring)).toEqual(twin);
      }
    }),
    { numRuns: 60 },
  );
  // It looked: the ring grew beyond what it has at first, more than once.
  expect(most).toBeGreaterThan(2048);
});

it('lets go of what has left', () => {
  const ring = createRing<number>();
  ring.push(1);
  ring.shift();
  ring.shift();
  expect([ring.size(), ring.at(0)]).toEqual([0, undefined]);
});
