/** What the paths of a command line stand for: files in reading order, or sentences that say what is wrong. */
import { basename, dirname, join } from 'node:path';
import type { DnsPod } from '../records/line.ts';
import { toErrorText } from '../text/errors.ts';
import { openContent } from './content.ts';
import type { Files } from './files.ts';
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
}

/**
 * A path is a file (plain, compressed, a pipe), `-` for standard input, or a folder:
 *
 *     <path>/<ns>_<pod>_<uid>/<container>/<n>.log…     a node's folder of all pods
 *     <path>/<container>/<n>.log…                      one pod's own
 *     <path>/<name>.log…                               one container's, or any logs lying side by side
 *
 * Only the named `containers` are read in the first two; undefined: those of any name. A file that is met twice is
 * read once.
 */
export function toInputs(
  paths: readonly string[],
  containers: readonly string[] | undefined,
  files: Files,
): Inputs {
  const inputs: Input[] = [];
  const problems: string[] = [];
  const met = new Set<string>();

  function toFile(path: string): InputFile[] {
    const stat = path === '-' ? undefined : files.stat(path);
    const key = stat?.key ?? path;
    if (met.has(key)) return [];
    met.add(key);
    const stem = parseLogName(basename(path))?.stem ?? basename(path);
    if (stat === undefined) return [{ path, stem, kind: 'stdin', modified: Number.NaN }];
    if (stat.kind !== 'file') return [{ path, stem, kind: 'pipe', modified: Number.NaN }];
    const problem = findProblem(path, files);
    if (problem !== undefined) problems.push(problem);
    return problem === undefined ? [{ path, stem, kind: 'file', modified: stat.modified }] : [];
  }

  for (const path of paths) {
    try {
      const found = toGroups(path, containers, files);
      if (typeof found === 'string') problems.push(found);
      else {
        for (const group of found) {
          const read = group.flatMap(toFile);
          if (read.length > 0) inputs.push({ pod: toPod(group[0] ?? path, files), files: read });
        }
      }
    } catch (error) {
      problems.push(`${path}: cannot be read: ${toErrorText(error)}`);
    }
  }
  return { inputs, problems };
}

/** Paths that continue each other, group by group; or what is wrong. */
function toGroups(
  path: string,
  containers: readonly string[] | undefined,
  files: Files,
): string[][] | string {
  if (path === '-') return [['-']];
  const stat = files.stat(path);
  if (stat === undefined) {
    return files.isLink(path)
      ? `${path}: is a symbolic link that leads nowhere`
      : `${path}: there is no such file or folder`;
  }
  if (stat.kind !== 'folder') return [[path]];
  const folders = findContainerFolders(path, containers, files);
  const groups = [...folders, path].flatMap((folder) => toGroupsOf(folder, files));
  if (groups.length > 0) return groups;
  const names = containers === undefined ? '' : ` of ${containers.join(', ')}`;
  return `${path}: holds no logs${names} (wants <namespace>_<pod>_<uid>/<container>/*.log, <container>/*.log or *.log)`;
}

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

function findProblem(path: string, files: Files): string | undefined {
  try {
    const content = openContent(path, files);
    const head = content.head();
    const damage = content.damage();
    content.close();
    if (damage !== undefined) return `${path}: is no log: its gzip compression is damaged`;
    return isText(head) ? undefined : `${path}: is no log: it holds binary data`;
  } catch (error) {
    return `${path}: cannot be read: ${toErrorText(error)}`;
  }
}

/** Zeros at the beginning are a hole; among text neither CoreDNS nor a runtime writes any. */
function isText(head: Buffer): boolean {
  const text = head.findIndex((byte) => byte !== 0);
  return text < 0 || !head.subarray(text).includes(0);
}
