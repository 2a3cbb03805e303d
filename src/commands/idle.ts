/** Nothing can work: says so wherever somebody looks, and harms nobody. */
import type { Config } from '../config/load.ts';
import { toPage } from '../http/page.ts';
import { createMetrics } from '../metrics/metrics.ts';
import type { Self } from '../self/self.ts';
import { VERSION } from '../version.ts';
import { EXIT, type World } from './command.ts';
import { listen } from './listen.ts';

export interface Idle {
  readonly world: World;
  /** `listen` is the default where what was given is wrong. */
  readonly config: Pick<Config, 'listen'>;
  readonly self: Self;
}

/** Serves the problems until somebody says stop. */
export async function idle({ world, config, self }: Idle, problems: readonly string[]): Promise<number> {
  self.registry.cell('corespan_config_problems').value = problems.length;
  for (const problem of problems) self.log.error('corespan does nothing until it is restarted', { problem });
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 1 }, self.registry, self.metrics);
  const http = await listen(config, self.http, {
    metrics: (format, scraper) => metrics.render(format, world.now(), scraper),
    waitingFor: () => problems,
    page: () => toPage({ version: VERSION, source: 'nothing', edges: [], ledger: [], waitingFor: problems }),
  });
  if (http.url !== undefined) self.log.info('Serving the problems', { url: http.url });
  if (http.problem !== undefined) self.log.error('Nothing is served', { problem: http.problem });
  await world.stopped;
  await http.stop();
  return EXIT.done;
}
