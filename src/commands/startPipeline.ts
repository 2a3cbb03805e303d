/**
 * Starts what every verb that reads logs runs: the pipeline of app.ts, with its cluster on one side and the spans' way on
 * the other.
 */
import { createPipeline, type OwnQuestions, type Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import { withTrailingDot } from '../dns/names.ts';
import type { Self } from '../self/self.ts';
import type { SpanSink } from '../spans/batcher.ts';
import { VERSION } from '../version.ts';
import type { Cluster } from './cluster.ts';
import type { World } from './command.ts';
import { type Destination, openDestination, toDestination } from './destination.ts';

export interface StartedPipeline {
  readonly pipeline: Pipeline;
  readonly endpoint: Destination['endpoint'];
  /** Delivers the spans that wait within `ms`, drops the rest, and takes no more changes of the cluster. */
  stop(ms: number): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly self: Self;
  readonly env: World['env'];
  readonly cluster: Cluster;
  /** Instead of the OTLP endpoint of the configuration. */
  readonly sink?: SpanSink;
  readonly own?: OwnQuestions | undefined;
  /** Milliseconds that a query may wait for the change that names its client. */
  readonly graceMs: number;
  /** Milliseconds for which ended identities are kept. */
  readonly retainMs: number;
  /** True if the reader waits for `room`: a replay does, a running sidecar never. */
  readonly readerWaits: boolean;
}

export async function startPipeline(options: StartOptions): Promise<StartedPipeline> {
  const { config, self, env, cluster, sink, own, graceMs, retainMs, readerWaits } = options;
  let pipeline: Pipeline | undefined;
  const serviceAddress = (host: string): string | undefined => pipeline?.serviceAddress(host);
  const destination =
    sink === undefined ? await openDestination({ config, env, self, serviceAddress }) : toDestination(sink);
  const started = createPipeline(
    {
      version: VERSION,
      logFormat: config.logFormat,
      clusterDomains: config.clusterDomain.map(withTrailingDot),
      targetLabel: config.targetLabel,
      graphSource: config.graphSource,
      maxEdges: config.maxEdges,
      sampleRatio: config.sampleRatio,
      spanRate: config.spanRate,
      resource: destination.resource,
      graceMs,
      retainMs,
      own,
      readerWaits,
    },
    destination.sink,
    self,
  );
  pipeline = started;
  cluster.start(started.change);
  return {
    pipeline: started,
    endpoint: destination.endpoint,
    async stop(ms) {
      cluster.stop();
      await withDeadline(ms, (deadline) => started.drain(deadline));
      await destination.stop();
    },
  };
}

/** Runs `work` with a promise that resolves after `ms`, and leaves no timer behind. */
async function withDeadline(ms: number, work: (deadline: Promise<void>) => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await work(deadline);
  } finally {
    clearTimeout(timer);
  }
}
