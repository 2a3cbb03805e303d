/** The file system as the sources use it; tests bring one that fails, or gives inode numbers away twice. */
import {
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'stream';
  /** `dev:inode`: the file itself, whatever its name. */
  readonly key: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** Names that lead to it; 0 once it is deleted. */
  readonly names: number;
}

/** Every function throws what node:fs throws, unless said. */
export interface Files {
  /** What `path` leads to, links followed; undefined if nothing is there. */
  stat(path: string): FileStat | undefined;
  /** True if there is a symbolic link, wherever it leads. */
  isLink(path: string): boolean;
  /** The path without symbolic links. */
  resolve(path: string): string;
  /** Names in a folder. */
  list(folder: string): string[];
  open(path: string): number;
  statOf(fd: number): FileStat;
  /** Fills `into` from byte `position` of the file on; returns how many bytes there were. */
  read(fd: number, into: Buffer, position: number): number;
  close(fd: number): void;
  /** All bytes of an open file, which is closed with the stream; or, by its path, of a pipe. */
  stream(source: number | string): Readable;
  /** The text of a small file; undefined if there is none. */
  load(path: string): string | undefined;
  /** Replaces a small file as a whole: after a crash there is the old text or the new one. */
  replace(path: string, text: string): void;
}

export const SYSTEM_FILES: Files = {
  stat(path) {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? undefined : toFileStat(stats);
  },
  isLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  resolve: (path) => realpathSync(path),
  list: (folder) => readdirSync(folder),
  open: (path) => openSync(path, 'r'),
  statOf: (fd) => toFileStat(fstatSync(fd)),
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
  close: (fd) => closeSync(fd),
  stream: (source) =>
    typeof source === 'string' ? createReadStream(source) : createReadStream('', { fd: source }),
  load(path) {
    return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path, 'utf8');
  },
  replace(path, text) {
    const temporary = `${path}.tmp`;
    try {
      writeFileSync(temporary, text, { flush: true });
      renameSync(temporary, path);
    } catch (error) {
      removeOwn(temporary);
      throw error;
    }
    flushFolder(dirname(path));
  },
};

/** What was written in vain; a link or a folder of that name is somebody else's. Never throws. */
function removeOwn(path: string): void {
  try {
    if (lstatSync(path).isFile()) unlinkSync(path);
  } catch {
    // It was never there, or its folder cannot be written to any more.
  }
}

/** Without this the rename itself may be lost with the power. */
function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function toFileStat(stats: Stats): FileStat {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'stream';
  return {
    kind,
    key: `${stats.dev}:${stats.ino}`,
    size: stats.size,
    modified: stats.mtimeMs,
    names: stats.nlink,
  };
}
