/**
 * The product in one sentence: lines are parsed into queries, peers name both ends, lookups find what belongs
 * together, and metrics and spans tell it.
 *
 *     Lines ─▶ parse ─▶ peers ─▶ lookups ─┬─▶ metrics
 *              Query    Resolved  Lookup  └─▶ spans ──(exported)──▶ metrics: exemplars
 *
 * Between the two ends everything is synchronous. Whatever an exporter does, reading goes on.
 */
import type { Change } from './kube/objects.ts';
import { createLogClock } from './logClock.ts';
import { createLookups, type LookupsOptions } from './lookups/lookups.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { createParser } from './parse/parser.ts';
import { createPeers } from './peers/resolver.ts';
import type { Lines, LogFile } from './records/line.ts';
import { type Lookup, linesOf, type QueryRole, type ResolvedQuery } from './records/lookup.ts';
import type { Peer, Target } from './records/peer.ts';
import type { Query } from './records/query.ts';
import type { Self } from './self/self.ts';
import type { SpanSink } from './spans/batcher.ts';
import { createSpans, type Spans, type SpansOptions } from './spans/spans.ts';

export interface PipelineOptions {
  readonly version: string;
  readonly logFormat: string | undefined;
  /** With a trailing dot. */
  readonly clusterDomains: readonly string[];
  readonly targetLabel: 'service' | 'workload';
  readonly graphSource: 'metrics' | 'traces';
  readonly maxEdges: number;
  readonly sampleRatio: number;
  readonly spanRate: number;
  /** From OTEL_RESOURCE_ATTRIBUTES. */
  readonly resource: Readonly<Record<string, string>>;
  /** Milliseconds that a query may wait for its client's identity; 0 where the whole history is known. */
  readonly graceMs: number;
  /** Milliseconds for which ended identities are kept; Infinity for a recording. */
  readonly retainMs: number;
  /** Undefined: none of corespan's own questions can be in the log. */
  readonly own: OwnQuestions | undefined;
  /** True if the reader waits for `room`: then no span is dropped because there is none. */
  readonly readerWaits: boolean;
}

/** What corespan itself asks for, and from where. */
export interface OwnQuestions {
  /** Of the name: the endpoint's host and a dot; a search suffix may follow. */
  readonly beginning: string;
  readonly addresses: ReadonlySet<string>;
}

export interface Pipeline {
  change(change: Change): void;
  accept(lines: Lines): void;
  /** Says that every line up to `now` has been read. */
  tick(now: number): void;
  /** Sends the spans that wait, once a second, as `tick` does; for a reader that is behind. */
  send(now: number): void;
  /** Resolves when spans have room; for a reader that may wait. */
  room(): Promise<void>;
  /** Closes everything that is open: nothing more will come. */
  finish(): void;
  /** Delivers the spans that wait until `deadline` and drops the rest. */
  drain(deadline: Promise<void>): Promise<void>;
  /** For each file the lowest byte that something unfinished still needs. */
  unsettled(): ReadonlyMap<string, number>;
  /** The cluster address of a Service `<name>.<namespace>.svc[…]`. */
  serviceAddress(host: string): string | undefined;
  readonly metrics: Metrics;
  readonly totals: Readonly<Totals>;
}

/** What went through, for the summary. */
export interface Totals {
  queries: number;
  hops: number;
  readonly lookups: Record<Lookup['outcome'], number>;
  /** Milliseconds since the epoch; undefined before the first query. */
  first: number | undefined;
  last: number | undefined;
}

/** At 10,000 queries/s with a quarter of them waiting for a second try, 30,000 lookups are open. */
const MAX_OPEN = 50_000;
const MAX_OPEN_PER_CLIENT = 5_000;

