/** Finds the files of a recorded cluster and reads them; what cannot be read is told as a sentence with its place. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorText } from '../text/errors.ts';
import { parseOrFault } from './faultyJson.ts';
import { listAt, property, textAt, toObject } from './json.ts';
import { type ClusterObject, RESOURCES, type Resource } from './objects.ts';
import { KINDS, toClusterObject } from './project.ts';
import { parseTime } from './times.ts';
import { toWatchLine, type WatchLine } from './watchLine.ts';

export interface RecordedFiles {
  /** Resources that the files speak of, even if they have no objects. */
  readonly resources: ReadonlySet<Resource>;
  /** From the lists. */
  readonly objects: readonly ClusterObject[];
  /** From the watch, in the order of the file. */
  readonly lines: readonly RecordedLine[];
  readonly problems: readonly string[];
}

export interface RecordedLine {
  /** Arrival at the client that recorded it, in milliseconds since the epoch. */
  readonly at: number;
  readonly resource: Resource;
  readonly line: WatchLine;
}

/** What the readers of single files add to. */
interface Found {
  readonly resources: Set<Resource>;
  readonly objects: ClusterObject[];
  readonly lines: RecordedLine[];
  readonly problems: string[];
}

/** One file, or a folder's `*.json` and `*.jsonl`. Never throws. */
export function readRecordingFiles(path: string): RecordedFiles {
  const found: Found = { resources: new Set(), objects: [], lines: [], problems: [] };
  try {
    for (const file of listRecording(path)) {
      const text = readFileSync(file, 'utf8');
      if (file.endsWith('.jsonl')) readHistory(file, text, found);
      else readList(file, text, found);
    }
  } catch (error) {
    found.problems.push(`the recording cannot be read: ${toErrorText(error)}`);
  }
  if (found.resources.size === 0 && found.problems.length === 0) {
    found.problems.push(`${path}: holds no Kubernetes objects (*.json lists, *.jsonl watches)`);
  }
  return found;
}

/** The files of a recording; throws what node:fs throws. */
export function listRecording(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.jsonl?$/.test(name))
    .toSorted()
    .map((name) => join(path, name));
}

/** `{kind: PodList, items}` as the API gives it, `{kind: List, items}` as kubectl prints it, or one object. */
function readList(file: string, text: string, found: Found): void {
  const parsed = parseOrFault(text);
  if ('reason' in parsed) {
    found.problems.push(`${file}:${parsed.line}: ${parsed.reason}`);
    return;
  }
  const kind = textAt(parsed.json, 'kind');
  if (kind === undefined) {
    found.problems.push(`${file}: is no Kubernetes list: it has no "kind"`);
    return;
  }
  const listed = RESOURCES.find((resource) => kind === `${KINDS[resource]}List`);
  if (listed !== undefined) found.resources.add(listed);
  const isList = property(parsed.json, 'items') !== undefined;
  for (const entry of isList ? listAt(parsed.json, 'items') : [parsed.json]) {
    // Objects of other kinds may stand in a mixed list; corespan has no use for them.
    const resource = listed ?? RESOURCES.find((resource) => textAt(entry, 'kind') === KINDS[resource]);
    if (resource === undefined) continue;
    const object = toClusterObject(resource, entry);
    if (object === undefined) {
      found.problems.push(`${file}: holds a ${KINDS[resource]} without a name`);
      continue;
    }
    found.resources.add(resource);
    found.objects.push(object);
  }
}

/** One watch event a line: `{"at", "resource", "type", "object"}`. */
function readHistory(file: string, text: string, found: Found): void {
  for (const [index, entry] of text.split('\n').entries()) {
    if (entry.trim() === '') continue;
    const recorded = parseRecordedLine(entry);
    if (typeof recorded === 'string') found.problems.push(`${file}:${index + 1}: ${recorded}`);
    if (typeof recorded !== 'object') continue;
    found.resources.add(recorded.resource);
    found.lines.push(recorded);
  }
}

/** What is wrong with the line; undefined if it is of a resource that corespan has no use for. */
function parseRecordedLine(text: string): RecordedLine | string | undefined {
  const parsed = parseOrFault(text);
  if ('reason' in parsed) return parsed.reason;
  if (toObject(parsed.json) === undefined) return 'is no JSON object';
  const named = textAt(parsed.json, 'resource');
  if (named === undefined) return 'has no "resource"';
  const resource = RESOURCES.find((known) => known === named);
  if (resource === undefined) return undefined;
  const at = parseTime(textAt(parsed.json, 'at'));
  if (at === undefined) return '"at" is no RFC 3339 time';
  const line = toWatchLine(resource, parsed.json);
  if (line === undefined) return `is no watch event of ${resource}`;
  return { at, resource, line };
}
