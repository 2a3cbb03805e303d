/** Which files of an input are copies of others of it: what they hold is read once, where it stands whole. */
import { openContent } from './content.ts';
import { createClosedExtent } from './extent.ts';
import type { Files } from './files.ts';
import type { InputFile } from './inputs.ts';
import { type Kin, relate } from './kinship.ts';

interface Candidate extends Kin {
  readonly path: string;
  readonly size: number;
}

/** The paths of the copies. What cannot be read is none: whoever reads it tells. Logs of different names are not compared. */
export function findCopies(inputs: readonly InputFile[], files: Files): ReadonlySet<string> {
  const byStem = Object.values(Object.groupBy(inputs, ({ stem }) => stem));
  return new Set(byStem.flatMap((alike = []) => (alike.length < 2 ? [] : findAmong(alike, files))));
}

/** Plain ones first, whose beginnings can be compared with what an archive says of itself; the oldest among equals. */
function findAmong(alike: readonly InputFile[], files: Files): string[] {
  const candidates = alike
    .flatMap((file) => toCandidate(file, files))
    .toSorted((a, b) => Number(a.isPacked) - Number(b.isPacked) || b.size - a.size);
  const kept: Candidate[] = [];
  return candidates.flatMap((candidate) => {
    if (kept.some((other) => isCopy(candidate, other))) return [candidate.path];
    kept.push(candidate);
    return [];
  });
}

/** In one go, however long they are: a replay has no probe to answer. */
function isCopy(candidate: Candidate, other: Candidate): boolean {
  try {
    let kinship = relate(candidate, other);
    while (kinship === 'later') kinship = relate(candidate, other);
    return kinship === 'copy';
  } catch {
    return false;
  }
}

function toCandidate({ path, kind }: InputFile, files: Files): Candidate[] {
  if (kind !== 'file') return [];
  try {
    const content = openContent(path, files);
    try {
      const { isPacked } = content;
      const head = content.head();
      const extent = createClosedExtent(
        () => path,
        files,
        () => head,
      );
      // One that is damaged holds more than can be seen.
      if (head.length === 0) return [];
      return [{ path, size: content.size(), isPacked, head, extent, isSettled: true }];
    } finally {
      content.close();
    }
  } catch {
    return [];
  }
}
