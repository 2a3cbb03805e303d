/** Reads the YAML file of `--config`: a mapping of options to values. */
import { toErrorText } from '../text/errors.ts';
import { type Given, toUnknown } from './given.ts';
import { OPTIONS } from './options.ts';

export interface ConfigFile {
  readonly path: string;
  /** Reads and parses it; throws with a clear message. */
  readonly read: (path: string) => unknown;
}

/** One file may serve several verbs: options of another one are fine. It names no further file. */
const KEYS = Object.keys(OPTIONS).filter((name) => name !== 'config');

export function readConfigFile({ path, read }: ConfigFile, problems: string[]): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>();
  let content: unknown;
  try {
    content = read(path);
  } catch (error) {
    const [reason] = toErrorText(error).split('\n');
    problems.push(`--config: ${path} cannot be read: ${reason}`);
    return given;
  }
  if (content === null || content === undefined) return given;
  if (typeof content !== 'object' || Array.isArray(content)) {
    problems.push(`--config: ${path} holds ${JSON.stringify(content)}, wants a mapping of options to values`);
    return given;
  }
  for (const [key, value] of Object.entries(content)) {
    if (!KEYS.includes(key)) problems.push(`${toUnknown(key, KEYS, '')} (in ${path})`);
    const text = toText(value);
    if (text !== undefined) given.set(key, { text, as: `${key} in ${path}` });
    else problems.push(`${key} in ${path}: got ${JSON.stringify(value)}, wants a single value or a list`);
  }
  return given;
}

function toText(value: unknown): string | undefined {
  if (isScalar(value)) return String(value);
  return Array.isArray(value) && value.every(isScalar) ? value.join(',') : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
