/** Long-running processes of a run: they die with the test, whatever ends it, and are ended by their own id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ENVIRONMENT } from './commands.ts';

export interface Ending {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  isRunning(): boolean;
  /** Asks it to end, and kills it after the grace (milliseconds). Idempotent. */
  stop(grace?: number): Promise<Ending>;
}

export interface StartOptions {
  readonly name: string;
  /** What it says on stderr, and on stdout unless `onOutput` takes that, is appended here. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes standard output. */
  readonly onOutput?: (chunk: string) => void;
}

/**
 * The kernel kills the process when the thread that started it ends, a SIGKILL of the test included. That holds
 * for the process itself, not for its children: what is started here must not fork, or must look after them.
 */
export function start(argv: readonly string[], options: StartOptions): Running {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
    stdio: ['pipe', options.onOutput ? 'pipe' : log, log],
    env: { ...ENVIRONMENT, ...options.env },
  });
  closeSync(log);
  if (options.onOutput) child.stdout?.setEncoding('utf8').on('data', options.onOutput);
  // It may end before it has read what it was told.
  child.stdin?.on('error', () => {});

  let ending: Ending | undefined;
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', () => resolve({ code: undefined, signal: undefined }));
    // Not 'exit': the last output has been read by now.
    child.once('close', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  }).then((how) => {
    ending = how;
    return how;
  });

  async function stop(grace = 5000): Promise<Ending> {
    if (ending !== undefined) return ending;
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), grace);
    try {
      return await ended;
    } finally {
      clearTimeout(deadline);
    }
  }

  return {
    name: options.name,
    pid: child.pid ?? 0,
    child,
    ended,
    isRunning: () => ending === undefined,
    stop,
  };
}

/** The promise's value, or an error with the end of the log if the process ends before. */
export async function whileRunning<T>(
  { name, ended }: Running,
  { logFile, promise }: { readonly logFile: string; readonly promise: Promise<T> },
): Promise<T> {
  const failed = ended.then(({ code, signal }) => {
    const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n');
    throw new Error(`${name} ended with ${signal ?? code} before it was ready; ${logFile}:\n${said}`);
  });
  return await Promise.race([promise, failed]);
}
