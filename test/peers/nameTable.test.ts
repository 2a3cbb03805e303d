/** What is kept for a name is found for that name and no other. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNameTable } from '../../src/peers/nameTable.ts';
import type { Question } from '../../src/records/query.ts';
import { toQuery } from '../support/queries.ts';

const { question: QUESTION } = toQuery({ at: 0, name: 'a.example.org' });

function ofId(nameId: number): Question {
  return { ...QUESTION, nameId };
}

test('what is found is what was kept last, or nothing (property)', () => {
  let found = 0;
  let forgotten = 0;
  // Beyond 2³¹ too, and so that several stand in one place.
  const id = fc.constantFrom(0, 1, 32_768, 65_536, 65_537, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40);
  fc.assert(
    fc.property(fc.array(fc.record({ id, value: fc.nat() }), { maxLength: 20 }), (writes) => {
      const table = createNameTable<number>();
      const twin = new Map<number, number>();
      for (const { id: nameId, value } of writes) {
        table.set(ofId(nameId), value);
        twin.set(nameId, value);
        for (const [kept, expected] of twin) {
          const value = table.get(ofId(kept));
          if (value === undefined) forgotten++;
          else found++;
          expect([undefined, expected]).toContain(value);
        }
        expect(table.get(ofId(nameId))).toBe(value);
      }
    }),
    { numRuns: 50 },
  );
  expect(Math.min(found, forgotten)).toBeGreaterThan(0);
});

test('as many names as are in use in a cluster do not get into each other’s way', () => {
  const table = createNameTable<number>();
  for (let n = 100; n < 30_100; n++) table.set(ofId(n), n);
  for (let n = 100; n < 30_100; n++) expect(table.get(ofId(n))).toBe(n);
  expect(table.get(ofId(99))).toBe(undefined);
});
