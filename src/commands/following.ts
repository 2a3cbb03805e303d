/** Follows a source with everything that goes with it: cluster, pipeline, HTTP; until the end or a signal. */
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Views } from '../http/server.ts';
import type { Self } from '../self/self.ts';
import type { Source } from '../sources/source.ts';
import type { Cluster } from './cluster.ts';
import { EXIT, refuse, type World } from './command.ts';
import type { Faults } from './faults.ts';
import { type Listening, listen } from './listen.ts';
import { describeSource, type OpenSource } from './openSource.ts';
import { toOwnQuestions } from './ownQuestions.ts';
import { createScrapes, type Scrapes } from './scrapes.ts';
import { type StartedPipeline, startPipeline } from './startPipeline.ts';
import { startTurns, type Turns, toUnsettled } from './turns.ts';
import { toPageText } from './views.ts';

export interface Following {
  readonly world: World;
  readonly config: Config;
  readonly self: Self;
  readonly faults: Faults;
  readonly cluster: Cluster;
  readonly openSource: OpenSource;
  /** True inside a pod: what does not work is left out, instead of ending the process. */
  readonly staysAnyway: boolean;
}

/** Milliseconds that a query may wait for the change that names its client. */
const GRACE_MS = 3_000;
/** Milliseconds for which ended identities are kept: the kubelet keeps minutes of log. */
const RETAIN_MS = 600_000;
/** Milliseconds that reading waits for the first complete state of the cluster; the log waits in its file. */
const SYNC_TIMEOUT = 5_000;
/** Of the time for shutting down: what is not read stays in its log, spans have nowhere to stay. */
const READING_SHARE = 0.5;

/** Resolves to the exit code. */
export async function follow(input: Following): Promise<number> {
  const { world, config, self, cluster, staysAnyway } = input;
  // Whoever goes on without a cluster has something to mend all the same.
  self.registry.cell('corespan_config_problems').value = cluster.problems.length;
  const started = await startPipeline({
    config,
    self,
    env: world.env,
    cluster,
    own: toOwnQuestions(config, world),
    graceMs: cluster.isLive ? GRACE_MS : 0,
    retainMs: RETAIN_MS,
    readerWaits: false,
  });
  const state: RunState = {
    scrapes: createScrapes(),
    source: undefined,
    turns: undefined,
  };
  const http = await listen(config, self.http, toViews(input, started.pipeline, state));
  try {
    if (http.problem !== undefined && !staysAnyway) {
      await started.stop(0);
      return refuse(world, [http.problem]);
    }
    tellListening(input, http);
    await read(input, started, state);
    return EXIT.done;
  } finally {
    cluster.stop();
    await http.stop();
  }
}

/** What the reader and the HTTP side know of each other. */
interface RunState {
  readonly scrapes: Scrapes;
  /** Undefined until it is read. */
  source: Source | undefined;
  turns: Turns | undefined;
}

function tellListening({ self }: Following, { url, problem }: Listening): void {
  if (url !== undefined) self.log.info('Serving metrics and the page', { url });
  if (problem !== undefined) self.log.error('Nothing is served', { problem });
}

/** Reads until somebody says stop, or the input ends; then lets out what is there. */
async function read(input: Following, { pipeline, stop }: StartedPipeline, state: RunState): Promise<void> {
  const { world, config, self, faults } = input;
  const source = input.openSource(self);
  const isStopped = world.stopped.then(() => 'stopped' as const);
  if ((await Promise.race([untilSynced(input), isStopped])) === 'stopped') {
    // Nothing was read: the log waits in its file for whoever comes next.
    source.stop();
    await stop(0);
    return;
  }
  const turns = startTurns({
    pipeline,
    source,
    self,
    faults,
    now: world.now,
    isScraped: state.scrapes.isUnderWay,
  });
  state.source = source;
  state.turns = turns;
  await Promise.race([world.stopped, turns.ended.then(() => endOfInput(input, pipeline))]);
  const deadline = performance.now() + config.shutdownTimeout;
  await turns.stop(config.shutdownTimeout * READING_SHARE);
  pipeline.finish();
  await stop(Math.max(0, deadline - performance.now()));
  source.save(toUnsettled(pipeline));
  source.stop();
  // What was only counted lately is said now.
  self.log.tick(Infinity);
}

/** Until the watch has told everything, or took too long. */
async function untilSynced({ config, self, cluster }: Following): Promise<void> {
  self.log.info('Following the log', { source: describeSource(config) });
  for (const problem of cluster.problems) self.log.error('Clients stay unnamed', { problem });
  if (await cluster.synced(SYNC_TIMEOUT)) return;
  self.log.warn('The cluster is not complete yet, reading begins without', {
    waitingFor: cluster.waitingFor().join(', '),
  });
}

/** Closes and sends what is there. Inside a pod the metrics go on being served, until somebody says stop. */
async function endOfInput({ world, self, staysAnyway }: Following, pipeline: Pipeline): Promise<void> {
  pipeline.finish();
  self.log.info('The input has ended: what is open is closed and sent');
  if (staysAnyway) await world.stopped;
}

function toViews({ world, config, self, cluster }: Following, pipeline: Pipeline, state: RunState): Views {
  const waitingFor = (): string[] => {
    const { source } = state;
    const log = source === undefined ? 'the first look at the log' : source.waitingFor?.();
    return [...cluster.waitingFor(), ...(log === undefined ? [] : [log])];
  };
  return {
    metrics(format, scraper) {
      state.turns?.look();
      return state.scrapes.watch(pipeline.metrics.render(format, world.now(), scraper));
    },
    waitingFor,
    page: () =>
      toPageText({
        pipeline,
        registry: self.registry,
        source: describeSource(config),
        waitingFor: waitingFor(),
        hasCluster: config.cluster !== 'none',
      }),
  };
}
