/** Runs corespan as its users do: as a process of its own. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly cwd?: string;
}

const BIN = resolve('bin/corespan.js');

/** Nothing of the surroundings leaks in: no cluster, no endpoint, no options of whoever runs the tests. */
function cleanEnvironment(env: RunOptions['env']): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...env };
}

export function startCorespan(args: readonly string[], options: RunOptions = {}) {
  return spawn(process.execPath, [BIN, ...args], { cwd: options.cwd, env: cleanEnvironment(options.env) });
}

export function runCorespan(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = startCorespan(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return new Promise((done, reject) => {
    child.on('error', reject);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
