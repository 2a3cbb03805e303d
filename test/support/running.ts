/** A running corespan: a process that can be waited for, asked over HTTP and told to stop. */
import type { ChildProcess } from 'node:child_process';
import { startCorespan } from './cli.ts';

export interface Running {
  readonly child: ChildProcess;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout or stderr matches; rejects if the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
}

export function startRunning(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = startCorespan(args, { env });
  const waiting: (() => void)[] = [];
  let stdout = '';
  let stderr = '';
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
    for (const look of waiting) look();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
    for (const look of waiting) look();
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (match !== null) resolve(match);
        };
        waiting.push(look);
        look();
        void ended.then((code) =>
          reject(new Error(`ended with ${code} before ${pattern}: ${stdout}${stderr}`)),
        );
      }),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
