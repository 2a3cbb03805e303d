/** A table of bounded size: what was not asked for while it filled up once is forgotten when it is full again. */

export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Up to `max` entries of this generation and of the one before; half the cost of a list in the order of use. */
export function createRecent<Value>(max: number): Recent<Value> {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();

  function set(key: string, value: Value): void {
    if (recent.size >= max) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, value);
  }

  return {
    get(key) {
      const known = recent.get(key);
      if (known !== undefined) return known;
      const value = older.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
  };
}
