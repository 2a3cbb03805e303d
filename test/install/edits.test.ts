/** Edits that contradict each other are a bug, and no text comes of them. */
import { expect, it } from 'vitest';
import { applyEdits } from '../../src/install/inject/edits.ts';

const take = (from: number, to: number, insert = ''): Parameters<typeof applyEdits>[1][number] => ({
  from,
  to,
  insert,
});

it.each([
  ['beside each other, in any order', [take(3, 5), take(1, 3)], 'af'],
  ['at one place, in the order given', [take(2, 2, '1'), take(2, 2, '2')], 'ab12cdef'],
  ['before what is taken', [take(2, 2, '1'), take(2, 4)], 'ab1ef'],
])('edits %s are done', (_name, edits, result) => {
  expect(applyEdits('abcdef', edits)).toBe(result);
});

it.each([
  ['that share a part', [take(0, 3), take(2, 5)]],
  ['of which one holds the other', [take(0, 5), take(1, 2)]],
  ['of which one writes into the other', [take(0, 5), take(1, 1, '1')]],
])('edits %s are refused', (_name, edits) => {
  expect(() => applyEdits('abcdef', edits)).toThrow(/begins in another that ends at/);
});
