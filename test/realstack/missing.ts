/** What this machine lacks for checks against the real stack, in words that say how to get it. */
import { spawnSync } from 'node:child_process';
import { isInstalled, type PackageName } from './packages.ts';
import { isBuilt, type ProgramName } from './programs.ts';

export interface Needs {
  readonly programs: readonly ProgramName[];
  readonly packages: readonly PackageName[];
}

export const HOW_TO_GET = 'run npm run realstack:setup && npm run realstack:build';

/** Empty if the checks can run. */
export function findMissing({ programs, packages }: Needs): string[] {
  // Nothing of the rest could be had then.
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return ['root on Linux'];
  if (!canMakeNamespaces()) return ['the right to make network namespaces'];
  return [
    ...packages.filter((name) => !isInstalled(name)),
    ...programs.filter((name) => !isBuilt(name)).map((name) => `the program ${name}`),
  ];
}

/** A container's root may not be allowed to. */
function canMakeNamespaces(): boolean {
  return spawnSync('unshare', ['--net', '--mount', 'true']).status === 0;
}
