/** Reads parts of JSON that nobody has promised a shape of: a part that is not as expected is undefined or empty. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value, or undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function toObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The own property `key`; undefined unless `value` is an object that has it. */
export function property(value: unknown, key: string): unknown {
  const object = toObject(value);
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A text that says something: "" counts as absent, as in the API's own `omitempty`. */
export function textAt(value: unknown, key: string): string | undefined {
  const text = property(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const list = property(value, key);
  return Array.isArray(list) ? list : [];
}

/** The texts of a list, whatever else stands between them. */
export function textsAt(value: unknown, key: string): string[] {
  return listAt(value, key).filter((text) => typeof text === 'string' && text !== '') as string[];
}
