/** What is known of logs that are not followed at the moment: from the checkpoint, or of files that went away. */
import { toPlainId } from './fileIds.ts';
import { type Fingerprint, isLike } from './head.ts';

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
  /** Takes out what is known of a file with that id and head; `size` is what the file has now, at most. */
  recall(id: string, file: { readonly head: Buffer; readonly size: number }): Remembered | undefined;
  /** True if a file of just this id is remembered. */
  knows(id: string): boolean;
  /** From the checkpoint, and neither recalled nor given up. */
  expected(): readonly Remembered[];
  /** Nothing will be expected any more. */
  giveUp(): void;
  all(): Iterable<Remembered>;
}

/** The kubelet keeps five files of a container; a node has a handful of DNS containers. */
const MAX_REMEMBERED = 256;

export function createMemory(checkpoint: readonly Remembered[]): Memory {
  /** By id; in order of arrival. */
  const entries = new Map(checkpoint.map((entry) => [entry.id, entry]));
  const expected = new Set(entries.keys());

  return {
    keep(entry) {
      entries.delete(entry.id);
      entries.set(entry.id, entry);
      const [oldest] = entries.keys();
      if (entries.size > MAX_REMEMBERED && oldest !== undefined) entries.delete(oldest);
    },
    recall(id, { head, size }) {
      for (const entry of entries.values()) {
        if (toPlainId(entry.id) !== id || size < entry.offset || !isLike(head, entry.fingerprint)) continue;
        entries.delete(entry.id);
        expected.delete(entry.id);
        return entry;
      }
      return undefined;
    },
    knows: (id) => entries.has(id),
    expected: () => [...entries.values()].filter(({ id }) => expected.has(id)),
    giveUp: () => expected.clear(),
    all: () => entries.values(),
  };
}
