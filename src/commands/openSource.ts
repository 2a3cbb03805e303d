/** Opens what `run` reads from, as --source says. */
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import { createFollower } from '../sources/follow.ts';
import type { Source } from '../sources/source.ts';
import { createStdinSource } from '../sources/stdin.ts';
import type { World } from './command.ts';

export function openSource(config: Config, world: World, self: Self): Source {
  switch (config.source) {
    case 'volume': {
      const { logDir: dir, containers, checkpoint } = config;
      return createFollower({ dir, containers, checkpoint, now: world.now }, self.sources);
    }
    case 'stdin':
      return createStdinSource({ stdin: world.stdin, now: world.now }, self.sources);
    default:
      return config.source satisfies never;
  }
}

/** What is read, as the start and the page say it. */
export function describeSource({ source, logDir }: Config): string {
  switch (source) {
    case 'volume':
      return logDir;
    case 'stdin':
      return 'standard input';
    default:
      return source satisfies never;
  }
}
