/**
 * What is worked out once for each name that is asked for: found by the number of the name, without a look at its text.
 *
 * A hash table that is keyed by texts reads the text for each look-up, its hash and the texts beside it, and each of
 * them lies somewhere else in memory; with 20,000 names in use that was most of what a look-up cost.
 */
import type { Question } from '../records/query.ts';

export interface NameTable<Value> {
  get(question: Question): Value | undefined;
  /** What stood in its place is forgotten. */
  set(question: Question, value: Value): void;
}

/** A power of two. Numbers are given one after another: so many names in a row do not get into each other's way. */
const SLOTS = 32_768;
const NOBODY = -1;

export function createNameTable<Value>(): NameTable<Value> {
  const ids = new Float64Array(SLOTS).fill(NOBODY);
  const values: (Value | undefined)[] = Array.from({ length: SLOTS });
  return {
    get({ nameId }) {
      const slot = nameId & (SLOTS - 1);
      return ids[slot] === nameId ? values[slot] : undefined;
    },
    set({ nameId }, value) {
      const slot = nameId & (SLOTS - 1);
      ids[slot] = nameId;
      values[slot] = value;
    },
  };
}
