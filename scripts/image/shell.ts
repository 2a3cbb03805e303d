/** Runs a program to its end; what it says goes where ours goes, unless its output is wanted. */
import { spawnSync } from 'node:child_process';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Throws unless it exits with 0. */
export function run(argv: readonly string[], { env = {} }: RunOptions = {}): void {
  execute(argv, { env, stdout: 'inherit' });
}

/** What it printed, without the last line end. */
export function capture(argv: readonly string[], { env = {} }: RunOptions = {}): string {
  return execute(argv, { env, stdout: 'pipe' }).trimEnd();
}

function execute(
  [program = '', ...args]: readonly string[],
  { env, stdout }: { readonly env: Readonly<Record<string, string>>; readonly stdout: 'inherit' | 'pipe' },
): string {
  const {
    status,
    error,
    stdout: printed,
  } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw new Error(`${program} cannot be started`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}`);
  return printed ?? '';
}
