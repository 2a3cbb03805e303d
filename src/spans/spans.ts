/** Spans: decides which lookups become traces, builds them, and sees them out. */
import type { DrawnEdge } from '../records/edges.ts';
import type { Lookup } from '../records/lookup.ts';
import type { SpansSelf } from '../self/spans.ts';
import { createBatcher, type SpanSink } from './batcher.ts';
import { type BuildOptions, countSpans, createBuild } from './build.ts';
import { createResources, type ResourcesOptions } from './resources.ts';
import { createSampling, DECISIONS, type SamplingOptions } from './sampling.ts';
import { toThreshold } from './threshold.ts';

export interface SpansOptions extends BuildOptions, SamplingOptions {
  readonly resource: ResourcesOptions['attributes'];
  /** True if the reader waits for `room`: then nothing is dropped because there is none. */
  readonly readerWaits?: boolean;
  /** Called when the trace of a lookup has reached its destination. */
  readonly onExported: (lookup: Lookup, edge: DrawnEdge | undefined, traceId: string) => void;
}

export interface Spans {
  /** `edge`: the one that the lookup is on, if it is on one. */
  accept(lookup: Lookup, edge: DrawnEdge | undefined): void;
  /** Sends what waits, once a second; `now` in milliseconds since the epoch. */
  tick(now: number): void;
  /** Resolves when there is room for more; only a replay, which can wait, asks for it. */
  room(): Promise<void>;
  /** Sends what waits until `deadline`, counts the rest as dropped. */
  stop(deadline: Promise<void>): Promise<void>;
  /** Lookups whose spans are not delivered yet. */
  pending(): Iterable<Lookup>;
}

/** Some 8 MB at most; at 500 spans/s it outlasts the 8 s that an exporter tries a dead endpoint. */
const MAX_QUEUE = 8_192;
const MAX_BATCH = 512;

export function createSpans(options: SpansOptions, sink: SpanSink, self: SpansSelf): Spans {
  const resources = createResources({
    version: options.version,
    skipsSpanMetrics: options.graphSource === 'metrics',
    attributes: options.resource,
  });
  const build = createBuild(options, resources);
  const sampling = createSampling(options);
  const threshold = toThreshold(options.ratio)?.text;
  const batcher = createBatcher(
    {
      maxQueue: MAX_QUEUE,
      readerWaits: options.readerWaits ?? false,
      maxBatch: MAX_BATCH,
      onExported: ({ lookup, edge, traceId }) => options.onExported(lookup, edge, traceId),
      onLost: ({ lookup, edge }) => sampling.lost(lookup, edge),
    },
    sink,
    self,
  );
  self.decisions(DECISIONS);

  function accept(lookup: Lookup, edge: DrawnEdge | undefined): void {
    const count = countSpans(lookup);
    const { decision, isDropped } = sampling.decide(lookup, edge, count);
    self.decided(decision, count);
    if (decision === 'sampled_out') return;
    if (isDropped) {
      self.dropped('rate', count);
      return;
    }
    const spans = build(lookup, decision === 'kept_probability' ? threshold : undefined);
    const traceId = spans[0]?.spanContext().traceId;
    if (traceId === undefined) return;
    if (!batcher.add({ lookup, edge, traceId, spans })) sampling.lost(lookup, edge);
  }

  return {
    accept,
    tick: (now) => batcher.tick(now),
    room: () => batcher.room(),
    async stop(deadline) {
      await batcher.drain(deadline);
      // The exporter waits for the request that is under way, however long that hangs.
      await Promise.race([sink.shutdown(), deadline]);
    },
    pending: () => batcher.pending(),
  };
}
