/** What corespan says of itself: one object that every room tells its happenings to, each counted and logged once. */
import { createHttpSelf, type HttpSelf } from './http.ts';
import { createKubeSelf, type KubeSelf } from './kube.ts';
import { createLog, type Log } from './log.ts';
import { createLookupsSelf, type LookupsSelf } from './lookups.ts';
import { createMetricsSelf, type MetricsSelf } from './metrics.ts';
import { createParseSelf, type ParseSelf } from './parse.ts';
import { createPeersSelf, type PeersSelf } from './peers.ts';
import { createPipelineSelf, type PipelineSelf } from './pipeline.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createSourcesSelf, type SourcesSelf } from './sources.ts';
import { createSpansSelf, type SpansSelf } from './spans.ts';

export interface Self {
  readonly log: Log;
  readonly registry: Registry;
  readonly http: HttpSelf;
  readonly kube: KubeSelf;
  readonly sources: SourcesSelf;
  readonly parse: ParseSelf;
  readonly peers: PeersSelf;
  readonly lookups: LookupsSelf;
  readonly spans: SpansSelf;
  readonly metrics: MetricsSelf;
  readonly pipeline: PipelineSelf;
}

export function createSelf(log: Log): Self {
  const registry = createRegistry();
  return {
    log,
    registry,
    http: createHttpSelf(registry, log),
    kube: createKubeSelf(registry, log),
    sources: createSourcesSelf(registry, log),
    parse: createParseSelf(registry, log),
    peers: createPeersSelf(registry),
    lookups: createLookupsSelf(registry),
    spans: createSpansSelf(registry, log),
    metrics: createMetricsSelf(registry),
    pipeline: createPipelineSelf(registry, log),
  };
}

/** For what is done on the side: it counts, and says nothing to anybody. */
export function createQuietSelf(): Self {
  return createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: Date.now }));
}
