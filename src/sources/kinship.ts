/**
 * How a log is related to another one that begins with the same line. Nothing is left out because it looks like a copy:
 * only what is known to hold no byte that the other one does not hold (docs/adr/016).
 */
import type { Extent, Packed } from './extent.ts';
import { HEAD_BYTES, isSameHead } from './head.ts';

/**
 * `copy`: it is the beginning of the other one, or all of it. `longer`: the other way round. `other`: neither.
 * `later`: comparing them goes on when they are looked at again, and comes to an end.
 */
export type Kinship = 'copy' | 'longer' | 'other' | 'unclear' | 'later';

export interface Kin {
  /** Its first bytes: all of them, if there are less than HEAD_BYTES. */
  readonly head: Buffer;
  readonly extent: Extent;
  readonly isPacked: boolean;
  /** True if it is not expected to grow. */
  readonly isSettled: boolean;
}

/** `unclear`: a look later on may tell; one that is settled is never unclear. Throws what the file system throws. */
export function relate(log: Kin, other: Kin): Kinship {
  return settle(compare(log, other), log);
}

/** What the two hold tells; `unclear` if it does not. */
export function compare(log: Kin, other: Kin): Kinship {
  return relateHeads(log, other) ?? relateExtents(log, other);
}

export function settle(kinship: Kinship, { isSettled }: Kin): Kinship {
  return kinship === 'unclear' && isSettled ? 'other' : kinship;
}

/** Of two that are known to begin alike, but cannot be compared: which one holds more. */
export function compareLengths(log: Kin, other: Kin): Kinship {
  const [length, otherLength] = [log.extent.length(), other.extent.length()];
  if (length === undefined || otherLength === undefined) return 'unclear';
  return length <= otherLength ? 'copy' : 'longer';
}

/** Begins as the runtime's lines do (CRI, Docker): with its time, or with a key before it. */
const WRAPPED = /^(?:\d{4}-\d\d-\d\dT\S+ std(?:out|err) |\{"log":")/;

/** Undefined if the heads do not tell. */
function relateHeads({ head }: Kin, { head: other }: Kin): Kinship | undefined {
  if (!isSameHead(head, other)) return 'other';
  if (head.length === HEAD_BYTES && other.length === HEAD_BYTES) return undefined;
  if (head.length === other.length) return 'copy';
  // Two logs without times may both begin with the same banner; the runtime's times do not come twice.
  if (WRAPPED.test(head.toString('latin1'))) return head.length < other.length ? 'copy' : 'longer';
  return head.length < other.length ? 'unclear' : 'other';
}

function relateExtents(log: Kin, other: Kin): Kinship {
  const [packed, otherPacked] = [log.extent.packed(), other.extent.packed()];
  if (packed !== undefined && otherPacked !== undefined) return relatePacked(packed, otherPacked);
  const [length, otherLength] = [log.extent.length(), other.extent.length()];
  if (length === undefined || otherLength === undefined) return 'unclear';
  const shared = Math.min(length, otherLength);
  const [crc, otherCrc] = [log.extent.checksum(shared), other.extent.checksum(shared)];
  if (crc === undefined || otherCrc === undefined) return 'unclear';
  if (crc === 'later' || otherCrc === 'later') return 'later';
  if (crc === otherCrc) return length <= otherLength ? 'copy' : 'longer';
  // An archive that is being written ends with anything.
  return log.isPacked && !log.isSettled ? 'unclear' : 'other';
}

/** What archives say of themselves is of their last members alone. */
function relatePacked(log: Packed, other: Packed): Kinship {
  const length = log.length();
  if (length === undefined || length !== other.length()) return 'unclear';
  const [crc, otherCrc] = [log.checksum(length), other.checksum(length)];
  if (crc === undefined || otherCrc === undefined) return 'unclear';
  if (crc === 'later' || otherCrc === 'later') return 'later';
  return crc === otherCrc ? 'copy' : 'unclear';
}
