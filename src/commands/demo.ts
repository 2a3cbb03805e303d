/** `corespan demo`: a recorded cluster played through the whole pipeline, with an OTLP endpoint of its own. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pipeline } from '../app.ts';
import type { Config } from '../config/load.ts';
import { toDnsPodLabel } from '../records/line.ts';
import type { Self } from '../self/self.ts';
import { type Command, EXIT, refuse, type World } from './command.ts';
import { type Listening, listen } from './listen.ts';
import { type OtlpSink, startOtlpSink } from './otlpSink.ts';
import { loadPlayback, type Playback, type Round } from './playback.ts';
import { createPlant, createSelfOf, loadConfig, type Plant } from './setup.ts';
import { toSummary, toSummaryText } from './summary.ts';
import { toPageText } from './views.ts';

export const demo: Command = {
  summary: 'play a recorded cluster: what you would see',
  usage: 'corespan demo [options]',
  description:
    'Plays a recorded cluster in a loop at real speed, through the same pipeline and into an OTLP endpoint of its\nown, and serves /metrics and the page. Needs no cluster. Ctrl-C ends it.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('demo', world);
    const wrong = [...problems, ...paths.map((path) => `${path}: demo takes no path, see corespan replay`)];
    if (wrong.length > 0) return refuse(world, wrong);
    const self = createSelfOf(config, world);
    const folder = findRecording();
    if (folder === undefined) return refuse(world, ['the recording of the demo (examples/day) is not there']);
    const playback = await loadPlayback(folder, config.containers);
    if ('problems' in playback) return refuse(world, playback.problems);
    return await show({ world, config, self, playback, started: performance.now() });
  },
};

interface Show {
  readonly world: World;
  readonly config: Config;
  readonly self: Self;
  readonly playback: Playback;
  /** Milliseconds on the process's own clock. */
  readonly started: number;
}

/** Milliseconds between two looks at what is due. */
const BEAT_MS = 100;
/** Milliseconds until the first table, and between the next ones. */
const TABLE = { first: 5_000, next: 30_000 };
/** Milliseconds of pause between two rounds: what is open closes, and the map comes to rest. */
const REST_MS = 7_000;

async function show(input: Show): Promise<number> {
  const { world, config, self } = input;
  const sink = config.otlpEndpoint === undefined ? await startOtlpSink() : undefined;
  const plant = await createPlant({
    config: sink === undefined ? config : { ...config, otlpEndpoint: sink.url },
    self,
    env: world.env,
    graceMs: 0,
    retainMs: 60_000,
  });
  const { pipeline } = plant;
  const http = await listen(config, self.http, {
    metrics: (format) => pipeline.metrics.render(format, world.now()),
    waitingFor: () => [],
    page: () =>
      toPageText({ pipeline, registry: self.registry, source: 'a recorded cluster', waitingFor: [] }),
  });
  if (http.problem !== undefined) {
    await endAll(plant, http, sink);
    return refuse(world, [http.problem]);
  }
  tellWhatToOpen(input, http, sink);
  if (config.once) playOnce(input, pipeline);
  else await playOn(input, pipeline);
  pipeline.finish();
  await plant.stop(config.shutdownTimeout);
  tellTable(input, pipeline);
  await endAll(undefined, http, sink);
  return EXIT.done;
}

/** Everything at once, as if it had just ended. */
function playOnce(input: Show, pipeline: Pipeline): void {
  const { world, playback } = input;
  playDue(input, playback.begin(world.now() - playback.length), { pipeline, now: Infinity });
}

/** Round after round at the speed of the clock, until somebody has seen enough. */
async function playOn(input: Show, pipeline: Pipeline): Promise<void> {
  const { world, playback } = input;
  let isStopped = false;
  void world.stopped.then(() => {
    isStopped = true;
  });
  let round = playback.begin(world.now());
  let nextRound = world.now() + playback.length + REST_MS;
  let nextTable = world.now() + TABLE.first;
  while (!isStopped) {
    const now = world.now();
    playDue(input, round, { pipeline, now });
    pipeline.tick(now);
    if (now >= nextTable) {
      tellTable(input, pipeline);
      nextTable = now + TABLE.next;
    }
    if (round.isOver() && now >= nextRound) {
      round = playback.begin(now);
      nextRound = now + playback.length + REST_MS;
    }
    await Promise.race([world.stopped, sleep(BEAT_MS)]);
  }
}

function playDue({ self }: Show, round: Round, { pipeline, now }: { pipeline: Pipeline; now: number }): void {
  for (const change of round.changes(now)) pipeline.change(change);
  for (const lines of round.lines(now)) {
    self.sources.read(toDnsPodLabel(lines.file), lines.to - lines.from);
    pipeline.accept(lines);
  }
}

function tellWhatToOpen(
  { world, config, playback }: Show,
  http: Listening,
  sink: OtlpSink | undefined,
): void {
  const speed = config.once
    ? 'once, as fast as it goes'
    : `${(playback.length / 1e3).toFixed(0)} s in a loop, Ctrl-C ends it`;
  const lines = [
    `Playing a recorded cluster: ${speed}.`,
    ...(http.url === undefined ? [] : ['', `Open  ${http.url}/   the page: who asks for whom`]),
    '',
    'Try',
    ...(http.url === undefined
      ? []
      : [
          `  curl -s ${http.url}/metrics | grep traces_service_graph_request_total`,
          `  curl -s ${http.url}/metrics | grep corespan_lookups_total`,
        ]),
    ...(sink === undefined ? [] : [`  curl -s ${sink.url}/traces`]),
    '',
    '',
  ];
  world.out(lines.join('\n'));
}

function tellTable({ world, self, started }: Show, pipeline: Pipeline): void {
  const summary = toSummary(pipeline, self.registry, (performance.now() - started) / 1e3);
  world.out(`${toSummaryText(summary, [...pipeline.metrics.edges()])}\n`);
}

async function endAll(plant: Plant | undefined, http: Listening, sink: OtlpSink | undefined): Promise<void> {
  await plant?.stop(0);
  await http.stop();
  await sink?.stop();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The recording lies in the project's folder, which is above this file in the sources and in the bundle alike. */
function findRecording(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'examples', 'day');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
