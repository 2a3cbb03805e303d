/** A recorded cluster as if it happened now: lines and changes with their times moved, at the speed of the clock. */

import type { Change, ClusterObject } from '../kube/objects.ts';
import { readRecording } from '../kube/recording.ts';
import type { Lines, LogFile } from '../records/line.ts';
import { createQuietSelf } from '../self/self.ts';
import { toInputs } from '../sources/inputs.ts';
import { readLines } from '../sources/replay.ts';

export interface Playback {
  /** Length of the recording in milliseconds. */
  readonly length: number;
  /** Starts another round whose first line is at `start`; traces of different rounds have different ids. */
  begin(start: number): Round;
}

export interface Round {
  /** Changes that have happened before `now` or at it. */
  changes(now: number): readonly Change[];
  /** Lines written before `now` or at it. */
  lines(now: number): readonly Lines[];
  isOver(): boolean;
}

/** One line of the recording, copied out of the source's buffer. */
interface Recorded {
  readonly file: LogFile;
  readonly text: Buffer;
  readonly time: number;
  readonly offset: number;
}

/** Loads a folder with `pods/` and `cluster/` into memory: recordings are a few megabytes. */
export async function loadPlayback(
  folder: string,
  containers: readonly string[],
): Promise<Playback | { readonly problems: readonly string[] }> {
  const recording = readRecording(`${folder}/cluster`);
  if ('problems' in recording) return recording;
  const lines: Recorded[] = [];
  // Lines count as read when they are played, not when they are loaded.
  const { sources } = createQuietSelf();
  for await (const batch of readLines(toInputs([`${folder}/pods`], containers), {}, sources)) {
    lines.push(...copyLines(batch));
  }
  const first = lines[0]?.time ?? 0;
  const last = lines.at(-1)?.time ?? 0;
  let round = 0;
  return {
    length: last - first,
    begin(start) {
      round++;
      return createRound({ lines, changes: recording.changes, round, by: start - first });
    },
  };
}

interface RoundInput {
  readonly lines: readonly Recorded[];
  readonly changes: readonly Change[];
  readonly round: number;
  /** Milliseconds to add to every time. */
  readonly by: number;
}

function createRound({ lines, changes, round, by }: RoundInput): Round {
  let nextLine = 0;
  let nextChange = 0;
  const files = new Map<LogFile, LogFile>();

  /** The same file in each round, but another one than in the round before. */
  function toFile(file: LogFile): LogFile {
    const known = files.get(file) ?? { ...file, id: `${file.id}#${round}` };
    files.set(file, known);
    return known;
  }

  return {
    changes(now) {
      const due: Change[] = [];
      for (let change = changes[nextChange]; change !== undefined; change = changes[nextChange]) {
        if (change.at + by > now) break;
        due.push(moveChange(change, by, round));
        nextChange++;
      }
      return due;
    },
    lines(now) {
      const due: Lines[] = [];
      for (let line = lines[nextLine]; line !== undefined; line = lines[nextLine]) {
        if (line.time + by > now) break;
        due.push(toLines({ ...line, file: toFile(line.file), time: line.time + by }));
        nextLine++;
      }
      return due;
    },
    isOver: () => nextLine >= lines.length,
  };
}

/** An object of another round is another object: what the last round left behind ends when this one begins. */
function moveChange(change: Change, by: number, round: number): Change {
  const at = change.at + by;
  if (change.type !== 'replace') return { ...change, at, object: moveObject(change.object, by, round) };
  return { ...change, at, objects: change.objects.map((object) => moveObject(object, by, round)) };
}

function moveObject(object: ClusterObject, by: number, round: number): ClusterObject {
  const move = (time: number | undefined): number | undefined => (time === undefined ? undefined : time + by);
  const uid = `${object.uid}#${round}`;
  switch (object.resource) {
    case 'pods':
      return { ...object, uid, started: move(object.started), deleted: move(object.deleted) };
    case 'services':
    case 'endpointslices':
      return { ...object, uid, created: move(object.created) };
    case 'nodes':
    case 'namespaces':
      return { ...object, uid };
  }
}

function* copyLines({ file, bytes, from, to, time, start, end, offset }: Lines): Generator<Recorded> {
  for (let line = from; line < to; line++) {
    yield {
      file,
      text: Buffer.from(bytes.subarray(start[line], end[line])),
      time: time[line] ?? 0,
      offset: offset[line] ?? 0,
    };
  }
}

function toLines({ file, text, time, offset }: Recorded): Lines {
  return {
    file,
    bytes: text,
    from: 0,
    to: 1,
    time: Float64Array.of(time),
    start: Int32Array.of(0),
    end: Int32Array.of(text.length),
    offset: Float64Array.of(offset),
  };
}
