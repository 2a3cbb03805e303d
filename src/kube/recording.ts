/**
 * Turns a recorded cluster into the changes that a live watch would have told.
 *
 *     *.json          the state at some time    ─┐
 *                                                ├─►  replace at -∞     put, put, delete, …
 *     events.jsonl    what happened, and when   ─┘    once a resource   in order of arrival
 *
 * Whoever is in a `replace` at -∞ was there before the recording began, and counts from its own start time.
 */
import { type Change, type ClusterObject, RESOURCES, type Resource } from './objects.ts';
import { type RecordedFiles, type RecordedLine, readRecordingFiles } from './recordingFiles.ts';

/** Sentences beyond this say nothing new. */
const MAX_PROBLEMS = 20;

/**
 * The recording at `path` (README, "Use it": lists of kubectl, and the events of a watch), sorted by time; or everything that is wrong with
 * it. An object that the watch speaks of is taken from the watch alone: the list may show a later state of it.
 */
export function readRecording(
  path: string,
): { readonly changes: readonly Change[] } | { readonly problems: readonly string[] } {
  const files = readRecordingFiles(path);
  if (files.problems.length > 0) return { problems: toShort(files.problems) };
  const changes = RESOURCES.filter((resource) => files.resources.has(resource)).flatMap((resource) =>
    toChanges(resource, files),
  );
  return { changes: changes.toSorted((a, b) => compareTimes(a.at, b.at)) };
}

function toShort(problems: readonly string[]): readonly string[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  return [...problems.slice(0, MAX_PROBLEMS), `and ${problems.length - MAX_PROBLEMS} more`];
}

function toChanges(resource: Resource, files: RecordedFiles): Change[] {
  const lines = files.lines.filter((recorded) => recorded.resource === resource);
  const watched = new Set(lines.map(toUid));
  const listed = files.objects.filter((object) => object.resource === resource && !watched.has(object.uid));
  const { present, history } = toHistory(lines);
  return [{ type: 'replace', at: -Infinity, resource, objects: [...listed, ...present] }, ...history];
}

function toUid({ line }: RecordedLine): string | undefined {
  return 'object' in line ? line.object.uid : undefined;
}

/** Who was there when the watch began, and what happened from then on. */
function toHistory(lines: readonly RecordedLine[]): {
  readonly present: readonly ClusterObject[];
  readonly history: readonly Change[];
} {
  const initialEnd = lines.findIndex(({ line }) => line.type === 'BOOKMARK' && line.isInitialEnd);
  const present = new Map<string, ClusterObject>();
  const told = new Set<string>();
  const history: Change[] = [];
  for (const [index, { at, line }] of lines.entries()) {
    switch (line.type) {
      case 'ADDED':
      case 'MODIFIED':
        if (index < initialEnd) present.set(line.object.uid, line.object);
        else history.push({ type: 'put', at, object: line.object });
        told.add(line.object.uid);
        break;
      case 'DELETED':
        // A watch that was begun without its initial state may tell only the end of an object.
        if (!told.has(line.object.uid)) present.set(line.object.uid, line.object);
        history.push({ type: 'delete', at, object: line.object });
        break;
      case 'BOOKMARK':
      case 'ERROR':
        break;
    }
  }
  return { present: [...present.values()], history };
}

/** -Infinity - -Infinity is no number. */
function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
