/** The logs in one container's folder, in the order they were written. */
import { join } from 'node:path';
import type { SourcesSelf } from '../self/sources.ts';
import type { FileStat, Files } from './files.ts';
import { compareLogNames, type LogName, parseLogName } from './layout.ts';

/** A log as a listing shows it. */
export interface Place extends FileStat {
  readonly path: string;
  readonly name: LogName;
}

/** Without what cannot be looked at, which is told. `failed`: the folder cannot be listed, which is told, too. */
export type Listing = readonly Place[] | 'missing' | 'failed';

export function listPlaces(folder: string, files: Files, self: SourcesSelf): Listing {
  function toPlace(fileName: string): Place[] {
    const name = parseLogName(fileName);
    if (name === undefined) return [];
    const path = join(folder, fileName);
    try {
      const stat = files.stat(path);
      if (stat?.kind === 'file') return [{ ...stat, path, name }];
      if (stat === undefined && files.isLink(path)) self.failed('link', path, undefined);
    } catch (error) {
      self.failed('open', path, error);
    }
    return [];
  }

  try {
    if (files.stat(folder) === undefined) return 'missing';
    return files.list(folder).flatMap(toPlace).toSorted(comparePlaces);
  } catch (error) {
    self.failed('folder', folder, error);
    return 'failed';
  }
}

/** A plain file comes before what was compressed from it. */
export function comparePlaces(a: Place, b: Place): number {
  return compareLogNames(a.name, b.name) || (a.path < b.path ? -1 : 1);
}
