/** A process of a benchmark: it says when it is ready, answers questions, and ends when we do. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Reply } from './answering.ts';

export interface Child<Ready> {
  readonly pid: number;
  /** What it said first. */
  readonly ready: Ready;
  /** Rejects if the process ends before it has answered. */
  ask<Answer>(question: string, argument?: unknown): Promise<Answer>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and SIGKILL after half a minute. Idempotent. */
  stop(): Promise<number | null>;
}

export interface ChildOptions {
  /** Beyond PATH; nothing of the surroundings leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it writes; default: our own stderr. */
  readonly said?: (text: string) => void;
}

const GRACE = 30_000;

/** `argv` without Node itself. Resolves to the process once it has said that it is ready. */
export async function startChild<Ready>(
  argv: readonly string[],
  options: ChildOptions = {},
): Promise<Child<Ready>> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, argv, {
    env: { PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = options.said ?? ((text: string) => void process.stderr.write(text));
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', said);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const ask = createQuestions(child, { name: argv.join(' '), ended });
  return {
    pid: child.pid ?? 0,
    ready: await ask<Ready>('ready'),
    ask,
    ended,
    stop: () => stop(child, ended),
  };
}

/** One of our own scripts, which may be TypeScript. */
export function startScript<Ready>(path: string, argument: unknown): Promise<Child<Ready>> {
  return startChild<Ready>(['--disable-warning=ExperimentalWarning', path, JSON.stringify(argument)]);
}

function createQuestions(
  child: ChildProcess,
  { name, ended }: { readonly name: string; readonly ended: Promise<number | null> },
): Child<unknown>['ask'] {
  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on('message', ({ id, answer, failed }: Reply) => {
    const question = waiting.get(id);
    waiting.delete(id);
    if (failed === undefined) question?.resolve(answer);
    else question?.reject(new Error(`${name}: ${failed}`));
  });
  void ended.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code}`));
  });
  return <Answer>(question: string, argument?: unknown) => {
    const answered = Promise.withResolvers<unknown>();
    const id = asked++;
    waiting.set(id, answered);
    child.send({ id, question, argument }, (error) => {
      if (error !== null) answered.reject(new Error(`${name} cannot be asked`, { cause: error }));
    });
    return answered.promise as Promise<Answer>;
  };
}

async function stop(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), GRACE);
  try {
    return await ended;
  } finally {
    clearTimeout(deadline);
  }
}
