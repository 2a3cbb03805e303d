/** What questions for one name share. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstLabel } from '../../src/dns/names.ts';
import { createNames } from '../../src/parse/names.ts';
import { createParser } from '../../src/parse/parser.ts';
import { isSameName } from '../../src/records/query.ts';
import { createTestSelf } from '../support/self.ts';
import { QUESTION, toLines } from './lines.ts';

function toLine(question: string): string {
  return `[INFO] 192.0.2.7:43518 - 52620 "${question} udp 29 false 512" NOERROR qr,rd,ra 45 0.000235741s`;
}

test('one name under two types has one number, on the fast path and beside it', () => {
  const parser = createParser({ format: undefined }, createTestSelf().parse);
  const lines = ['A IN a.example.org.', 'AAAA IN a.example.org.', 'A IN b.example.org.'].map(toLine);
  const queries = parser.accept(toLines([...lines, `  ${lines[0]}`]));
  const questions = queries.map(({ question }) => question);
  expect(questions.map(({ nameId, stem }) => [nameId, stem])).toEqual([
    [0, 'a'],
    [0, 'a'],
    [1, 'b'],
    [0, 'a'],
  ]);
});

test('a number is of one name only, however many are met, and the stem is the first label (property)', () => {
  const toName = createNames();
  const met = new Map<number, string>();
  const meet = (text: string): void => {
    const { qname, stem, nameId } = toName(text);
    expect([qname, stem, met.get(nameId) ?? text]).toEqual([text, firstLabel(text), text]);
    met.set(nameId, text);
  };
  const label = fc.constantFrom('a', 'b', String.raw`a\.b`, 'x'.repeat(40));
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => meet(`${labels.join('.')}.`)),
    // There are 340 such names: most are met, and most of those more than once.
    { numRuns: 1_000 },
  );
  const before = met.size;
  for (let n = 0; n < 40_000; n++) met.set(toName(`n${n}.example.org.`).nameId, `n${n}.example.org.`);
  expect(met.size).toBe(before + 40_000);
});

test('a name that was forgotten meanwhile is still the same name', () => {
  const toName = createNames();
  const first = { ...QUESTION, ...toName('a.example.org.') };
  for (let n = 0; n < 40_000; n++) toName(`n${n}.example.org.`);
  const again = { ...QUESTION, ...toName('a.example.org.') };
  const other = { ...QUESTION, ...toName('b.example.org.') };
  expect(again.nameId).not.toBe(first.nameId);
  expect([isSameName(first, again), isSameName(first, other)]).toEqual([true, false]);
});
