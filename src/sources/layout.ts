/**
 * How the kubelet lays logs out, and what their names tell.
 *
 *     <ns>_<pod>_<uid>/<container>/0.log                         of a container's first run
 *                                  0.log.20261121-120104         rotated, still plain
 *                                  0.log.20261121-110320.gz      rotated before that
 *                                  1.log                         of its second run
 */
import { basename, dirname, join } from 'node:path';
import type { DnsPod } from '../records/line.ts';
import type { Files } from './files.ts';

export interface LogName {
  /** `0.log`, whatever has become of the file since. */
  readonly stem: string;
  /** What rotation put behind it; "" while the log is written. */
  readonly rotation: string;
}

/** `.tmp` is a rotated log that is being compressed: the plain one beside it is whole. */
const LOG_NAME = /^(.+?\.log)(?:[.-](.+?))??(?:\.gz)?(\.tmp)?$/;
const POD_FOLDER = /^([a-z\d-]+)_([a-z\d.-]+)_([^_]+)$/;

/** Undefined if a file of that name in a folder of logs is none. */
export function parseLogName(name: string): LogName | undefined {
  const [, stem, rotation = '', temporary] = LOG_NAME.exec(name) ?? [];
  return stem === undefined || temporary !== undefined ? undefined : { stem, rotation };
}

/** Oldest first: by run of the container, then by rotation; what is still written comes last. */
export function compareLogNames(a: LogName, b: LogName): number {
  if (a.stem !== b.stem) {
    return Number.parseInt(a.stem, 10) - Number.parseInt(b.stem, 10) || (a.stem < b.stem ? -1 : 1);
  }
  if (a.rotation === b.rotation) return 0;
  if (a.rotation === '' || b.rotation === '') return a.rotation === '' ? 1 : -1;
  // logrotate counts: the higher the older. Everybody else writes a date.
  const counted = Number(b.rotation) - Number(a.rotation);
  const isCount = a.rotation.length < 4 && b.rotation.length < 4 && !Number.isNaN(counted);
  if (isCount) return counted;
  return a.rotation < b.rotation ? -1 : 1;
}

/** Whose logs lie in one pod's own folder. */
export type PodOfLogs = Omit<DnsPod, 'container'>;

/** The container that writes into `folder`; where the path does not tell, as under a mounted sub-path, it is `own`'s. */
export function toDnsPod(folder: string, own?: PodOfLogs): DnsPod | undefined {
  const [, namespace, name, uid] = POD_FOLDER.exec(basename(dirname(folder))) ?? [];
  const container = basename(folder);
  if (namespace === undefined || name === undefined || uid === undefined) return own && { ...own, container };
  return { namespace, name, uid, container };
}

export interface Search {
  /** Undefined: those of any name. */
  readonly containers: readonly string[] | undefined;
  /** Told of what cannot be looked at; the search goes on beside it. */
  readonly failed: (path: string, error: unknown) => void;
}

/**
 * The folders of the named containers below `dir`, which is the node's folder of all pods or one pod's own (under
 * whatever name it is mounted); without names, of all containers. Links are followed. Throws if `dir` cannot be
 * listed.
 */
export function findContainerFolders(dir: string, { containers, failed }: Search, files: Files): string[] {
  function attempt<T>(path: string, look: () => T[]): T[] {
    try {
      return look();
    } catch (error) {
      failed(path, error);
      return [];
    }
  }

  return files
    .list(dir)
    .toSorted()
    .flatMap((name) => {
      const folder = join(dir, name);
      if (POD_FOLDER.test(name)) {
        const names = containers ?? attempt(folder, () => files.list(folder));
        return names.map((container) => join(folder, container));
      }
      return containers?.includes(name) === false ? [] : [folder];
    })
    .flatMap((folder) => attempt(folder, () => (files.stat(folder)?.kind === 'folder' ? [folder] : [])));
}
