/** `corespan replay`: reads logs to the end through the same pipeline, with the log's own clock, and sums up. */
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Self } from '../self/self.ts';
import { type Inputs, toInputs } from '../sources/inputs.ts';
import { createFileSink } from '../spans/file.ts';
import { toErrorText } from '../text/errors.ts';
import { type Cluster, NOBODY, openCluster } from './cluster.ts';
import { type Command, EXIT, refuse, type World } from './command.ts';
import { loadConfig } from './configuration.ts';
import { toLosses } from './losses.ts';
import { createOutputs, type Outputs } from './outputs.ts';
import { createOwnSelf } from './ownSelf.ts';
import { readAll } from './readAll.ts';
import { startPipeline } from './startPipeline.ts';
import { NOBODY_IS_NAMED, type Summary, toSummary, toSummaryText } from './summary.ts';

export const replay: Command = {
  summary: 'read logs to the end and sum up',
  usage: 'corespan replay [options] PATH…',
  description:
    'Reads files, folders laid out like /var/log/pods, or - (standard input) to the end, with the log as its own\nclock: lines of different files are merged by time. Then prints what was read and who asked for whom.\nThe exit code is 1 if an output is not whole or spans did not reach the endpoint, and if Ctrl-C ended the\nreading: what was read until then is summed up.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('replay', world);
    const inputs = toInputs(paths, config.containers);
    const outputs = createOutputs(world, toFilePaths(inputs));
    const wrong = [
      ...problems,
      ...(paths.length === 0 ? [NO_PATH] : inputs.problems),
      ...openOutputs(config, outputs),
    ];
    try {
      if (wrong.length > 0) return refuse(world, wrong);
      outputs.begin();
      return await play({ world, config, inputs, outputs, self: createOwnSelf(config, world) });
    } finally {
      outputs.close();
    }
  },
};

const NO_PATH = 'PATH: got none, wants a file, a folder like /var/log/pods, or - for standard input';

/** What is read and must not be written to. */
function toFilePaths({ inputs }: Inputs): string[] {
  const files = inputs.flatMap((input) => input.files).filter(({ kind }) => kind === 'file');
  return files.map(({ path }) => path);
}

interface Play {
  readonly world: World;
  readonly config: Config;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly self: Self;
}

/** Milliseconds for which a replay with a live cluster waits for the complete state. */
const SYNC_TIMEOUT = 30_000;
/** A live cluster tells only the present: identities that ended meanwhile are of no use for old lines. */
const RETAIN_MS = 3_600_000;

async function play(input: Play): Promise<number> {
  const { world, config, self, outputs } = input;
  const { env } = world;
  const started = performance.now();
  const cluster = await openCluster({ config, env, self });
  if (cluster.problems.length > 0 && !goesOnWithout(config, self, cluster.problems)) {
    return refuse(world, cluster.problems);
  }
  const { pipeline, endpoint, stop } = await startPipeline({
    config,
    self,
    env,
    cluster: cluster.problems.length > 0 ? NOBODY : cluster,
    ...(config.spansOut === undefined ? {} : { sink: createFileSink(outputs.writer('--spans-out')) }),
    graceMs: 0,
    retainMs: cluster.isLive ? RETAIN_MS : Infinity,
    readerWaits: true,
  });
  let isWhole: boolean;
  try {
    await waitForCluster(cluster, self);
    isWhole = await readAll(input, pipeline);
    pipeline.finish();
    await Promise.race([pipeline.room(), world.stopped]);
    await stop(config.shutdownTimeout);
    self.log.tick(Infinity);
    if (config.metricsOut !== undefined) await writeMetrics(pipeline, outputs.writer('--metrics-out'), world);
  } catch (error) {
    world.err(`corespan: the replay failed: ${[toErrorText(error), ...outputs.failures()].join('; ')}\n`);
    return EXIT.failed;
  } finally {
    cluster.stop();
  }
  const summary = toSummary(pipeline, self.registry, (performance.now() - started) / 1e3);
  const failures = [
    ...tellSummary(input, summary, pipeline.metrics),
    ...(isWhole ? [] : ['stopped before the end of the input']),
    ...outputs.failures(),
    ...(endpoint === undefined ? [] : toLosses(summary.spans, endpoint)),
  ];
  for (const failure of failures) world.err(`corespan: ${failure}\n`);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
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

/** Everything at its full value, since nobody will scrape again, and as of the log's own last moment. */
async function writeMetrics(pipeline: Pipeline, write: (text: string) => void, world: World): Promise<void> {
  const now = pipeline.totals.last ?? world.now();
  for await (const piece of pipeline.metrics.render('text', now, undefined)) write(piece);
}

/** What went wrong with it. With `-` standard output belongs to spans or metrics: the table goes to standard error then. */
function tellSummary(input: Play, summary: Summary, metrics: Metrics): string[] {
  const { world, config } = input;
  const text = config.json ? `${JSON.stringify(summary)}\n` : toTable(input, summary, metrics);
  try {
    if (!config.json && (config.spansOut === '-' || config.metricsOut === '-')) world.err(text);
    else world.out(text);
    return [];
  } catch (error) {
    return [`the summary could not be written: ${toErrorText(error)}`];
  }
}

function toTable({ config }: Play, summary: Summary, metrics: Metrics): string {
  const isUnnamed = (summary.peers['cold'] ?? 0) > 0 && config.cluster === 'none';
  return `${toSummaryText(summary, metrics)}${isUnnamed ? `\n${NOBODY_IS_NAMED}\n` : ''}`;
}

function openOutputs(config: Config, outputs: Outputs): string[] {
  const wanted = [
    ['--metrics-out', config.metricsOut],
    ['--spans-out', config.spansOut],
  ] as const;
  return wanted.flatMap(([option, path]) => (path === undefined ? [] : (outputs.open(option, path) ?? [])));
}
