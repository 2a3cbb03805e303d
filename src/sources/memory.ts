/** What is known of logs that are not followed at the moment: from the checkpoint, or of files that went away. */
import { isCopyId, toCopyId, toPlainId } from './fileIds.ts';
import { type Fingerprint, isLike, toFingerprint } from './head.ts';

export interface Remembered {
  readonly id: string;
  /** As last seen; for messages. */
  readonly path: string;
  /** Where reading has to go on. */
  readonly offset: number;
  /** Bytes it had. */
  readonly size: number;
  /** Everything was read, and nothing more will be written. */
  readonly isFinished: boolean;
  readonly fingerprint: Fingerprint;
}

export interface Memory {
  keep(entry: Remembered): void;
  /** Takes out what is known of a file with that id and head. */
  recall(id: string, file: Found): Remembered | undefined;
  /** Takes out the entry of just this id. */
  take(id: string): Remembered | undefined;
  /** What is known of the log with just this id, which stays known. */
  peek(id: string): Remembered | undefined;
  /** True if a file of just this id is remembered. */
  knows(id: string): boolean;
  /** From the checkpoint, and neither recalled nor given up. */
  expected(): readonly Remembered[];
  /** Nothing will be expected any more. */
  giveUp(): void;
  all(): Iterable<Remembered>;
}

export interface Found {
  readonly head: Buffer;
  /** What the file has now, at most. */
  readonly size: number;
  readonly path: string;
}

/** The kubelet keeps five files of a container; a node has a handful of DNS containers. */
const MAX_REMEMBERED = 256;

export function createMemory(checkpoint: readonly Remembered[]): Memory {
  /** By id; in order of arrival. */
  const entries = new Map(checkpoint.map((entry) => [entry.id, entry]));
  const expected = new Set(entries.keys());

  function take(id: string): Remembered | undefined {
    const entry = entries.get(id);
    entries.delete(id);
    expected.delete(id);
    return entry;
  }

  return {
    keep(entry) {
      entries.delete(entry.id);
      entries.set(entry.id, entry);
      const [oldest] = entries.keys();
      if (entries.size > MAX_REMEMBERED && oldest !== undefined) entries.delete(oldest);
    },
    recall(id, { head, size, path }) {
      const [best] = [...entries.values()]
        .filter((entry) => entry.path === path || !isCopyId(entry.id))
        .filter(
          (entry) => toPlainId(entry.id) === id && size >= entry.offset && isLike(head, entry.fingerprint),
        )
        // Of logs that begin alike, the log itself, that one of which most is known, or that stood here.
        .toSorted(
          (a, b) =>
            Number(isCopyId(a.id)) - Number(isCopyId(b.id)) ||
            b.fingerprint.bytes - a.fingerprint.bytes ||
            Number(b.path === path) - Number(a.path === path) ||
            b.offset - a.offset,
        );
      return best && take(best.id);
    },
    take,
    peek: (id) => entries.get(id),
    knows: (id) => entries.has(id),
    expected: () => [...entries.values()].filter(({ id }) => expected.has(id)),
    giveUp: () => expected.clear(),
    all: () => entries.values(),
  };
}

/** A copy holds nothing that has to be read, even where a restart finds it without the log `copyOf`. */
export function toRememberedCopy(
  copyOf: string | undefined,
  { path, size, head }: Found,
): Remembered | undefined {
  if (copyOf === undefined) return undefined;
  const fingerprint = toFingerprint(head);
  return { id: toCopyId(copyOf, path), path, offset: size, size, isFinished: true, fingerprint };
}
