/**
 * Writes a part of a pod as an expression of CEL, typed as MutatingAdmissionPolicy wants it:
 * `Object.spec.containers{name: "corespan", …}`.
 */

/** Text that stands in the expression as it is. */
export interface Raw {
  readonly cel: string;
}

/** Maps of the API from text to text, which have no type of their own. */
const PLAIN_MAPS = [/\.resources\.(limits|requests)$/, /\.labels$/, /\.annotations$/];

export function toCel(value: unknown, type: string): string {
  if (isRaw(value)) return value.cel;
  if (Array.isArray(value)) return `[${value.map((item) => toCel(item, type)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (PLAIN_MAPS.some((pattern) => pattern.test(type))) {
    return `{${entries.map(([key, text]) => `${JSON.stringify(key)}: ${toCel(text, type)}`).join(', ')}}`;
  }
  return `${type}{${entries.map(([key, field]) => `${key}: ${toCel(field, `${type}.${key}`)}`).join(', ')}}`;
}

/** The same with each field on a line of its own, for people to read. */
export function toCelLines(value: object, type: string, indent: string): string {
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${toCel(field, `${type}.${key}`)}`);
  return `${type}{${fields.map((field) => `\n${indent}  ${field}`).join(',')}\n${indent}}`;
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && 'cel' in value;
}
