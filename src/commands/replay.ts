/** `corespan replay`: reads logs to the end through the same pipeline, with the log's own clock, and sums up. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import { checkPaths, readLines } from '../sources/replay.ts';
import { createFileSink } from '../spans/file.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Command, EXIT, refuse, type World } from './command.ts';
import { createOutputs, type Outputs } from './outputs.ts';
import { createProgress } from './progress.ts';
import { createPlant, createSelfOf, loadConfig, type Plant } from './setup.ts';
import { toSummary, toSummaryText } from './summary.ts';

export const replay: Command = {
  summary: 'read logs to the end and sum up',
  usage: 'corespan replay [options] PATH…',
  description:
    'Reads files, folders laid out like /var/log/pods, or - (standard input) to the end, with the log as its own\nclock: lines of different files are merged by time. Then prints what was read and who asked for whom.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('replay', world);
    const outputs = createOutputs(world);
    const wrong = [...problems, ...checkInputs(paths, config), ...openOutputs(config, outputs)];
    try {
      if (wrong.length > 0) return refuse(world, wrong);
      return await play({ world, config, paths, outputs, self: createSelfOf(config, world) });
    } finally {
      outputs.close();
    }
  },
};

interface Play {
  readonly world: World;
  readonly config: Config;
  readonly paths: readonly string[];
  readonly outputs: Outputs;
  readonly self: Self;
}

/** Logs that are merged finely come in runs of a line or two: a pause after each would cost more than reading. */
const LINES_A_TURN = 4_096;
/** Milliseconds for which a replay with a live cluster waits for the complete state. */
const SYNC_TIMEOUT = 30_000;
/** A live cluster tells only the present: identities that ended meanwhile are of no use for old lines. */
const RETAIN_MS = 3_600_000;

async function play(input: Play): Promise<number> {
  const { world, config, self, outputs } = input;
  const started = performance.now();
  const isRecorded = config.cluster !== 'auto' && config.cluster !== 'none';
  const plant = await createPlant({
    config,
    self,
    env: world.env,
    ...(config.spansOut === undefined ? {} : { sink: createFileSink(outputs.writer(config.spansOut)) }),
    graceMs: 0,
    retainMs: isRecorded ? Infinity : RETAIN_MS,
  });
  const { pipeline } = plant;
  const cluster = await startCluster({ config, env: world.env, self, accept: pipeline.change });
  if ('problems' in cluster && !goesOnWithout(config, self, cluster.problems)) {
    await plant.stop(0);
    return refuse(world, cluster.problems);
  }
  try {
    if (!('problems' in cluster)) await waitForCluster(cluster, self);
    await readAll(input, plant);
    if (config.metricsOut !== undefined)
      await writeMetrics(pipeline, outputs.writer(config.metricsOut), world);
  } catch (error) {
    world.err(`corespan: the replay failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  } finally {
    if (!('problems' in cluster)) cluster.stop();
  }
  tellSummary(input, pipeline, (performance.now() - started) / 1e3);
  return EXIT.done;
}

/** Nobody asked for a certain cluster: a log can be replayed without one, its clients stay unnamed. */
function goesOnWithout(config: Config, self: Self, problems: readonly string[]): boolean {
  const isAsked =
    config.cluster !== 'auto' || config.kubeconfig !== undefined || config.context !== undefined;
  if (isAsked) return false;
  self.log.warn('Without a cluster clients stay unnamed', { problem: problems.join('; ') });
  return true;
}

async function waitForCluster(cluster: Cluster, self: Self): Promise<void> {
  if (await cluster.synced(SYNC_TIMEOUT)) return;
  self.log.warn('The cluster is not complete yet, some clients stay unnamed', {
    waitingFor: cluster.waitingFor().join(', '),
  });
}

async function readAll({ world, config, paths, self }: Play, plant: Plant): Promise<void> {
  const { pipeline } = plant;
  const progress = createProgress(world);
  let unpaused = 0;
  for await (const lines of readLines(paths, toReadOptions(config, world), self.sources)) {
    pipeline.accept(lines);
    unpaused += lines.to - lines.from;
    if (unpaused < LINES_A_TURN) continue;
    progress.lines(unpaused);
    unpaused = 0;
    // A replay can wait for the endpoint; a running sidecar never does.
    await pipeline.room();
    await nextTurn();
  }
  progress.end();
  pipeline.finish();
  await plant.stop(config.shutdownTimeout);
}

function toReadOptions(config: Config, world: World): Parameters<typeof readLines>[1] {
  return {
    containers: config.containers,
    stdin: world.stdin,
    ...(config.from === undefined ? {} : { from: config.from }),
    ...(config.to === undefined ? {} : { to: config.to }),
  };
}

/** Everything at its full value: nobody will scrape again. */
async function writeMetrics(pipeline: Pipeline, write: (text: string) => void, world: World): Promise<void> {
  pipeline.metrics.showAll();
  for await (const piece of pipeline.metrics.render('text', world.now())) write(piece);
}

/** With `-` standard output belongs to spans or metrics: the table goes to standard error then. */
function tellSummary({ world, config, self }: Play, pipeline: Pipeline, elapsedSeconds: number): void {
  const summary = toSummary(pipeline, self.registry, elapsedSeconds);
  if (config.json) {
    world.out(`${JSON.stringify(summary)}\n`);
    return;
  }
  const text = toSummaryText(summary, [...pipeline.metrics.edges()]);
  if (config.spansOut === '-' || config.metricsOut === '-') world.err(text);
  else world.out(text);
}

function checkInputs(paths: readonly string[], config: Config): readonly string[] {
  if (paths.length === 0)
    return ['PATH: got none, wants a file, a folder like /var/log/pods, or - for standard input'];
  return checkPaths(paths, config.containers);
}

function openOutputs(config: Config, outputs: Outputs): string[] {
  const problems: string[] = [];
  for (const [option, path] of [
    ['--metrics-out', config.metricsOut],
    ['--spans-out', config.spansOut],
  ] as const) {
    const problem = path === undefined ? undefined : outputs.open(path);
    if (problem !== undefined) problems.push(`${option}: cannot write there: ${problem}`);
  }
  return problems;
}
