/** What a sidecar is put through to see what it holds: clusters of several sizes, lines, spans, floods of names. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toFlag } from '../../src/config/options.ts';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import type { ApiOptions, ApiReady } from './stage/apiServer.ts';
import { type Child, startScript } from './stage/child.ts';
import type { Writing, Written } from './stage/logWriter.ts';
import type { SinkCounts, SinkReady } from './stage/otlpSink.ts';
import type { HeapReading, LoopDelay } from './stage/probe.ts';
import { type Sidecar, startSidecar } from './stage/sidecar.ts';

export interface Scenario {
  readonly says: string;
  readonly pods: number;
  /** Lines a second; 0: none come. */
  readonly rate: number;
  readonly sampleRatio: number;
  readonly uniqueNames: boolean;
  readonly maxEdges: number;
}

/** So many edges make 10,000 series, with what else is exposed. */
const EDGES = 550;
/** Nobody has set --max-edges: 33,000 series. */
const DEFAULT_EDGES = 2_000;
const USUAL = { pods: 5_000, rate: 10_000, sampleRatio: 0.01, uniqueNames: false, maxEdges: EDGES };
const QUIET = { ...USUAL, rate: 0 };

export const SCENARIOS = {
  pods1k: { ...QUIET, says: '1,000 pods, no lines', pods: 1_000 },
  pods10k: { ...QUIET, says: '10,000 pods, no lines', pods: 10_000 },
  pods50k: { ...QUIET, says: '50,000 pods, no lines', pods: 50_000 },
  usual: { ...USUAL, says: '10,000 lines/s, 5,000 pods, 1 % spans' },
  manySeries: { ...USUAL, says: 'the same with as many edges as may be', maxEdges: DEFAULT_EDGES },
  allSpans: { ...USUAL, says: '10,000 lines/s, 5,000 pods, 100 % spans', sampleRatio: 1 },
  fast: { ...USUAL, says: '40,000 lines/s, 5,000 pods, 1 % spans', rate: 40_000 },
  manyPods: { ...USUAL, says: '10,000 lines/s, 10,000 pods, 1 % spans', pods: 10_000 },
  unique: { ...USUAL, says: 'every name is new, 20,000 lines/s', rate: 20_000, uniqueNames: true },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

export interface Conditions {
  /** For logs and credentials; empty. */
  readonly folder: string;
  /** How long lines are written. */
  readonly seconds: number;
  /** Milliseconds between two scrapes, as a Prometheus would do them. */
  readonly scrapeEvery: number;
  readonly nodeFlags?: readonly string[];
  /** Where to write a heap snapshot at the end. */
  readonly snapshot?: string;
}

export interface Outcome {
  readonly startMs: number;
  /** Bytes: the most while the cluster was read, then what stayed. */
  readonly syncPeak: number;
  readonly synced: number;
  /** Bytes, once a second while lines came. */
  readonly samples: readonly number[];
  readonly peak: number;
  /** Of the resident set at the end: mapped from disk. */
  readonly file: number;
  readonly heap: HeapReading;
  readonly loop: LoopDelay;
  /** Seconds of CPU while lines came, and how long that took. */
  readonly cpu: number;
  readonly elapsed: number;
  readonly lines: number;
  readonly series: number;
  readonly spans: number;
  /** What was lost, or does not add up; one sentence each. */
  readonly problems: readonly string[];
}

interface Stage {
  readonly sidecar: Sidecar;
  readonly writer: Child<string>;
  readonly sink: Child<SinkReady>;
}

const STAGE = join(import.meta.dirname, 'stage');
/** A sidecar beside CoreDNS is not told to save on spans here: all that are sampled are sent. */
const SPAN_RATE = 100_000;
/** Milliseconds for everything that was written to be read and sent. */
const PATIENCE = 120_000;

export async function runScenario(scenario: Scenario, conditions: Conditions): Promise<Outcome> {
  const { folder, nodeFlags } = conditions;
  const { pods, sampleRatio, maxEdges } = scenario;
  const logDir = join(folder, 'pods');
  const [api, sink, writer] = await Promise.all([
    startScript<ApiReady>(join(STAGE, 'apiServer.ts'), { pods } satisfies ApiOptions),
    startScript<SinkReady>(join(STAGE, 'otlpSink.ts'), {}),
    startScript<string>(join(STAGE, 'logWriter.ts'), {
      folder: join(logDir, 'kube-system_coredns-0_uid-0', 'coredns'),
      seed: 1,
    }),
  ]);
  try {
    const sidecar = await startSidecar({
      folder: join(folder, 'sidecar'),
      logDir,
      api: api.ready,
      otlpEndpoint: sink.ready.url,
      args: toOptions({ sampleRatio, spanRate: SPAN_RATE, maxEdges }),
      ...(nodeFlags && { nodeFlags }),
    });
    return await load(scenario, conditions, { sidecar, writer, sink });
  } finally {
    await Promise.all([api.stop(), sink.stop(), writer.stop()]);
  }
}

async function load(scenario: Scenario, conditions: Conditions, stage: Stage): Promise<Outcome> {
  const { sidecar, sink } = stage;
  const { rss: synced, peak: syncPeak } = sidecar.memory();
  const before = await sidecar.cpu();
  const began = performance.now();
  const watched = watchMemory(sidecar, conditions.scrapeEvery);
  let written = 0;
  const loop = await sidecar.watchLoop(async () => {
    written = await writeLines(scenario, conditions, stage);
    await untilSettled(sidecar, written);
  });
  const samples = await watched.stop();
  const elapsed = (performance.now() - began) / 1000;
  const cpu = (await sidecar.cpu()) - before;
  const { peak, file } = sidecar.memory();
  const heap = await sidecar.heap();
  const text = await sidecar.scrape();
  if (conditions.snapshot !== undefined) await sidecar.snapshot(conditions.snapshot);
  const counts = await sink.ask<SinkCounts>('counts');
  await sidecar.stop();
  const series = parseExposition(text);
  return {
    ...{ startMs: sidecar.startMs, syncPeak, synced, samples, peak, file, heap, loop, cpu, elapsed },
    lines: sumOf(series, 'corespan_lines_read_total'),
    series: series.length,
    spans: counts.spans,
    problems: [...findLosses(text, written, counts.spans), ...findImbalances(text)],
  };
}

async function writeLines(
  { rate, uniqueNames }: Scenario,
  { seconds }: Conditions,
  { writer }: Stage,
): Promise<number> {
  if (rate === 0) {
    await pause(seconds * 1000);
    return 0;
  }
  const { lines } = await writer.ask<Written>('write', { rate, seconds, uniqueNames } satisfies Writing);
  return lines;
}

interface Watched {
  /** The samples. */
  stop(): Promise<number[]>;
}

function watchMemory(sidecar: Sidecar, scrapeEvery: number): Watched {
  const samples: number[] = [];
  let isOver = false;

  async function sample(): Promise<void> {
    while (!isOver) {
      samples.push(sidecar.memory().rss);
      await pause(1000);
    }
  }

  async function scrape(): Promise<void> {
    while (!isOver) {
      await sidecar.scrape();
      for (let left = scrapeEvery; left > 0 && !isOver; left -= 100) await pause(100);
    }
  }

  const both = Promise.all([sample(), scrape()]);
  return {
    async stop() {
      isOver = true;
      await both;
      return samples;
    },
  };
}

/** Until every line was read and nothing is open. */
async function untilSettled(sidecar: Sidecar, written: number): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    const series = parseExposition(await sidecar.scrape());
    const read = sumOf(series, 'corespan_lines_read_total');
    if (read >= written && sumOf(series, 'corespan_pending') === 0) return;
    await pause(1000);
  }
}

/** Lines that were not read, spans that left and did not arrive. */
function findLosses(text: string, written: number, arrived: number): string[] {
  const series = parseExposition(text);
  const pairs: [string, number, number][] = [
    ['lines written = read', written, sumOf(series, 'corespan_lines_read_total')],
    ['spans acked = arrived', sumOf(series, 'corespan_acked_total', { stage: 'spans' }), arrived],
    ['moments of possible loss = 0', sumOf(series, 'corespan_possible_loss_total'), 0],
    ['faults = 0', sumOf(series, 'corespan_faults_total'), 0],
  ];
  return pairs.filter(([, left, right]) => left !== right).map(([says, l, r]) => `${says}: ${l} ≠ ${r}`);
}

function toOptions(options: Readonly<Record<'sampleRatio' | 'spanRate' | 'maxEdges', number>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [toFlag(name), String(value)]);
}
