/** What a log is called, whatever becomes of its name: `3f2a…`, or `3f2a…~2` where that is taken. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

const LENGTH = 32;

/**
 * The id of a log: of the container (`owner`), its run (`stem`) and the first line, which with the runtime's time in
 * it is unique. Rotation and compression change none of them.
 */
export function toFileId(owner: string, stem: string, firstLine: Buffer): string {
  return createHash('sha256').update(`${owner}\0${stem}\0`).update(firstLine).digest('hex').slice(0, LENGTH);
}

/** The id of a log that is none of those whose ids are taken, though it begins like one of them. */
export function distinguish(id: string, isTaken: (id: string) => boolean): string {
  let distinct = id;
  for (let n = 2; isTaken(distinct); n++) distinct = `${id}~${n}`;
  return distinct;
}

/** The id under which a copy of the log `id` is remembered, so that a restart knows that it holds nothing new. */
export function toCopyId(id: string, path: string): string {
  return `${id}~${basename(path)}`;
}

/** True if it is one of a copy, which the file of that name alone may be. */
export function isCopyId(id: string): boolean {
  return !/^[^~]*(?:~\d+)*$/.test(id);
}

/** The id that logs with the same first line share. */
export function toPlainId(id: string): string {
  const end = id.indexOf('~');
  return end < 0 ? id : id.slice(0, end);
}
