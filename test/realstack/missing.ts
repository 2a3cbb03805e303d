/** What this machine lacks for checks against the real stack, in words that say how to get it. */
import { spawnSync } from 'node:child_process';
import { isCommand, isInstalled, type PackageName } from './packages.ts';
import { isBuilt, type ProgramName } from './programs.ts';

export interface Needs {
  readonly programs: readonly ProgramName[];
  readonly packages: readonly PackageName[];
}

const NO_ROOT = 'root on Linux';
const NO_NAMESPACES = 'the right to make network namespaces';

/** What to do about what is missing. */
export function toAdvice(missing: readonly string[]): string {
  if (missing.includes(NO_ROOT)) return 'run this as root, on a Linux machine or in a virtual one';
  if (missing.includes(NO_NAMESPACES)) return 'run this outside a container, or in one with CAP_SYS_ADMIN';
  return 'run npm run realstack:setup && npm run realstack:build';
}

/** Empty if the checks can run. */
export function findMissing({ programs, packages }: Needs): string[] {
  // Nothing of the rest could be had then.
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [NO_ROOT];
  // Where the command is missing its package is, which can be had.
  if (isCommand('unshare') && !canMakeNamespaces()) return [NO_NAMESPACES];
  return [
    ...packages.filter((name) => !isInstalled(name)),
    ...programs.filter((name) => !isBuilt(name)).map((name) => `the program ${name}`),
  ];
}

/** A container's root may not be allowed to. */
function canMakeNamespaces(): boolean {
  return spawnSync('unshare', ['--net', '--mount', 'true']).status === 0;
}
