/** `npm run realstack:build [PROGRAM…]`: builds what has changed, one program at a time, and tells the times. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  CACHE_FOLDER,
  isBuilt,
  PROGRAM_NAMES,
  PROGRAMS,
  type Program,
  type ProgramName,
  toBuildFolder,
  toModuleFolder,
} from './programs.ts';

process.exitCode = buildAll(process.argv.slice(2));

function buildAll(asked: readonly string[]): number {
  const unknown = asked.filter((name) => !isProgramName(name));
  if (unknown.length > 0) {
    tell(`unknown program: ${unknown.join(', ')}; there are ${PROGRAM_NAMES.join(', ')}`);
    return 2;
  }
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (go.status !== 0) {
    tell('Go is not on the PATH: the programs are built from source, with Go 1.26 or newer');
    return 1;
  }
  tell(`building with ${go.stdout.trim()} into ${CACHE_FOLDER}`);
  const wanted = asked.length > 0 ? asked.filter(isProgramName) : PROGRAM_NAMES;
  const failed = wanted.filter((name) => !build(name));
  if (failed.length > 0) tell(`FAILED: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

function isProgramName(name: string): name is ProgramName {
  return Object.hasOwn(PROGRAMS, name);
}

function build(name: ProgramName): boolean {
  if (isBuilt(name)) {
    tell(`${name}: up to date`);
    return true;
  }
  const target = toBuildFolder(name);
  // Built beside and renamed at the end: an interrupted build never looks like a finished one.
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const [binary, source] of Object.entries(PROGRAMS[name].binaries)) {
    if (!link(name, source, join(unfinished, binary))) return false;
  }
  removeOlder(name);
  renameSync(unfinished, target);
  return true;
}

function link(name: ProgramName, source: string, output: string): boolean {
  const begin = performance.now();
  tell(`${name}: building ${source} …`);
  const { status, signal, error } = spawnSync(
    'nice',
    // -p 2: Prometheus peaks at 3.3 GB even so.
    [
      'go',
      'build',
      '-p',
      '2',
      '-trimpath',
      `-ldflags=${toLinkerFlags(PROGRAMS[name])}`,
      '-o',
      output,
      source,
    ],
    {
      cwd: toModuleFolder(name),
      stdio: ['ignore', 'inherit', 'inherit'],
      // No toolchain is fetched behind anyone's back, and static binaries run in any mount namespace.
      env: {
        ...process.env,
        GOTOOLCHAIN: 'local',
        CGO_ENABLED: '0',
        GOFLAGS: '-mod=readonly -buildvcs=false',
      },
    },
  );
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (status === 0) {
    tell(`${name}: built ${source} in ${seconds} s`);
    return true;
  }
  tell(`${name}: ${source} failed after ${seconds} s: ${error?.message ?? signal ?? `exit code ${status}`}`);
  return false;
}

function toLinkerFlags({ variables = {} }: Program): string {
  return ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}

/** Builds of the same program from other versions of its module: 150 MB each, and nobody asks for them again. */
function removeOlder(name: ProgramName): void {
  const isOfProgram = new RegExp(`^${name}-[0-9a-f]{12}(\\.unfinished)?$`);
  const current = toBuildFolder(name);
  for (const folder of readdirSync(CACHE_FOLDER).filter((folder) => isOfProgram.test(folder))) {
    const path = join(CACHE_FOLDER, folder);
    if (path !== current && path !== `${current}.unfinished`) rmSync(path, { recursive: true, force: true });
  }
}

function tell(text: string): void {
  process.stderr.write(`realstack:build  ${text}\n`);
}
