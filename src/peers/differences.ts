/** What came and what went between two states of one object; what stands in both is not told. */
export function tellDifferences<Key, Value>(
  before: ReadonlyMap<Key, Value>,
  now: ReadonlyMap<Key, Value>,
  tell: {
    readonly came: (key: Key, value: Value) => void;
    readonly went: (key: Key, value: Value) => void;
  },
): void {
  for (const [key, value] of now) {
    if (!before.has(key) || before.get(key) !== value) tell.came(key, value);
  }
  for (const [key, value] of before) {
    if (!now.has(key) || now.get(key) !== value) tell.went(key, value);
  }
}
