/** What others do with the same file: whole processes, from start to end. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tally } from './tally.ts';

export interface Rival {
  readonly says: string;
  /** The command on the path that has to be there, and the Debian package that brings it. */
  readonly needs: { readonly command: string; readonly package: string };
  readonly argv: (folder: string, log: string) => readonly string[];
  /** What it counted, where it can tell. */
  readonly read?: (stdout: string) => Tally;
}

const PROGRAMS = join(import.meta.dirname, 'rivals');

/** `folder` is where `prepareRivals` has put what they need. */
export const RIVALS = {
  c: {
    says: 'C, the same counts (floor)',
    needs: { command: 'cc', package: 'gcc' },
    argv: (folder, log) => [join(folder, 'reference'), log],
    read: (stdout) => JSON.parse(stdout) as Tally,
  },
  wc: {
    says: 'wc -l (reading alone)',
    needs: { command: 'wc', package: 'coreutils' },
    argv: (_, log) => ['wc', '-l', log],
  },
  mawk: {
    says: 'mawk, client, name, code, buckets',
    needs: { command: 'mawk', package: 'mawk' },
    argv: (_, log) => ['mawk', '-f', join(PROGRAMS, 'same.awk'), log],
    read: readAwk,
  },
  gawk: {
    says: 'gawk, the same program',
    needs: { command: 'gawk', package: 'gawk' },
    argv: (_, log) => ['gawk', '-f', join(PROGRAMS, 'same.awk'), log],
    read: readAwk,
  },
  mtail: {
    says: 'mtail, client, name, code, buckets',
    needs: { command: 'mtail', package: 'mtail' },
    argv: (folder, log) => ['mtail', '--one_shot', '--progs', join(folder, 'same'), '--logs', log],
  },
  mtailMinimal: {
    says: 'mtail, type and code, one histogram',
    needs: { command: 'mtail', package: 'mtail' },
    argv: (folder, log) => ['mtail', '--one_shot', '--progs', join(folder, 'minimal'), '--logs', log],
  },
} as const satisfies Record<string, Rival>;

export type RivalName = keyof typeof RIVALS;

/** Compiles the reference and lays out mtail's programs in `folder`. */
export function prepareRivals(folder: string): void {
  execFileSync('cc', [
    '-O2',
    '-march=native',
    '-o',
    join(folder, 'reference'),
    join(PROGRAMS, 'reference.c'),
  ]);
  for (const name of ['same', 'minimal']) {
    mkdirSync(join(folder, name));
    copyFileSync(join(PROGRAMS, `${name}.mtail`), join(folder, name, `${name}.mtail`));
  }
}

export interface Run {
  /** CPU seconds, start-up included. */
  readonly whole: number;
  /** Largest resident set, in bytes. */
  readonly memory: number;
  readonly tally: Tally | undefined;
}

/** Runs a rival once; its output is thrown away unless it tells counts. Throws if it fails. */
export function runRival(rival: Rival, folder: string, log: string): Run {
  const measure = ['-f', '%U %S %M', '--', ...rival.argv(folder, log)];
  const { status, stdout, stderr, error } = spawnSync('time', measure, {
    env: { ...process.env, LC_ALL: 'C' },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', rival.read === undefined ? 'ignore' : 'pipe', 'pipe'],
  });
  if (error !== undefined) throw new Error(`${rival.says}: cannot be run`, { cause: error });
  const figures = /([\d.]+) ([\d.]+) (\d+)\s*$/.exec(stderr);
  if (status !== 0 || figures === null)
    throw new Error(`${rival.says}: ended with ${status}: ${stderr.slice(-500)}`);
  const [, user, system, kibibytes] = figures.map(Number);
  return {
    whole: (user ?? 0) + (system ?? 0),
    memory: (kibibytes ?? 0) * 1024,
    tally: rival.read?.(stdout),
  };
}

function readAwk(stdout: string): Tally {
  const rcodes: Record<string, number> = {};
  let [queries, notices] = [0, 0];
  for (const line of stdout.trim().split('\n')) {
    const total = /^total (\d+) other (\d+)$/.exec(line);
    if (total !== null) [queries, notices] = [Number(total[1]), Number(total[2])];
    else rcodes[line.split(' ')[0] ?? ''] = Number(line.split(' ')[1]);
  }
  return { queries, notices, rcodes };
}
