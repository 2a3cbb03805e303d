/** Runs a command to its end: what it printed, or an error that says what was run and what it complained of. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CommandOptions {
  /** Goes to standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the command is killed. */
  readonly timeout?: number;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** undefined where a signal ended it. */
  readonly code: number | undefined;
}

/** System commands lie there, and not every shell has these folders on its path. */
export const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Never rejects because of what the command says or how it exits; only if it cannot be started. */
export async function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    env: { ...ENVIRONMENT, ...options.env },
    timeout: options.timeout ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start ${argv.join(' ')}`, { cause })));
    child.once('close', (code) => resolve(code ?? undefined));
  });
  // A command that does not read its input is free not to.
  child.stdin.on('error', () => {}).end(options.input ?? '');
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}

/** What the command printed; rejects unless it exits with 0. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await attempt(argv, options);
  if (code === 0) return stdout;
  const ending = code === undefined ? 'was killed' : `exited with ${code}`;
  throw new Error(`${argv.join(' ')} ${ending}: ${(stderr || stdout).trim().slice(0, 2000)}`);
}
