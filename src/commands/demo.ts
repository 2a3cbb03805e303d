/** `corespan demo`: a recorded cluster played through the whole pipeline, with an OTLP endpoint of its own. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import { NOBODY } from './cluster.ts';
import { type Command, EXIT, refuse, say, type World } from './command.ts';
import { loadConfig } from './configuration.ts';
import { playOn, playOnce } from './demoLoop.ts';
import { type Listening, listen } from './listen.ts';
import { toLosses } from './losses.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlpReceiver.ts';
import { createOwnSelf } from './ownSelf.ts';
import { loadPlayback, type Playback } from './playback.ts';
import { startPipeline } from './startPipeline.ts';
import { type Summary, toSummary, toSummaryText } from './summary.ts';
import { toPageText } from './views.ts';

export const demo: Command = {
  summary: 'play a recorded cluster: what you would see',
  usage: 'corespan demo [options]',
  description:
    'Plays a recorded cluster in a loop at real speed, through the same pipeline and into an OTLP endpoint of its\nown, and serves /metrics and the page. Needs no cluster. Ctrl-C ends it. With --once the exit\ncode is 1 if spans did not reach the endpoint.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('demo', world);
    const wrong = [...problems, ...paths.map((path) => `${path}: demo takes no path, see corespan replay`)];
    if (wrong.length > 0) return refuse(world, wrong);
    const folder = findRecording();
    if (folder === undefined)
      return refuse(world, ['the recording of the demo (examples/shop) is not there']);
    const playback = await loadPlayback(folder, config.containers);
    if ('problems' in playback) return refuse(world, playback.problems);
    const receiver = config.otlpEndpoint === undefined ? await startOtlpReceiver() : undefined;
    try {
      return await show({ world, config, self: createOwnSelf(config, world), playback, receiver });
    } finally {
      await receiver?.stop();
    }
  },
};

interface Show {
  readonly world: World;
  readonly config: Config;
  readonly self: Self;
  readonly playback: Playback;
  /** Undefined: spans go where the configuration says. */
  readonly receiver: OtlpReceiver | undefined;
}

/** Milliseconds for which ended identities are kept: longer than a round. */
const RETAIN_MS = 300_000;

/** Its own endpoint takes JSON, whatever the environment says about other ones. */
const OWN_RECEIVER = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json', OTEL_SDK_DISABLED: 'false' };

async function show(input: Show): Promise<number> {
  const { world, config, self, playback, receiver } = input;
  const begun = performance.now();
  const { pipeline, endpoint, stop } = await startPipeline({
    config: receiver === undefined ? config : { ...config, otlpEndpoint: receiver.url },
    self,
    env: receiver === undefined ? world.env : { ...world.env, ...OWN_RECEIVER },
    // Its changes are played, too.
    cluster: NOBODY,
    graceMs: 0,
    retainMs: RETAIN_MS,
    readerWaits: false,
  });
  const http = await listen(config, self.http, {
    metrics: (format, scraper) => pipeline.metrics.render(format, world.now(), scraper),
    waitingFor: () => [],
    page: () =>
      toPageText({
        pipeline,
        registry: self.registry,
        source: 'a recorded cluster',
        waitingFor: [],
        hasCluster: true,
      }),
  });
  const tellTable = (): Summary => {
    const summary = toSummary(pipeline, self.registry, (performance.now() - begun) / 1e3);
    world.out(`${toSummaryText(summary, pipeline.metrics)}\n`);
    return summary;
  };
  try {
    if (http.problem !== undefined) {
      await stop(0);
      return refuse(world, [http.problem]);
    }
    const played = { world, self, playback, pipeline };
    const whatToOpen = (): void => tellWhatToOpen(input, http);
    if (config.once) {
      whatToOpen();
      playOnce(played);
    } else await playOn(played, { whatToOpen, table: tellTable });
    pipeline.finish();
    await stop(config.shutdownTimeout);
    const { spans } = tellTable();
    const losses = endpoint === undefined ? [] : toLosses(spans, endpoint);
    for (const loss of losses) say(world, loss);
    // Whoever ends a loop has seen in its tables what became of the spans.
    return config.once && losses.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await http.stop();
  }
}

/** What to open and try, of which nothing is there any more after a demo that plays once. */
function tellWhatToOpen({ world, config, playback, receiver }: Show, { url }: Listening): void {
  if (config.once) {
    world.out('Playing a recorded cluster: once, as fast as it goes.\n\n');
    return;
  }
  const tries = [
    ...(url === undefined
      ? []
      : [
          `  curl -s ${url}/metrics | grep traces_service_graph_request_total`,
          `  curl -s ${url}/metrics | grep corespan_lookups_total`,
        ]),
    ...(receiver === undefined ? [] : [`  curl -s ${receiver.url}/traces`]),
  ];
  const lines = [
    `Playing a recorded cluster: ${(playback.length / 1e3).toFixed(0)} s in a loop, Ctrl-C ends it.`,
    ...(url === undefined ? [] : ['', `Open  ${url}/   the page: who asks for whom`]),
    ...(tries.length === 0 ? [] : ['', 'Try', ...tries]),
    '',
    '',
  ];
  world.out(lines.join('\n'));
}

/** The recording lies in the project's folder, which is above this file in the sources and in the bundle alike. */
function findRecording(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'examples', 'shop');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
