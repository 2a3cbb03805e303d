/** Reads everything that a replay was given, as fast as the endpoint takes the spans. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import type { Inputs } from '../sources/inputs.ts';
import { type ReplayOptions, readLines } from '../sources/replay.ts';
import type { World } from './command.ts';
import { createProgress } from './progress.ts';

export interface ReadAllInput {
  readonly world: World;
  readonly config: Config;
  readonly inputs: Inputs;
  readonly self: Self;
}

/** Logs that are merged finely come in runs of a line or two: a pause after each would cost more than reading. */
const LINES_A_TURN = 4_096;

/** Resolves to false if somebody said stop before the end. */
export async function readAll(input: ReadAllInput, pipeline: Pipeline): Promise<boolean> {
  const { world, inputs, self } = input;
  const progress = createProgress(world);
  let isStopped = false;
  void world.stopped.then(() => {
    isStopped = true;
  });
  let unpaused = 0;
  for await (const lines of readLines(inputs, toReplayOptions(input), self.sources)) {
    pipeline.accept(lines);
    unpaused += lines.to - lines.from;
    if (unpaused < LINES_A_TURN) continue;
    progress.lines(unpaused);
    unpaused = 0;
    self.log.tick(world.now());
    // A replay can wait for the endpoint; a running sidecar never does.
    await Promise.race([pipeline.room(), world.stopped]);
    await nextTurn();
    if (isStopped) break;
  }
  progress.end();
  return !isStopped;
}

function toReplayOptions({ world, config }: ReadAllInput): ReplayOptions {
  return {
    stdin: world.stdin,
    stopped: world.stopped,
    ...(config.from === undefined ? {} : { from: config.from }),
    ...(config.to === undefined ? {} : { to: config.to }),
  };
}
