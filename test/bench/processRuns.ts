/** What the shipped bundle does as a process: start, stand idle, catch up with a backlog, show a line that was written. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import type { CorpusName } from './corpora.ts';
import { writeCorpus } from './corpora.ts';
import type { ApiOptions, ApiReady } from './stage/apiServer.ts';
import { type Child, startScript } from './stage/child.ts';
import type { Writing } from './stage/logWriter.ts';
import type { LoopDelay } from './stage/probe.ts';
import { type Sidecar, startSidecar } from './stage/sidecar.ts';

/** What lies around a run: an empty folder, and the API server that it watches. */
export interface Surroundings {
  readonly folder: string;
  readonly api: ApiReady;
}

export interface Idle {
  readonly startMs: number;
  /** Share of a core. */
  readonly share: number;
}

export interface CaughtUp {
  /** Seconds of CPU from the first line to the last. */
  readonly cpu: number;
  readonly loop: LoopDelay;
  readonly lines: number;
  readonly problems: readonly string[];
}

const CONTAINER = 'kube-system_coredns-0_uid-0/coredns';

export function startApi(pods: number): Promise<Child<ApiReady>> {
  return startScript<ApiReady>(join(import.meta.dirname, 'stage/apiServer.ts'), {
    pods,
  } satisfies ApiOptions);
}

/** After the start the process settles for a while (seconds), then it is watched for as long as said. */
export async function standIdle(
  { folder, api }: Surroundings,
  { settle, seconds }: { readonly settle: number; readonly seconds: number },
): Promise<Idle> {
  const logDir = join(folder, 'pods');
  mkdirSync(join(logDir, CONTAINER), { recursive: true });
  // An idle DNS server has a log in which nothing is written; without one, nothing is followed.
  writeFileSync(join(logDir, CONTAINER, '0.log'), '');
  const sidecar = await startSidecar({ folder, logDir, api, otlpEndpoint: undefined });
  await pause(settle * 1000);
  const [before, began] = [await sidecar.cpu(), performance.now()];
  await pause(seconds * 1000);
  const share = ((await sidecar.cpu()) - before) / ((performance.now() - began) / 1000);
  await sidecar.stop();
  return { startMs: sidecar.startMs, share };
}

/** Writes a backlog of so many lines; its path. */
export function writeBacklog(folder: string, corpus: CorpusName, lines: number): string {
  const path = join(folder, 'pods', CONTAINER, '0.log');
  mkdirSync(join(folder, 'pods', CONTAINER), { recursive: true });
  writeCorpus(corpus, path, { lines, seed: 1 });
  return path;
}

/** Starts beside the backlog and reads it to its end. */
export async function catchUp({ folder, api }: Surroundings, lines: number): Promise<CaughtUp> {
  const sidecar = await startSidecar({
    folder,
    logDir: join(folder, 'pods'),
    api,
    otlpEndpoint: undefined,
  });
  // The start itself is measured elsewhere; what was read since is not worth a thought.
  const before = await sidecar.cpu();
  const loop = await sidecar.watchLoop(() => untilRead(sidecar, lines));
  const cpu = (await sidecar.cpu()) - before;
  const text = await sidecar.scrape();
  await sidecar.stop();
  return { cpu, loop, lines: countLines(text), problems: findImbalances(text) };
}

/** Looks rarely: a scrape is work too. */
async function untilRead(sidecar: Sidecar, lines: number): Promise<void> {
  while (countLines(await sidecar.scrape()) < lines) await pause(500);
}

function countLines(text: string): number {
  return sumOf(parseExposition(text), 'corespan_lines_read_total');
}

/** Milliseconds from the write of a line to the first scrape that shows it, while other lines come at `rate`. */
export async function timeMarks(
  { folder, api }: Surroundings,
  { rate, marks }: { readonly rate: number; readonly marks: number },
): Promise<number[]> {
  const container = join(folder, 'pods', CONTAINER);
  const writer = await startScript<string>(join(import.meta.dirname, 'stage/logWriter.ts'), {
    folder: container,
    seed: 1,
  });
  const sidecar = await startSidecar({ folder, logDir: join(folder, 'pods'), api, otlpEndpoint: undefined });
  const delays: number[] = [];
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await writer.ask('write', { rate, seconds: 1, uniqueNames: false } satisfies Writing);
  })();
  // A row is shown at 0 once before it counts: the first mark makes it.
  for (let mark = 0; mark <= marks; mark++) {
    const written = performance.now();
    appendFileSync(join(container, '0.log'), toMark(mark));
    if (mark === 0) await pause(1_000);
    while (countMarks(await sidecar.scrape()) <= mark) await pause(1);
    if (mark > 0) delays.push(performance.now() - written);
    // Marks come at any moment between two looks at the log.
    await pause(100 + ((mark * 37) % 100));
  }
  isOver = true;
  await writing;
  await Promise.all([sidecar.stop(), writer.stop()]);
  return delays;
}

const MARK_TYPE = 'NAPTR';

function toMark(mark: number): string {
  const time = new Date().toISOString().replace('Z', '000000Z');
  const quoted = `"${MARK_TYPE} IN mark.example.org. udp 40 false 512"`;
  return `${time} stdout F [INFO] 192.0.2.1:40000 - ${mark + 1} ${quoted} NOERROR qr,rd,ra 100 0.000200000s\n`;
}

function countMarks(text: string): number {
  return sumOf(parseExposition(text), 'corespan_queries_total', { qtype: MARK_TYPE });
}
