/** What the paths of a command line stand for: files in reading order, or sentences that say what is wrong. */
import { basename, dirname, join } from 'node:path';
import type { DnsPod } from '../records/line.ts';
import { toErrorText } from '../text/errors.ts';
import { openContent } from './content.ts';
import { type FileStat, type Files, SYSTEM_FILES } from './files.ts';
import { compareLogNames, findContainerFolders, parseLogName, toDnsPod } from './layout.ts';

/** Files that continue each other, oldest first: the logs of one container, or what rotation made of one log. */
export interface Input {
  readonly pod: DnsPod | undefined;
  readonly files: readonly InputFile[];
}

export interface InputFile {
  readonly path: string;
  /** Its name without what rotation and compression put behind it. */
  readonly stem: string;
  /** `stdin`, and a `pipe`, can be read once as they come. */
  readonly kind: 'file' | 'pipe' | 'stdin';
  /** When it was written last, in milliseconds since the epoch; NaN for what is read as it comes. */
  readonly modified: number;
}

export interface Inputs {
  readonly inputs: readonly Input[];
  /** One sentence each. */
  readonly problems: readonly string[];
  /** What lies in a folder and cannot be read, while others can. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly path: string;
  readonly reason: 'folder' | 'open' | 'link';
  readonly error: unknown;
}

/**
 * A path is a file (plain, compressed, a pipe), `-` for standard input, or a folder:
 *
 *     <path>/<ns>_<pod>_<uid>/<container>/<n>.log…     a node's folder of all pods
 *     <path>/<container>/<n>.log…                      one pod's own
 *     <path>/<name>.log…                               one container's, or any logs lying side by side
 *
 * Only the named `containers` are read in the first two; undefined: those of any name. A file that is met twice is
 * read once. Whoever names a file wants that one; of a folder he wants what can be had: what cannot is left out, and an
 * archive that is damaged is read as far as it goes.
 *
 * To be called once: what comes to lie in a folder later, such as a replay's own output, is not read then.
 */
export function toInputs(
  paths: readonly string[],
  containers: readonly string[] | undefined,
  files: Files = SYSTEM_FILES,
): Inputs {
  const inputs: Input[] = [];
  const problems: string[] = [];
  const leftOut: LeftOut[] = [];
  const met = new Set<string>();

  function isMet(key: string): boolean {
    const isKnown = met.has(key);
    met.add(key);
    return isKnown;
  }

  function add(paths: readonly InputFile[]): void {
    const [first] = paths;
    if (first !== undefined) inputs.push({ pod: toPod(first.path, files), files: paths });
  }

  /** A path of the command line. */
  function take(path: string): void {
    const stat = path === '-' ? undefined : files.stat(path);
    if (path === '-') {
      if (!isMet(path)) add([{ path, stem: path, kind: 'stdin', modified: Number.NaN }]);
    } else if (stat === undefined) {
      problems.push(files.isLink(path) ? toDeadLink(path) : `${path}: there is no such file or folder`);
    } else if (stat.kind === 'folder') takeFolder(path);
    else if (!isMet(stat.key)) {
      const problem = stat.kind === 'file' ? findProblem(path, files) : undefined;
      if (problem === undefined) add([toInputFile(path, stat)]);
      else problems.push(`${path}: ${problem}`);
    }
  }

  function takeFolder(path: string): void {
    const failed = (folder: string, error: unknown): void => {
      leftOut.push({ path: folder, reason: 'folder', error });
    };
    const known = leftOut.length;
    const folders = findContainerFolders(path, { containers, failed }, files);
    const groups = [...folders, path].flatMap((folder) => toGroupsOf(folder, files));
    const found = groups.map((group) => group.flatMap(toFound));
    for (const group of found) add(group.filter(({ key }) => !isMet(key)).map(({ file }) => file));
    if (found.some((group) => group.length > 0)) return;
    const names = containers === undefined ? '' : ` of ${containers.join(', ')}`;
    const unread = leftOut.splice(known);
    if (unread.length > 0) problems.push(...unread.map(toSentence));
    else
      problems.push(
        `${path}: holds no logs${names} (wants <namespace>_<pod>_<uid>/<container>/*.log, <container>/*.log or *.log)`,
      );
  }

  /** A path in a folder: only files are logs there, as for `run`. */
  function toFound(path: string): { readonly key: string; readonly file: InputFile }[] {
    try {
      const stat = files.stat(path);
      if (stat === undefined && files.isLink(path)) leftOut.push({ path, reason: 'link', error: undefined });
      if (stat?.kind !== 'file') return [];
      if (!peek(path, files).isText) throw new Error(BINARY);
      return [{ key: stat.key, file: toInputFile(path, stat) }];
    } catch (error) {
      leftOut.push({ path, reason: 'open', error });
      return [];
    }
  }

  for (const path of paths) {
    try {
      take(path);
    } catch (error) {
      problems.push(toUnreadable(path, error));
    }
  }
  return { inputs, problems, leftOut };
}

function toInputFile(path: string, { kind, modified }: FileStat): InputFile {
  const stem = parseLogName(basename(path))?.stem ?? basename(path);
  return kind === 'file'
    ? { path, stem, kind, modified }
    : { path, stem, kind: 'pipe', modified: Number.NaN };
}

function toSentence({ path, reason, error }: LeftOut): string {
  return reason === 'link' ? toDeadLink(path) : toUnreadable(path, error);
}

function toDeadLink(path: string): string {
  return `${path}: is a symbolic link that leads nowhere`;
}

function toUnreadable(path: string, error: unknown): string {
  return `${path}: cannot be read: ${toErrorText(error)}`;
}

const BINARY = 'it holds binary data';

/** The logs of a folder: those of one stem continue each other, and so do the runs 0.log, 1.log of a container. */
function toGroupsOf(folder: string, files: Files): string[][] {
  const found = files
    .list(folder)
    .toSorted()
    .flatMap((file) => {
      const name = parseLogName(file);
      return name === undefined ? [] : [{ name, path: join(folder, file) }];
    })
    .toSorted((a, b) => compareLogNames(a.name, b.name));
  const groups = Object.groupBy(found, ({ name }) => (/^\d+\.log$/.test(name.stem) ? '' : name.stem));
  return Object.values(groups).map((group = []) => group.map(({ path }) => path));
}

/** Who wrote it, by its path or, for the links of /var/log/containers, by the path they lead to. */
function toPod(path: string, files: Files): DnsPod | undefined {
  if (path === '-') return undefined;
  return toDnsPod(dirname(path)) ?? toDnsPod(dirname(files.resolve(path)));
}

/** Throws if the file cannot be opened or read. */
function findProblem(path: string, files: Files): string | undefined {
  const found = peek(path, files);
  if (found.isDamaged) return 'is no log: its gzip compression is damaged';
  return found.isText ? undefined : `is no log: ${BINARY}`;
}

/** What the beginning of a file tells; throws if it cannot be opened or read. */
function peek(path: string, files: Files): { readonly isText: boolean; readonly isDamaged: boolean } {
  const content = openContent(path, files);
  try {
    return { isText: isText(content.head()), isDamaged: content.damage() !== undefined };
  } finally {
    content.close();
  }
}

/** Zeros at the beginning are a hole; among text neither CoreDNS nor a runtime writes any. */
function isText(head: Buffer): boolean {
  const text = head.findIndex((byte) => byte !== 0);
  return text < 0 || !head.subarray(text).includes(0);
}