/** `sink` undefined: spans are off. */
export function createPipeline(options: PipelineOptions, sink: SpanSink | undefined, self: Self): Pipeline {
  const totals: Totals = {
    queries: 0,
    hops: 0,
    lookups: { success: 0, denial: 0, error: 0 },
    first: undefined,
    last: undefined,
  };
  const parser = createParser({ format: options.logFormat }, self.parse);
  const peers = createPeers(options, take, self.peers);
  const metrics = createMetrics(options, self.registry, self.metrics);
  const spans = sink === undefined ? undefined : createSpans(toSpansOptions(), sink, self.spans);
  const lookups = createLookups(
    toLookupsOptions(),
    {
      query: deliverQuery,
      lookup: deliverLookup,
      failed: self.pipeline.failed,
    },
    self.lookups,
  );
  const clock = createLogClock();

  function take(query: Query, client: Peer, target: Target): void {
    try {
      lookups.take(query, client, target);
    } catch (cause) {
      self.pipeline.failed('queries', cause);
    }
  }

  /** The fan-out: here a finished record meets all who want it. */
  function deliverLookup(lookup: Lookup): void {
    totals.lookups[lookup.outcome]++;
    const edge = metrics.lookup(lookup);
    spans?.accept(lookup, edge);
  }

  function deliverQuery(resolved: ResolvedQuery, role: QueryRole): void {
    if (role !== 'question' && role !== 'hop') return;
    try {
      metrics.query(resolved);
      totals.queries++;
      if (role === 'hop') totals.hops++;
    } catch (cause) {
      self.pipeline.failed('queries', cause);
    }
  }

  /** Time as it was known is over: whatever waits for a moment of it would wait for ever. */
  function beginAnew(): void {
    self.pipeline.setBack();
    peers.flush();
    lookups.flush();
  }

  function toLookupsOptions(): LookupsOptions {
    return {
      domains: options.clusterDomains,
      maxOpen: MAX_OPEN,
      maxOpenPerClient: MAX_OPEN_PER_CLIENT,
      hasCacheAt: peers.hasCacheAt,
      cacheAddressOf(pod, time) {
        const address = peers.addressOf(pod.namespace, pod.name);
        return address !== undefined && peers.hasCacheAt(address, time) ? address : undefined;
      },
      isSelf: (resolved) => isSelf(resolved, options.own),
    };
  }

  function toSpansOptions(): SpansOptions {
    return {
      version: options.version,
      graphSource: options.graphSource,
      ratio: options.sampleRatio,
      rate: options.spanRate,
      readerWaits: options.readerWaits,
      resource: options.resource,
      addressOf: (pod) => peers.addressOf(pod.namespace, pod.name),
      onExported: metrics.link,
    };
  }

  /** `queries` of one file, in its order. */
  function advance(queries: readonly Query[], { pod, path }: LogFile): void {
    const writer = pod?.uid ?? path;
    let taken = 0;
    let at = 0;
    for (const { time } of queries) {
      if (clock.read(writer, time) === 'set_back') {
        peers.accept(queries.slice(taken, at), clock.time());
        taken = at;
        beginAnew();
      }
      if (totals.first === undefined || time < totals.first) totals.first = time;
      if (totals.last === undefined || time > totals.last) totals.last = time;
      at++;
    }
    peers.accept(taken === 0 ? queries : queries.slice(taken), clock.time());
  }

  return {
    change: peers.apply,
    accept(lines) {
      advance(parser.accept(lines), lines.file);
    },
    tick(now) {
      const logTime = clock.tick(now);
      if (logTime !== undefined) {
        peers.tick(logTime);
        lookups.tick(logTime);
      }
      spans?.tick(now);
      metrics.tick(now);
    },
    send: (now) => spans?.tick(now),
    room: () => spans?.room() ?? Promise.resolve(),
    finish() {
      peers.flush();
      lookups.flush();
    },
    drain: (deadline) => spans?.stop(deadline) ?? Promise.resolve(),
    unsettled() {
      const lowest = new Map(lookups.lowestOpen());
      for (const query of [...peers.waiting(), ...pendingQueries(spans)]) {
        lowest.set(query.file.id, Math.min(query.offset, lowest.get(query.file.id) ?? Infinity));
      }
      return lowest;
    },
    serviceAddress: (host) => peers.serviceAddress(host),
    metrics,
    totals,
  };
}

function* pendingQueries(spans: Spans | undefined): Generator<Query> {
  for (const { attempts } of spans?.pending() ?? []) for (const attempt of attempts) yield* linesOf(attempt);
}

/** corespan's own question for its endpoint, which is no part of what the cluster asks. */
function isSelf({ query, client }: ResolvedQuery, own: OwnQuestions | undefined): boolean {
  if (own === undefined || !query.question.qname.startsWith(own.beginning)) return false;
  return client.result === 'loopback' || own.addresses.has(query.client);
}
