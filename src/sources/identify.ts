/** Says who a file is: a log that is known, a copy of one, one that goes on where a shorter one ends, or a new one. */
import { distinguish, toFileId, toPlainId } from './fileIds.ts';
import type { FollowedFile } from './followedFile.ts';
import type { Identity, Start } from './identity.ts';
import type { Kinship } from './kinship.ts';
import type { Memory, Remembered } from './memory.ts';
import type { Twins } from './twins.ts';

export interface IdentifyOptions {
  /** The container whose logs they are. */
  readonly owner: string;
  readonly memory: Memory;
  readonly twins: Twins;
  /** Those that are followed. */
  readonly files: () => readonly FollowedFile[];
  /** Told of files that hold what `file` holds. */
  readonly seenAgain: (found: readonly FollowedFile[]) => void;
}

export type Identify = (file: FollowedFile, firstLine: Buffer) => Identity;

export function createIdentify({ owner, memory, twins, files, seenAgain }: IdentifyOptions): Identify {
  function identify(file: FollowedFile, firstLine: Buffer): Identity {
    const id = toFileId(owner, file.place.name.stem, firstLine);
    const alike = files().filter(
      (other) => other !== file && other.log !== undefined && toPlainId(other.log.id) === id,
    );
    const relations = alike.map((other) => ({ other, kinship: twins.relate(file, other) }));
    const related = (...kinships: Kinship[]): FollowedFile[] =>
      relations.flatMap(({ other, kinship }) => (kinships.includes(kinship) ? [other] : []));
    const originals = related('copy');
    const unclear = originals.length > 0 ? [] : related('unclear', 'later');
    seenAgain([...originals, ...unclear]);
    const original = twins.originalOf(file);
    if (originals.length > 0) return { copyOf: file.isPacked ? undefined : original };
    if (original !== undefined && isReadBeyond(original, file)) return { copyOf: original };
    const taken = unclear.length > 0 ? undefined : takeOver(related('longer'));
    const recalled = recall(file, id);
    if (recalled !== undefined && recalled.offset >= (taken?.offset ?? 0)) return recalled;
    if (unclear.length > 0) return { copyOf: undefined };
    return taken ?? { id: distinguish(id, isTaken), offset: 0, isRead: false };
  }

  /** What was read of a log that is gone may come back in a file that holds more of it than this copy. */
  function isReadBeyond(original: string, { isPacked, size }: FollowedFile): boolean {
    const former = memory.peek(original);
    return former !== undefined && !isPacked && former.offset > size;
  }

  /** Goes on where reading is in the `shorter` ones, which then hold nothing of their own. */
  function takeOver(shorter: readonly FollowedFile[]): Start | undefined {
    const [furthest] = shorter
      .flatMap((file) => file.toRemembered(undefined) ?? [])
      .toSorted((a, b) => b.offset - a.offset);
    if (furthest === undefined) return undefined;
    seenAgain(shorter);
    for (const file of shorter) file.hold();
    return { id: furthest.id, offset: furthest.offset, isRead: false };
  }

  function recall(file: FollowedFile, id: string): Start | undefined {
    const { head, isPacked, place } = file;
    const original = twins.originalOf(file);
    const copied = original === undefined ? undefined : memory.take(original);
    const known =
      copied ?? memory.recall(id, { head, size: isPacked ? Infinity : file.size, path: place.path });
    if (known === undefined) return undefined;
    if (!isPacked) return { id: known.id, offset: Math.min(known.offset, file.size), isRead: false };
    return { id: known.id, offset: known.offset, isRead: isReadWhole(known, file) };
  }

  function isTaken(id: string): boolean {
    return memory.knows(id) || files().some((file) => file.log?.id === id);
  }

  return identify;
}

/**
 * True if an archive holds what was read, and no more. One of several members is unpacked to see: its end does not
 * tell how much it holds.
 */
function isReadWhole(
  { isFinished, fingerprint, offset }: Remembered,
  { head, extent }: FollowedFile,
): boolean {
  return isFinished && fingerprint.bytes === head.length && extent.length() === offset;
}
