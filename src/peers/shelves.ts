/**
 * What stands under keys. Nearly every key has one thing, which stands there by itself: a list that holds one is two
 * more objects, of 56 bytes, or of 184 if it was pushed to.
 */

/** One, or a list of two and more. */
export type Several<One extends object> = One | One[];

export interface Shelves<One extends object> {
  get(key: string): Several<One> | undefined;
  /** Puts one more behind the others. */
  add(key: string, one: One): void;
  remove(key: string, one: One): void;
  keys(): Iterable<string>;
  /** Keys under which something stands. */
  size(): number;
}

export function createShelves<One extends object>(): Shelves<One> {
  const shelves = new Map<string, Several<One>>();
  return {
    get: (key) => shelves.get(key),
    add(key, one) {
      const there = shelves.get(key);
      if (there === undefined) shelves.set(key, one);
      else if (isList(there)) there.push(one);
      else shelves.set(key, [there, one]);
    },
    remove(key, one) {
      const there = shelves.get(key);
      if (there === one) shelves.delete(key);
      if (there === undefined || !isList(there)) return;
      const place = there.indexOf(one);
      if (place >= 0) there.splice(place, 1);
      const [only, second] = there;
      if (only !== undefined && second === undefined) shelves.set(key, only);
    },
    keys: () => shelves.keys(),
    size: () => shelves.size,
  };
}

/** True for a list: what stands under keys is no array itself. */
export function isList<One extends object>(several: Several<One>): several is One[] {
  return Array.isArray(several);
}

export function toList<One extends object>(several: Several<One> | undefined): readonly One[] {
  if (several === undefined) return [];
  return isList(several) ? several : [several];
}
