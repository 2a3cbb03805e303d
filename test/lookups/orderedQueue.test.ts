/** The queue behaves like an array that is sorted after every step, however often it goes round. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOrderedQueue } from '../../src/lookups/orderedQueue.ts';

interface Entry {
  readonly order: number;
  readonly serial: number;
}

it('holds what an array would hold that is sorted by number and then by who came first (property)', () => {
  const jump = fc.oneof(
    fc.constant(0),
    fc.integer({ min: -40, max: 5 }),
    fc.integer({ min: -3000, max: 3000 }),
  );
  const step = fc.record({
    jumps: fc.array(jump, { minLength: 5, maxLength: 60, size: 'max' }),
    times: fc.integer({ min: 1, max: 50 }),
    shift: fc.nat(600),
  });
  let most = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 10, size: 'max' }), (steps) => {
      const queue = createOrderedQueue<Entry>();
      let twin: Entry[] = [];
      let serial = 0;
      for (const { jumps, times, shift } of steps) {
        for (let n = 0; n < times; n++) {
          for (const far of jumps) {
            const entry = { order: serial + far, serial };
            serial++;
            queue.insert(entry, entry.order);
            twin.push(entry);
          }
        }
        twin.sort((a, b) => a.order - b.order || a.serial - b.serial);
        most = Math.max(most, twin.length);
        for (let n = 0; n < shift; n++) queue.shift();
        twin = twin.slice(shift);
        expect(queue.firstOrder()).toBe(twin[0]?.order ?? Infinity);
        expect(Array.from({ length: queue.size() }, (_, at) => queue.at(at))).toEqual(twin);
      }
    }),
    { numRuns: 30 },
  );
  // It looked: the queue grew beyond what it has at first, more than once.
  expect(most).toBeGreaterThan(2048);
});

it('lets go of what has left', () => {
  const queue = createOrderedQueue<number>();
  queue.insert(1, 1);
  queue.shift();
  queue.shift();
  expect([queue.size(), queue.at(0), queue.firstOrder()]).toEqual([0, undefined, Infinity]);
});
