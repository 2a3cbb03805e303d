import { expect, test } from 'vitest';
import { readSlice } from '../../src/sources/slice.ts';
import type { Polled } from '../../src/sources/source.ts';

test.each([
  ['eight windows, if they are read in no time', 0, Infinity, 8],
  ['those of 10 ms', 4, Infinity, 3],
  ['one, however long it takes', 800, Infinity, 1],
  ['what there is', 0, 2, 2],
])('a slice is %s', (_name, cost, there, expected) => {
  let now = 0;
  let windows = 0;
  const read = (): Polled => {
    now += cost;
    return ++windows < there ? 'more' : 'caughtUp';
  };
  readSlice(() => now, read);
  expect(windows).toBe(expected);
});
