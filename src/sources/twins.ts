/** How the files of a container are related; what was found out is not looked up again until one of them changes. */
import type { LogFile } from '../records/line.ts';
import type { FollowedFile } from './followedFile.ts';
import { compare, compareLengths, type Kin, type Kinship, settle } from './kinship.ts';

export interface Twins {
  /**
   * How `file` is related to `other`, which has its log; throws what the file system throws of `file`. If `other` cannot
   * be read, it is none that `file` waits for.
   */
  relate(file: FollowedFile, other: FollowedFile): Kinship;
  /** The id of the log that `file`, as it is, was found to be a copy of. */
  originalOf(file: FollowedFile): string | undefined;
}

/** A log that is read only grows: what it was found to hold once it goes on to hold. */
interface Known {
  readonly of: LogFile;
  readonly kinship: Kinship;
  readonly size: number;
  readonly modified: number;
}

interface Shielded {
  readonly kin: Kin;
  hasFailed(): boolean;
}

/** What cannot be read of a file is no trouble of the one that it is compared with. */
function shield({ head, isPacked, isSettled, extent }: FollowedFile): Shielded {
  let hasFailed = false;
  function ask<T>(question: () => T): T | undefined {
    try {
      return question();
    } catch {
      hasFailed = true;
      return undefined;
    }
  }

  return {
    kin: {
      head,
      isPacked,
      isSettled,
      extent: {
        length: () => ask(() => extent.length()),
        checksum: (length) => ask(() => extent.checksum(length)),
        packed() {
          const packed = ask(() => extent.packed());
          return (
            packed && {
              length: () => ask(() => packed.length()),
              checksum: (length) => ask(() => packed.checksum(length)),
            }
          );
        },
      },
    },
    hasFailed: () => hasFailed,
  };
}

export function createTwins(): Twins {
  const known = new WeakMap<FollowedFile, Map<string, Known>>();

  function isCurrent({ size, modified }: Known, file: FollowedFile): boolean {
    return size === file.size && modified === file.place.modified;
  }

  return {
    relate(file, other) {
      if (other.log === undefined) return 'other';
      const ofFile = known.get(file) ?? new Map<string, Known>();
      const last = ofFile.get(other.log.id);
      if (last !== undefined && last.of === other.log && isCurrent(last, file)) return last.kinship;
      const shielded = shield(other);
      const found = compare(file, shielded.kin);
      // The log is another file by now, such as the archive of the one that it was: its id tells how it begins.
      if (found === 'unclear' && last?.kinship === 'copy' && isCurrent(last, file))
        return settle(compareLengths(file, shielded.kin), file);
      if (shielded.hasFailed()) return 'other';
      if (found === 'later') return found;
      const kinship = settle(found, file);
      const { size, place } = file;
      if (kinship === 'unclear') ofFile.delete(other.log.id);
      else ofFile.set(other.log.id, { of: other.log, kinship, size, modified: place.modified });
      known.set(file, ofFile);
      return kinship;
    },
    originalOf(file) {
      const all = [...(known.get(file)?.values() ?? [])];
      return all.find((last) => last.kinship === 'copy' && isCurrent(last, file))?.of.id;
    },
  };
}
