/** Is the log of a DNS server there, and may it be read? */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DnsPod } from './cluster.ts';
import type { Finding } from './rules.ts';

/** `dir` is the node's folder of all pods, or one pod's own, as for `corespan run`. */
export function examineLog(dir: string, containers: readonly string[]): Finding[] {
  const looked = `no folder of ${containers.join(', ')} below it`;
  try {
    const folders = findFolders(dir, containers);
    if (folders.length === 0) return [{ rule: 'log-missing', where: dir, message: looked, fix: FIX.missing }];
    return folders.flatMap(examineFolder);
  } catch (error) {
    return [toFailure(dir, error)];
  }
}

/**
 * True of a node's folder of all pods, where none of these has logs: each has a folder `namespace_name_uid`. Beside
 * DNS the folder is the pod's own, in which a log has to be.
 */
export function isWithoutDnsPod(dir: string, pods: readonly Pick<DnsPod, 'metadata'>[]): boolean {
  const folders = existsSync(dir) ? readdirSync(dir).filter((name) => name.includes('_')) : [];
  const prefixes = pods.map(({ metadata: { namespace, name } }) => `${namespace}_${name}_`);
  const isThere = folders.some((folder) => prefixes.some((prefix) => folder.startsWith(prefix)));
  return folders.length > 0 && prefixes.length > 0 && !isThere;
}

const FIX = {
  missing: 'mount the log volume (manifests/components), or name it with --log-dir and --containers',
  unreadable:
    'corespan runs as user 65532, group 0; where the kubelet keeps logs for root alone, set runAsUser: 0 and runAsNonRoot: false',
};

function findFolders(dir: string, containers: readonly string[]): string[] {
  return readdirSync(dir).flatMap((name) => {
    if (containers.includes(name)) return [join(dir, name)];
    if (!name.includes('_')) return [];
    const inside = readFolder(join(dir, name));
    return inside.filter((one) => containers.includes(one)).map((one) => join(dir, name, one));
  });
}

/** Of a file, or of a folder that has just gone, nothing. */
function readFolder(path: string): readonly string[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
}

function examineFolder(folder: string): Finding[] {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  if (logs.length === 0) return [{ rule: 'log-missing', where: folder, message: 'there is no *.log in it' }];
  const paths = logs.map((name) => join(folder, name));
  const unreadable = paths.flatMap((path): Finding[] => {
    try {
      accessSync(path, constants.R_OK);
      return [];
    } catch (error) {
      return [toFailure(path, error)];
    }
  });
  if (unreadable.length > 0) return unreadable;
  const isEmpty = paths.every((path) => statSync(path).size === 0);
  return isEmpty ? [{ rule: 'log-empty', where: folder, message: 'its logs hold nothing' }] : [];
}

function toFailure(where: string, error: unknown): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
  const rule = code === 'ENOENT' || code === 'ENOTDIR' ? 'log-missing' : 'log-unreadable';
  return {
    rule,
    where,
    message: `cannot be read (${code})`,
    fix: rule === 'log-missing' ? FIX.missing : FIX.unreadable,
  };
}
