/** What corespan says of itself, as loud as the configuration wants it and where people or programs look. */
import type { Config } from '../config/load.ts';
import { createLog } from '../self/log.ts';
import { observeProcess } from '../self/process.ts';
import { createSelf, type Self } from '../self/self.ts';
import { VERSION } from '../version.ts';
import type { World } from './command.ts';

export function createOwnSelf(config: Config, world: World): Self {
  const log = createLog({
    level: config.logLevel,
    isTerminal: world.isTerminal,
    write: (text) => world.err(text),
    now: () => world.now(),
  });
  const self = createSelf(log);
  self.registry.cell('corespan_build_info', VERSION, world.env['CORESPAN_REVISION'] ?? '').value = 1;
  observeProcess(self.registry);
  return self;
}
