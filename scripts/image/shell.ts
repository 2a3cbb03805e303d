/** Runs a program to its end; what it says goes where ours goes, unless its output is wanted. */
import { spawnSync } from 'node:child_process';

/** Throws unless it exits with 0. */
export function run(argv: readonly string[]): void {
  execute(argv, 'inherit');
}

/** What it printed, without the last line end. */
export function capture(argv: readonly string[]): string {
  return execute(argv, 'pipe').trimEnd();
}

function execute([program = '', ...args]: readonly string[], output: 'inherit' | 'pipe'): string {
  const { status, error, stdout } = spawnSync(program, args, {
    stdio: ['ignore', output, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw new Error(`${program} cannot be started`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}`);
  return stdout ?? '';
}
