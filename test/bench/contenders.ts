/** What is measured: the same file read by the plain parser, by the parser, and by the whole pipeline. */
import { ExportResultCode } from '@opentelemetry/core';
import { createPipeline, type Pipeline } from '../../src/app.ts';
import type { PodObject } from '../../src/kube/objects.ts';
import { createParser } from '../../src/parse/parser.ts';
import { readLine } from '../../src/parse/reading.ts';
import type { Lines } from '../../src/records/line.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf, type Self } from '../../src/self/self.ts';
import { readLines } from '../../src/sources/replay.ts';
import type { SpanSink } from '../../src/spans/batcher.ts';

/** What every contender has to agree on. */
export interface Tally {
  readonly queries: number;
  readonly notices: number;
  /** Of all durations, as text; parsers only. */
  readonly nanoseconds?: string;
}

export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Tally>;
}

/** The first one is the yardstick. */
export async function createContenders(path: string): Promise<Contender[]> {
  const clients = await findClients(path);
  return [
    { name: 'read + plain parser', run: () => runPlain(path) },
    { name: 'read + parser', run: () => runParser(path) },
    { name: 'whole pipeline, 1 % of spans', run: () => runPipeline(path, clients) },
  ];
}

function createQuietSelf(): Self {
  return createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: Date.now }));
}

async function forEachBatch(path: string, self: Self, accept: (lines: Lines) => void): Promise<void> {
  for await (const lines of readLines([path], { containers: undefined }, self.sources)) accept(lines);
}

async function runPlain(path: string): Promise<Tally> {
  let queries = 0;
  let notices = 0;
  let nanoseconds = 0n;
  await forEachBatch(path, createQuietSelf(), ({ bytes, from, to, start, end }) => {
    let sum = 0;
    for (let line = from; line < to; line++) {
      const reading = readLine(bytes.toString('utf8', start[line], end[line]), undefined);
      if (reading.kind === 'query') {
        queries++;
        sum += reading.fields.duration;
      } else if (reading.kind === 'notice') notices++;
    }
    nanoseconds += BigInt(sum);
  });
  return { queries, notices, nanoseconds: String(nanoseconds) };
}

async function runParser(path: string): Promise<Tally> {
  const self = createQuietSelf();
  const parser = createParser({ format: undefined }, self.parse);
  let queries = 0;
  let notices = 0;
  let nanoseconds = 0n;
  await forEachBatch(path, self, (lines) => {
    const parsed = parser.accept(lines);
    let sum = 0;
    for (const { duration } of parsed.queries) sum += duration;
    queries += parsed.queries.length;
    notices += parsed.notices.length;
    nanoseconds += BigInt(sum);
  });
  return { queries, notices, nanoseconds: String(nanoseconds) };
}

/** Counts come from what the pipeline exports: nothing may be lost on the way to the metrics. */
async function runPipeline(path: string, clients: readonly string[]): Promise<Tally> {
  const self = createQuietSelf();
  const pipeline = createPipelineFor(clients, self);
  await forEachBatch(path, self, pipeline.accept);
  pipeline.finish();
  await pipeline.drain(new Promise(() => {}));
  const sum = (
    name: 'corespan_lines_parsed_total' | 'corespan_queries_skipped_total',
    kind?: string,
  ): number =>
    self.registry
      .samples(name)
      .filter(({ labels }) => kind === undefined || labels[1] === kind)
      .reduce((total, { value }) => total + value, 0);
  const parsed = sum('corespan_lines_parsed_total', 'query');
  const settled = pipeline.totals.queries + sum('corespan_queries_skipped_total');
  if (parsed !== settled) throw new Error(`${parsed} queries were parsed, ${settled} came out`);
  return {
    queries: parsed,
    notices: sum('corespan_lines_parsed_total') - parsed,
  };
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
      spanRate: 1_000_000,
      resource: {},
      graceMs: 0,
      retainMs: Infinity,
      own: undefined,
      readerWaits: false,
    },
    sink,
    self,
  );
  pipeline.change({ type: 'replace', at: -Infinity, resource: 'pods', objects: clients.map(toPod) });
  pipeline.change({ type: 'replace', at: -Infinity, resource: 'services', objects: [] });
  return pipeline;
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
    created: 0,
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

async function findClients(path: string): Promise<string[]> {
  const self = createQuietSelf();
  const parser = createParser({ format: undefined }, self.parse);
  const clients = new Set<string>();
  await forEachBatch(path, self, (lines) => {
    for (const { client } of parser.accept(lines).queries) clients.add(client);
  });
  return [...clients];
}
