/** Runs of the real stack: each has an id that its traces on the machine carry, and an owner without whom they go. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { removeNamespaces } from './namespaces.ts';
import { CACHE_FOLDER } from './programs.ts';

export interface Run {
  /** Six hexadecimal digits. */
  readonly id: string;
  /** First part of the name of every network namespace of the run. */
  readonly prefix: string;
  /** Logs, keys, databases, pod logs. */
  readonly folder: string;
  /** For unix sockets, whose paths must be short; gone after the run. */
  readonly socketFolder: string;
}

/** Where runs made by our own tests keep their files. */
export const RUNS_FOLDER = join(CACHE_FOLDER, 'runs');
/**
 * In memory and for the whole machine, as network namespaces are: both are gone after a restart. Not under /run,
 * which a sandbox hides.
 */
const REGISTRY = '/dev/shm/corespan-realstack';

interface Owner {
  readonly pid: number;
  /** Ticks since boot; tells a process from a later one with the same id. */
  readonly started: string;
  readonly folder: string;
}

/** A folder that no other run has; not made yet, so that nobody takes it for a leftover. */
export function toRunFolder(name: string): string {
  return join(RUNS_FOLDER, `${name}-${randomBytes(4).toString('hex')}`);
}

/** Registers a run of this process, then makes its folder. */
export function claimRun(folder: string, registry = REGISTRY): Run {
  mkdirSync(registry, { recursive: true });
  const owner: Owner = { pid: process.pid, started: toStart(process.pid) ?? '', folder };
  for (;;) {
    const id = randomBytes(3).toString('hex');
    const socketFolder = join(registry, id);
    const unfinished = `${socketFolder}.${process.pid}`;
    mkdirSync(unfinished);
    writeFileSync(join(unfinished, 'owner.json'), JSON.stringify(owner));
    if (!isRenamed(unfinished, socketFolder)) continue;
    mkdirSync(folder, { recursive: true });
    return toRun(id, { registry, folder });
  }
}

/** Ends whatever still runs in the run's namespaces, and removes them. The run's files stay. */
export async function releaseRun({ prefix, socketFolder }: Run): Promise<void> {
  await removeNamespaces(prefix);
  rmSync(socketFolder, { recursive: true, force: true });
}

/** Removes what runs left behind whose owner is gone; returns their ids. */
export async function sweepDeadRuns(registry = REGISTRY): Promise<string[]> {
  const dead = listRuns(registry).filter(({ owner }) => !isAlive(owner));
  for (const { run } of dead) await releaseRun(run);
  removeUnfinished(registry);
  return dead.map(({ run }) => run.id);
}

/** Of whoever was killed while it registered a run. */
function removeUnfinished(registry: string): void {
  for (const name of listFolders(registry)) {
    const [, pid] = /^[0-9a-f]{6}\.(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && toStart(Number(pid)) === undefined)
      rmSync(join(registry, name), { recursive: true, force: true });
  }
}

/** Removes the files of our own tests' runs that are over; returns the folders. They stay until then, to be read. */
export function sweepRunFolders(): string[] {
  // By name, which no other run has: two checkouts may share one cache under different paths.
  const living = new Set(listRuns(REGISTRY).map(({ run }) => basename(run.folder)));
  const names = listFolders(RUNS_FOLDER).filter((name) => !living.has(name));
  const over = names.map((name) => join(RUNS_FOLDER, name));
  for (const folder of over) rmSync(folder, { recursive: true, force: true });
  return over;
}

function listRuns(registry: string): { readonly run: Run; readonly owner: Owner }[] {
  return listFolders(registry)
    .filter((id) => /^[0-9a-f]{6}$/.test(id))
    .flatMap((id) => {
      const owner = readOwner(join(registry, id));
      return owner === undefined ? [] : [{ run: toRun(id, { registry, folder: owner.folder }), owner }];
    });
}

function readOwner(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as Owner;
  } catch {
    // Someone else has just removed it.
    return undefined;
  }
}

function toRun(
  id: string,
  { registry, folder }: { readonly registry: string; readonly folder: string },
): Run {
  return { id, prefix: `cs${id}-`, folder, socketFolder: join(registry, id) };
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** False if the target is there already, and not empty: two runs never get one id. */
function isRenamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    rmSync(from, { recursive: true, force: true });
    if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  return toStart(pid) === started;
}

/** Field 22 of /proc/<pid>/stat; the name before it may hold blanks and parentheses. */
function toStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
