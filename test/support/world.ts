/** A world for a verb that runs inside the test: its input, its clock and its end belong to the test. */
import { PassThrough } from 'node:stream';
import type { World } from '../../src/commands/command.ts';

export interface TestWorld extends World {
  readonly stdin: PassThrough;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when standard output or error matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** As SIGTERM does. */
  stop(): void;
  /** As an error does that nobody caught. */
  fault(error: unknown): void;
}

export function createTestWorld(args: readonly string[], given: Partial<World> = {}): TestWorld {
  const stopped = Promise.withResolvers<void>();
  const looks = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  let takeFault: (error: unknown) => void = (error) => {
    throw error;
  };
  const tell = (): void => {
    for (const look of looks) look();
  };
  return {
    args,
    env: {},
    stdin: new PassThrough(),
    out(text) {
      stdout += text;
      tell();
    },
    err(text) {
      stderr += text;
      tell();
    },
    isTerminal: false,
    now: Date.now,
    addresses: () => [],
    stopped: stopped.promise,
    onFault(take) {
      takeFault = take;
    },
    stdout: () => stdout,
    stderr: () => stderr,
    says: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (match === null) return;
          looks.delete(look);
          resolve(match);
        };
        looks.add(look);
        look();
      }),
    stop: () => stopped.resolve(),
    fault: (error) => takeFault(error),
    ...given,
  } as TestWorld;
}
