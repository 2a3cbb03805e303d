/** Reads logs to the end through the same pipeline, with the log's own clock, and sums up. */
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Self } from '../self/self.ts';
import type { Inputs } from '../sources/inputs.ts';
import { createFileSink } from '../spans/file.ts';
import { toErrorText } from '../text/errors.ts';
import type { Cluster } from './cluster.ts';
import { EXIT, say, type World } from './command.ts';
import { toLosses } from './losses.ts';
import type { Outputs } from './outputs.ts';
import { readAll } from './readAll.ts';
import { startPipeline } from './startPipeline.ts';
import { NOBODY_IS_NAMED, type Summary, toSummary, toSummaryText } from './summary.ts';
import { waitForCluster } from './waitForCluster.ts';

export interface Play {
  readonly world: World;
  readonly config: Config;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly self: Self;
  readonly cluster: Cluster;
  /** By the clock of `performance`. */
  readonly started: number;
}

/** Milliseconds for which a replay with a live cluster waits for the complete state. */
const SYNC_TIMEOUT = 30_000;
/** A live cluster tells only the present: identities that ended meanwhile are of no use for old lines. */
const RETAIN_MS = 3_600_000;

/** Resolves to the exit code. */
export async function play(input: Play): Promise<number> {
  const { world, config, self, cluster, outputs, started } = input;
  const { pipeline, endpoint, stop } = await startPipeline({
    config,
    self,
    env: world.env,
    cluster,
    ...(config.spansOut === undefined
      ? {}
      : { sink: createFileSink(config.spansOut, outputs.writer('--spans-out')) }),
    graceMs: 0,
    retainMs: cluster.isLive ? RETAIN_MS : Infinity,
    readerWaits: true,
  });
  let isWhole: boolean;
  let missing: readonly string[] | 'stopped';
  try {
    missing = await waitForCluster({ world, self, cluster, timeout: SYNC_TIMEOUT });
    if (missing === 'stopped') {
      await stop(0);
      say(world, 'stopped before anything was read: the outputs are what they were');
      return EXIT.failed;
    }
    outputs.begin();
    isWhole = await readAll(input, pipeline);
    pipeline.finish();
    await Promise.race([pipeline.room(), world.stopped]);
    await stop(config.shutdownTimeout);
    self.log.tick(Infinity);
    if (config.metricsOut !== undefined) await writeMetrics(pipeline, outputs.writer('--metrics-out'), world);
  } catch (error) {
    say(world, `the replay failed: ${[toErrorText(error), ...outputs.failures()].join('; ')}`);
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
  tellUnnamed(world, summary, missing);
  for (const failure of failures) say(world, failure);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** Nobody asked for clients without names, and nothing else says why they have none. */
function tellUnnamed(world: World, { peers }: Summary, missing: readonly string[]): void {
  const cold = peers['cold'] ?? 0;
  if (cold === 0 || missing.length === 0) return;
  say(
    world,
    `clients could not be named (${cold} cold): the API server had not told of ${missing.join(', ')}`,
  );
}

/** Everything at its full value, since nobody will scrape again, and as of the log's own last moment. */
async function writeMetrics(pipeline: Pipeline, write: (text: string) => void, world: World): Promise<void> {
  const now = pipeline.totals.last ?? world.now();
  for await (const piece of pipeline.metrics.render('text', now, undefined)) {
    try {
      write(piece);
    } catch {
      // The outputs know it, and say so behind the summary.
      return;
    }
  }
}

/** What went wrong with it. With `-` standard output belongs to spans or metrics: it goes to standard error then. */
function tellSummary(input: Play, summary: Summary, metrics: Metrics): string[] {
  const { world, config } = input;
  const text = config.json ? `${JSON.stringify(summary)}\n` : toTable(input, summary, metrics);
  try {
    if (config.spansOut === '-' || config.metricsOut === '-') world.err(text);
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
