/**
 * `corespan run`: follows the log, resolves, exports, serves; until it is told to stop.
 *
 * Inside a pod it never exits by itself: a crash loop would make the DNS pod unready and take CoreDNS out of its
 * Service. It prints what is wrong, serves it on /readyz, and idles.
 */
import { toErrorText } from '../text/errors.ts';
import { type Command, isInPod, refuse } from './command.ts';
import { loadConfig } from './configuration.ts';
import { createFaults } from './faults.ts';
import { follow } from './following.ts';
import { idle } from './idle.ts';
import { createOwnSelf } from './ownSelf.ts';
import { prepare } from './prepare.ts';

export const run: Command = {
  summary: 'follow the log, resolve, export, serve',
  usage: 'corespan run [options]',
  description:
    'Follows the logs of the DNS pods, names both ends of every query, and serves metrics while spans go to\nthe OTLP endpoint. SIGTERM lets what is open leave within --shutdown-timeout, and ends it with 0. So does\nthe end of the input with --source stdin, unless inside a pod: there the metrics go on being served.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('run', world);
    const wrong = [...problems, ...paths.map((path) => `${path}: run takes no path, see --log-dir`)];
    const self = createOwnSelf(config, world);
    const faults = createFaults(self);
    const staysAnyway = isInPod(world) && !config.strict;
    if (isInPod(world)) world.onFault(faults);
    try {
      const onlyNamed = wrong.length > 0;
      const prepared = await prepare({ config, world, self, staysAnyway, onlyNamed });
      const { openSource, cluster } = prepared;
      wrong.push(...prepared.mistakes);
      if (wrong.length === 0 && openSource !== undefined) {
        return await follow({ world, config, self, faults, cluster, openSource, staysAnyway });
      }
      cluster.stop();
      return staysAnyway ? await idle({ world, config, self }, wrong) : refuse(world, wrong);
    } catch (error) {
      if (!staysAnyway) throw error;
      faults(error);
      return await idle({ world, config, self }, [...wrong, `corespan failed: ${toErrorText(error)}`]);
    }
  },
};
