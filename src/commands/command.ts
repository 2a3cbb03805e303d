/** What a verb is, and all that it may touch of the world outside. */
import type { Environment } from '../config/environment.ts';
import { toPrintable } from '../text/printable.ts';

export interface World {
  readonly args: readonly string[];
  /** Without empty variables. */
  readonly env: Environment;
  /** `fd`: where it is the process's own. */
  readonly stdin: NodeJS.ReadableStream & { readonly fd?: number };
  /** For output that programs read; throws where it is known at once that it takes no more. */
  out(text: string): void;
  /** For everything else. */
  err(text: string): void;
  /** True if people look at standard error: plain text and progress instead of JSON lines. */
  readonly isTerminal: boolean;
  now(): number;
  /** Addresses of this machine, or of the pod that we are in. */
  addresses(): readonly string[];
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopped: Promise<void>;
  /** From now on what nobody caught comes here, instead of ending the process. */
  onFault(take: (error: unknown) => void): void;
}

/** A verb: its line in the help, and what it does. Resolves to the exit code: 0 done, 1 failed, 2 wrong usage. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  /** A few sentences for its own help. */
  readonly description: string;
  run(world: World): Promise<number>;
}

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Prints every problem at once; the answer to wrong usage or configuration. */
export function refuse(world: World, problems: readonly string[]): number {
  for (const problem of problems) say(world, problem);
  return EXIT.usage;
}

/** A sentence for people. What others wrote in it moves no cursor, and forges no sentence of ours. */
export function say(world: Pick<World, 'err'>, sentence: string): void {
  world.err(`corespan: ${toPrintable(sentence)}\n`);
}

/** In a pod we are a guest of the DNS server, whose readiness hangs on ours. */
export function isInPod({ env }: Pick<World, 'env'>): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined;
}
