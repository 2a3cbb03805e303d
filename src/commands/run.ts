/**
 * `corespan run`: follows the log, resolves, exports, serves; until it is told to stop.
 *
 * Inside a pod it never exits by itself: a crash loop would make the DNS pod unready and take CoreDNS out of its
 * Service. It prints what is wrong, serves it on /readyz, and idles.
 */
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import { toPage } from '../http/page.ts';
import type { Views } from '../http/server.ts';
import { createMetrics } from '../metrics/metrics.ts';
import type { Self } from '../self/self.ts';
import { createFollower, type FollowerOptions } from '../sources/follow.ts';
import { VERSION } from '../version.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Command, EXIT, refuse, type World } from './command.ts';
import { listen } from './listen.ts';
import { createPlant, createSelfOf, loadConfig } from './setup.ts';
import { startTurns, toSettled } from './turns.ts';
import { toPageText } from './views.ts';

export const run: Command = {
  summary: 'follow the log, resolve, export, serve',
  usage: 'corespan run [options]',
  description:
    'Follows the logs of the DNS pods, names both ends of every query, and serves metrics while spans go to\nthe OTLP endpoint. SIGTERM lets what is open leave within --shutdown-timeout.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('run', world);
    const wrong = [...problems, ...paths.map((path) => `${path}: run takes no path, see --log-dir`)];
    const self = createSelfOf(config, world);
    const staysAnyway = world.env['KUBERNETES_SERVICE_HOST'] !== undefined && !config.strict;
    if (wrong.length > 0) {
      return staysAnyway ? await idle({ world, config, self, staysAnyway }, wrong) : refuse(world, wrong);
    }
    return await follow({ world, config, self, staysAnyway });
  },
};

interface Run {
  readonly world: World;
  readonly config: Config;
  readonly self: Self;
  readonly staysAnyway: boolean;
}

/** Milliseconds that a query may wait for the change that names its client. */
const GRACE_MS = 3_000;
/** Milliseconds for which ended identities are kept: the kubelet keeps minutes of log. */
const RETAIN_MS = 600_000;
/** Milliseconds that reading waits for the first complete state of the cluster; the log waits in its file. */
const SYNC_TIMEOUT = 5_000;

async function follow(input: Run): Promise<number> {
  const { world, config, self, staysAnyway } = input;
  const plant = await createPlant({ config, self, env: world.env, graceMs: GRACE_MS, retainMs: RETAIN_MS });
  const { pipeline } = plant;
  const cluster = await startCluster({ config, env: world.env, self, accept: pipeline.change });
  if ('problems' in cluster && !staysAnyway) {
    await plant.stop(0);
    return refuse(world, cluster.problems);
  }
  const state: RunState = { cluster, isReading: false };
  const http = await listen(config, self.http, toViews(input, pipeline, state));
  if (http.problem !== undefined) {
    self.log.error('Nothing is served', { problem: http.problem });
    if (!staysAnyway) {
      await plant.stop(0);
      return refuse(world, [http.problem]);
    }
  }
  if (http.url !== undefined) self.log.info('Serving metrics and the page', { url: http.url });
  const follower = createFollower(toFollowerOptions(input), self.sources);
  await tellStart(input, state);
  const turns = startTurns({ pipeline, follower, self, now: world.now });
  state.isReading = true;
  await world.stopped;
  turns.stop();
  pipeline.finish();
  await plant.stop(config.shutdownTimeout);
  follower.save(toSettled(pipeline));
  follower.stop();
  if (!('problems' in cluster)) cluster.stop();
  await http.stop();
  return EXIT.done;
}

/** What /readyz tells. */
interface RunState {
  readonly cluster: Cluster | { readonly problems: readonly string[] };
  isReading: boolean;
}

/** Nothing can work; say so wherever somebody looks, and harm nobody. */
async function idle({ world, config, self }: Run, problems: readonly string[]): Promise<number> {
  self.registry.cell('corespan_config_problems').value = problems.length;
  for (const problem of problems)
    self.log.error('The configuration is wrong, corespan does nothing', { problem });
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 1 }, self.registry, self.metrics);
  const http = await listen(config, self.http, {
    metrics: (format) => metrics.render(format, world.now()),
    waitingFor: () => problems,
    page: () => toPage({ version: VERSION, source: 'nothing', edges: [], ledger: [], waitingFor: problems }),
  });
  if (http.url !== undefined) self.log.info('Serving the problems', { url: http.url });
  await world.stopped;
  await http.stop();
  return EXIT.done;
}

async function tellStart({ config, self }: Run, { cluster }: RunState): Promise<void> {
  self.log.info('Following the log', { source: config.source, dir: config.logDir });
  if ('problems' in cluster) {
    for (const problem of cluster.problems) self.log.error('Clients stay unnamed', { problem });
    return;
  }
  if (await cluster.synced(SYNC_TIMEOUT)) return;
  self.log.warn('The cluster is not complete yet, reading begins without', {
    waitingFor: cluster.waitingFor().join(', '),
  });
}

function toViews({ world, config, self }: Run, pipeline: Pipeline, state: RunState): Views {
  const waitingFor = (): string[] => [
    ...('problems' in state.cluster ? state.cluster.problems : state.cluster.waitingFor()),
    ...(state.isReading ? [] : ['the first look at the log']),
  ];
  return {
    metrics: (format) => pipeline.metrics.render(format, world.now()),
    waitingFor,
    page: () =>
      toPageText({ pipeline, registry: self.registry, source: config.logDir, waitingFor: waitingFor() }),
  };
}

function toFollowerOptions({ world, config }: Run): FollowerOptions {
  return {
    dir: config.logDir,
    containers: config.containers,
    checkpoint: config.checkpoint,
    now: world.now,
  };
}
