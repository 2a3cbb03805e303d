/** What is measured of ours: the same file read by the plain parser, by the parser, with edges, and by everything. */
import { ExportResultCode } from '@opentelemetry/core';
import { createPipeline, type Pipeline } from '../../src/app.ts';
import type { PodObject } from '../../src/kube/objects.ts';
import { createParser } from '../../src/parse/parser.ts';
import { readLine } from '../../src/parse/reading.ts';
import { createPeers } from '../../src/peers/resolver.ts';
import type { Lines } from '../../src/records/line.ts';
import { createQuietSelf, type Self } from '../../src/self/self.ts';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { createEdges } from './edges.ts';
import { createCounting, type Tally } from './tally.ts';

/** Reads a log to its end and says what it counted in it. What it learnt of names and clients stays for the next log. */
export type Read = (path: string) => Promise<Tally>;

export interface Contender {
  readonly says: string;
  /** `clients`: the addresses that ask in the log; each is a pod. */
  readonly start: (clients: readonly string[]) => Read;
}

export const CONTENDERS = {
  plain: { says: 'read, plain parser', start: () => readPlainly },
  parser: { says: 'read, parser', start: startParser },
  edges: { says: 'read, parser, peers, edges', start: startEdges },
  pipeline: { says: 'whole pipeline, 1 % of spans', start: startPipeline },
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof CONTENDERS;

async function forEachBatch(path: string, self: Self, accept: (lines: Lines) => void): Promise<void> {
  for await (const lines of readLines(toInputs([path], undefined), {}, self.sources)) accept(lines);
}

/** The oracle: what the others have to agree with. */
async function readPlainly(path: string): Promise<Tally> {
  const counting = createCounting();
  let notices = 0;
  await forEachBatch(path, createQuietSelf(), ({ bytes, from, to, start, end }) => {
    for (let line = from; line < to; line++) {
      const reading = readLine(bytes.toString('utf8', start[line], end[line]), undefined);
      if (reading.kind === 'query') counting.query(reading.fields);
      else notices++;
    }
  });
  return counting.tally(notices);
}

function startParser(): Read {
  const self = createQuietSelf();
  const parser = createParser({ format: undefined }, self.parse);
  const takeNotices = createNoticeCount(self);
  return async (path) => {
    const counting = createCounting();
    await forEachBatch(path, self, (lines) => {
      for (const query of parser.accept(lines)) counting.query(query);
    });
    return counting.tally(takeNotices());
  };
}

/** What mtail does, with pods instead of addresses: client, target and response code, and fifteen buckets. */
function startEdges(clients: readonly string[]): Read {
  const self = createQuietSelf();
  const parser = createParser({ format: undefined }, self.parse);
  let edges = createEdges();
  const peers = createPeers(
    { clusterDomains: ['cluster.local.'], targetLabel: 'service', graceMs: 0, retainMs: Infinity },
    (query, client, target) => edges.take(query, client, target),
    self.peers,
  );
  for (const change of toChanges(clients)) peers.apply(change);
  const takeNotices = createNoticeCount(self);
  return async (path) => {
    edges = createEdges();
    let clock = 0;
    await forEachBatch(path, self, (lines) => {
      const queries = parser.accept(lines);
      for (const { time } of queries) if (time > clock) clock = time;
      peers.accept(queries, clock);
    });
    peers.flush();
    return edges.tally(takeNotices());
  };
}

/**
 * Counts come from what the pipeline exports: nothing may be lost on the way to the metrics. A log that is read again is a
 * clock that was set back: everything open was closed by then.
 */
function startPipeline(clients: readonly string[]): Read {
  const self = createQuietSelf();
  const pipeline = createPipelineFor(clients, self);
  const takeNotices = createNoticeCount(self);
  let before = 0;
  return async (path) => {
    await forEachBatch(path, self, pipeline.accept);
    pipeline.finish();
    await pipeline.room();
    const queries = sumOf(self, 'corespan_lines_parsed_total', isQuery);
    const settled = pipeline.totals.queries + sumOf(self, 'corespan_queries_skipped_total');
    if (queries !== settled) throw new Error(`${queries} queries were parsed, ${settled} came out`);
    const tally = { queries: queries - before, notices: takeNotices() };
    before = queries;
    return tally;
  };
}

/** Lines that the parser counted as something else than queries, since the last call. */
function createNoticeCount(self: Self): () => number {
  let before = 0;
  return () => {
    const all =
      sumOf(self, 'corespan_lines_parsed_total', (kind) => !isQuery(kind)) +
      sumOf(self, 'corespan_lines_rejected_total', isOfParser);
    const notices = all - before;
    before = all;
    return notices;
  };
}

/** The others are given by whoever cuts the lines. */
const isOfParser = (reason: string | undefined): boolean =>
  ['bad_json', 'bad_query', 'unrecognised'].includes(reason ?? '');
const isQuery = (kind: string | undefined): boolean => kind === 'query';

/** Of the samples whose second label is `counts`. */
function sumOf(
  { registry }: Self,
  name: 'corespan_lines_parsed_total' | 'corespan_lines_rejected_total' | 'corespan_queries_skipped_total',
  counts: (label: string | undefined) => boolean = () => true,
): number {
  return registry
    .samples(name)
    .filter(({ labels }) => counts(labels[1]))
    .reduce((total, { value }) => total + value, 0);
}

function createPipelineFor(clients: readonly string[], self: Self): Pipeline {
  const sink: SpanSink = {
    export: (_, done) => done({ code: ExportResultCode.SUCCESS }),
    shutdown: () => Promise.resolve(),
  };
  const pipeline = createPipeline(
    {
      version: 'bench',
      logFormat: undefined,
      clusterDomains: ['cluster.local.'],
      targetLabel: 'service',
      graphSource: 'metrics',
      maxEdges: 2000,
      sampleRatio: 0.01,
      spanRate: 500,
      resource: {},
      graceMs: 0,
      retainMs: Infinity,
      own: undefined,
      readerWaits: false,
    },
    sink,
    self,
  );
  for (const change of toChanges(clients)) pipeline.change(change);
  return pipeline;
}

function toChanges(clients: readonly string[]): Parameters<Pipeline['change']>[0][] {
  return [
    { type: 'replace', at: -Infinity, resource: 'pods', objects: clients.map(toPod) },
    { type: 'replace', at: -Infinity, resource: 'services', objects: [] },
  ];
}

/** Ten pods make a workload; every client of the corpus is one. */
function toPod(address: string, at: number): PodObject {
  const name = `workload-${Math.floor(at / 10)}`;
  return {
    resource: 'pods',
    uid: `uid-${at}`,
    namespace: `ns-${at % 12}`,
    name: `${name}-${at}`,
    resourceVersion: '1',
    labels: new Map(),
    annotations: new Map(),
    controller: { kind: 'StatefulSet', name },
    node: 'node1',
    isHostNetwork: false,
    phase: 'Running',
    started: 0,
    deleted: undefined,
    addresses: [address],
    nodeAddresses: [],
  };
}
