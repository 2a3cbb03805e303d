/** The checkpoint: a small file that remembers read positions over restarts, replaced as a whole or not at all. */
import type { SourcesSelf } from '../self/sources.ts';
import type { Files } from './files.ts';
import type { Remembered } from './memory.ts';

export interface Checkpoint {
  /** What the last process left; undefined if there is no checkpoint, or none that can be used. */
  readonly loaded: readonly Remembered[] | undefined;
  /** Never throws: that a checkpoint cannot be written must not stop reading. */
  save(entries: readonly Remembered[]): void;
}

/** Raised when an old build would misread a new file. */
const VERSION = 1;

export function openCheckpoint(path: string | undefined, files: Files, self: SourcesSelf): Checkpoint {
  if (path === undefined) return { loaded: undefined, save() {} };
  const loaded = load(path, files, self);
  let saved = '';
  return {
    loaded,
    save(entries) {
      const text = `${JSON.stringify({ version: VERSION, files: entries })}\n`;
      // An idle DNS writes nothing; neither does its reader.
      if (text === saved) return;
      try {
        files.replace(path, text);
        saved = text;
        self.checkpoint('saved', path);
      } catch (error) {
        self.checkpoint('save_failed', path, error);
      }
    },
  };
}

function load(path: string, files: Files, self: SourcesSelf): readonly Remembered[] | undefined {
  try {
    const text = files.load(path);
    if (text === undefined) return undefined;
    const entries = parse(text);
    self.checkpoint('loaded', path);
    return entries;
  } catch (error) {
    self.checkpoint('refused', path, error);
    return undefined;
  }
}

/** Throws a sentence that says what is wrong. */
function parse(text: string): readonly Remembered[] {
  const json: unknown = JSON.parse(text);
  if (!isObject(json)) throw new Error('it is no JSON object');
  if (json['version'] !== VERSION) {
    throw new Error(`it has version ${String(json['version'])}, this build knows ${VERSION}`);
  }
  const entries = json['files'];
  if (!Array.isArray(entries)) throw new Error('it has no list of files');
  return entries.map((entry: unknown) => {
    if (!isRemembered(entry)) throw new Error(`it has an entry that is none: ${JSON.stringify(entry)}`);
    return entry;
  });
}

function isRemembered(entry: unknown): entry is Remembered {
  if (!isObject(entry)) return false;
  const { id, path, offset, size, isFinished, fingerprint } = entry;
  return (
    typeof id === 'string' &&
    typeof path === 'string' &&
    isBytes(offset) &&
    isBytes(size) &&
    typeof isFinished === 'boolean' &&
    isObject(fingerprint) &&
    isBytes(fingerprint['bytes']) &&
    typeof fingerprint['hash'] === 'string'
  );
}

function isBytes(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
