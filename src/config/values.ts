/** The types of options: how their text is read, and what a wrong one is told. */

export type ValueType =
  | 'text'
  /** Comma-separated; a flag may also be repeated. */
  | 'texts'
  /** The same of DNS names. */
  | 'zones'
  | 'flag'
  /** `none` or an http(s) URL. */
  | 'endpoint'
  /** `none` or `[HOST]:PORT`. */
  | 'address'
  /** RFC 3339; milliseconds since the epoch. */
  | 'time'
  /** `500ms`, `10s`, `2m`; milliseconds. */
  | 'duration'
  | { readonly choices: readonly string[] }
  | { readonly number: { readonly min: number; readonly max: number } }
  | { readonly integer: { readonly min: number; readonly max: number } };

export interface ListenAddress {
  /** Undefined: all addresses. */
  readonly host: string | undefined;
  readonly port: number;
}

/** What the text of a type becomes. */
export type Value<T extends ValueType> = T extends 'texts' | 'zones'
  ? readonly string[]
  : T extends 'flag'
    ? boolean
    : T extends 'time' | 'duration'
      ? number
      : T extends 'address'
        ? ListenAddress | 'none'
        : T extends { readonly choices: readonly (infer C)[] }
          ? C
          : T extends { readonly number: unknown } | { readonly integer: unknown }
            ? number
            : string;

/** The value, or what was wanted instead. */
export type ReadResult = { readonly value: unknown } | { readonly wanted: string };

export function readValue(type: ValueType, text: string): ReadResult {
  if (typeof type === 'object') return readBounded(type, text);
  switch (type) {
    case 'text':
      return text === '' ? { wanted: 'some text' } : { value: text };
    case 'texts': {
      const texts = toTexts(text);
      return texts.includes('') ? { wanted: 'a comma-separated list without empty parts' } : { value: texts };
    }
    case 'zones': {
      // The log's names are read in lower case.
      const zones = toTexts(text.toLowerCase());
      return zones.every(isZone) ? { value: zones } : { wanted: 'DNS names such as cluster.local' };
    }
    case 'flag':
      return readFlag(text);
    case 'endpoint':
      return readEndpoint(text);
    case 'address':
      return readAddress(text);
    case 'time':
      return readTime(text);
    case 'duration':
      return readDuration(text);
  }
}

function toTexts(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** Labels of RFC 1123, in at most 253 characters; a last dot is allowed. */
function isZone(text: string): boolean {
  const name = text.replace(/\.$/, '');
  return name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

function readBounded(type: Exclude<ValueType, string>, text: string): ReadResult {
  if ('choices' in type) {
    return type.choices.includes(text) ? { value: text } : { wanted: `one of ${type.choices.join(', ')}` };
  }
  const isInteger = 'integer' in type;
  const { min, max } = isInteger ? type.integer : type.number;
  const value = Number(text);
  const isRight =
    text.trim() !== '' && value >= min && value <= max && (!isInteger || Number.isInteger(value));
  return isRight ? { value } : { wanted: `a ${isInteger ? 'whole ' : ''}number from ${min} to ${max}` };
}

function readFlag(text: string): ReadResult {
  if (text === 'true' || text === '1') return { value: true };
  if (text === 'false' || text === '0' || text === '') return { value: false };
  return { wanted: 'true or false' };
}

function readEndpoint(text: string): ReadResult {
  const wanted = 'a URL such as http://tempo.example.org:4318, without ? and #, or none';
  if (text === 'none') return { value: text };
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  // The path of the signal is put behind it.
  return isHttp && !/[?#]/.test(text) ? { value: text } : { wanted };
}

function readAddress(text: string): ReadResult {
  if (text === 'none') return { value: 'none' };
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    return { wanted: 'HOST:PORT or :PORT with a port up to 65535, or none' };
  const host = match[1] ?? match[2];
  return { value: { host: host === '' ? undefined : host, port } };
}

function readTime(text: string): ReadResult {
  const match = RFC3339.exec(text);
  const time = Date.parse(text);
  const isReal = match !== null && !Number.isNaN(time) && isOnCalendar(match[1] ?? '');
  return isReal ? { value: time } : { wanted: 'a time such as 2026-11-21T12:00:00Z (RFC 3339)' };
}

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** `Date` takes the 31st of February for the 3rd of March. */
function isOnCalendar(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

/** Milliseconds: a timer of more rings at once (Node, `setTimeout`). */
const MAX_TIMER = 2 ** 31 - 1;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

function readDuration(text: string): ReadResult {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  const value = Number(match?.[1]) * (unit ?? Number.NaN);
  return value <= MAX_TIMER ? { value } : { wanted: 'a time such as 500ms, 10s or 2m, up to 596h' };
}
