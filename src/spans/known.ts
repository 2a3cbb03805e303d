/** What was in spans before, as bytes: names with values, and what objects say; each is encoded once while it is known. */

export type Value = string | number | boolean;

export type Encode = (name: string, value: Value) => Uint8Array;

/**
 * In either format 3 MB of usual names, 7 MB of 255 characters each, and 13 MB where each of these takes three bytes. When
 * there are more, all are forgotten: those that count come back with the next batch.
 */
const MAX_KNOWN = 8_192;

export function remember(encode: Encode): Encode {
  const known = new Map<string, Map<Value, Uint8Array>>();
  let count = 0;

  function add(name: string, value: Value): Uint8Array {
    if (count === MAX_KNOWN) {
      known.clear();
      count = 0;
    }
    count++;
    const values = known.get(name) ?? new Map<Value, Uint8Array>();
    known.set(name, values);
    const bytes = toOwnMemory(encode(name, value));
    values.set(value, bytes);
    return bytes;
  }

  return (name, value) => known.get(name)?.get(value) ?? add(name, value);
}

/** Ports and sizes: they seldom come again. */
export function isRare(value: Value): value is number {
  return typeof value === 'number' && value > 255 && Number.isSafeInteger(value);
}

/**
 * A copy outside of the pool from which Node cuts small Buffers: one that is kept keeps the 64 KB around it, whatever else was
 * cut from them. Where others took from the pool in between, names of 3 MB held 31 MB, and the longest 65.
 */
export function toOwnMemory(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** For as long as the object lives. */
export function rememberOf<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const known = new WeakMap<Key, Made>();

  function add(key: Key): Made {
    const made = make(key);
    known.set(key, made);
    return made;
  }

  return (key) => known.get(key) ?? add(key);
}
