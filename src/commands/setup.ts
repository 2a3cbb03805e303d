/** What run, replay and demo have in common before they start: configuration, self, spans, the pipeline. */
import { readFileSync } from 'node:fs';
import { createPipeline, type Pipeline } from '../app.ts';
import { type Config, type Loaded, load } from '../config/load.ts';
import type { ConfiguredVerb } from '../config/options.ts';
import { withTrailingDot } from '../dns/names.ts';
import { compileFormat } from '../parse/format.ts';
import { createLog, type Log } from '../self/log.ts';
import { createSelf, type Self } from '../self/self.ts';
import type { SpanSink } from '../spans/batcher.ts';
import { type Otel, startOtel } from '../spans/otel.ts';
import { createOtlpSink, hasOtlpEndpoint, OTLP_PROTOCOLS, toOtlpProtocol } from '../spans/otlp.ts';
import { VERSION } from '../version.ts';
import type { World } from './command.ts';

/** Reads the configuration of `verb` and checks what only the other rooms can check. */
export async function loadConfig(verb: ConfiguredVerb, world: World): Promise<Loaded> {
  const parseYaml = await loadYaml(world);
  const loaded = load({
    verb,
    args: world.args,
    env: world.env,
    readFile: (path) => parseYaml(readFileSync(path, 'utf8')),
  });
  return { ...loaded, problems: [...loaded.problems, ...checkFurther(loaded.config, world)] };
}

/** The YAML library is loaded only where a file is given. */
async function loadYaml({ args, env }: World): Promise<(text: string) => unknown> {
  const isGiven = env['CORESPAN_CONFIG'] !== undefined || args.some((arg) => arg.startsWith('--config'));
  if (!isGiven) return () => undefined;
  const { parse } = await import('yaml');
  return parse;
}

function checkFurther(config: Config, { env }: World): string[] {
  const problems: string[] = [];
  const formatProblem = config.logFormat === undefined ? undefined : checkFormat(config.logFormat);
  if (formatProblem !== undefined) problems.push(`--log-format: ${formatProblem}`);
  const protocol = toOtlpProtocol(env);
  if (!(OTLP_PROTOCOLS as readonly string[]).includes(protocol)) {
    const wanted = OTLP_PROTOCOLS.join(' or ');
    problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL: got ${JSON.stringify(protocol)}, wants ${wanted}`);
  }
  return problems;
}

function checkFormat(format: string): string | undefined {
  const compiled = compileFormat(format);
  if ('problem' in compiled) return compiled.problem;
  const tellsOutcome = /^(common|combined|json)$|\{(rcode|common|combined)\}/.test(format);
  return tellsOutcome ? undefined : 'the format has no {rcode}: its lines do not tell what failed';
}

export function createSelfOf(config: Config, world: World): Self {
  const log = createLog({
    level: config.logLevel ?? 'info',
    isTerminal: world.isTerminal,
    write: (text) => world.err(text),
    now: () => world.now(),
  });
  const self = createSelf(log);
  self.registry.cell('corespan_build_info', VERSION, world.env['CORESPAN_REVISION'] ?? '').value = 1;
  return self;
}

/** A pipeline with its way out. */
export interface Plant {
  readonly pipeline: Pipeline;
  /** Delivers what waits within `ms` and ends the OpenTelemetry side. */
  stop(ms: number): Promise<void>;
}

export interface PlantOptions {
  readonly config: Config;
  readonly self: Self;
  readonly env: World['env'];
  /** Instead of the OTLP endpoint of the configuration. */
  readonly sink?: SpanSink;
  readonly graceMs: number;
  readonly retainMs: number;
}

export async function createPlant({ config, self, env, sink, ...options }: PlantOptions): Promise<Plant> {
  const endpoint = config.otlpEndpoint === 'none' ? undefined : config.otlpEndpoint;
  const isWanted = config.otlpEndpoint !== 'none' && hasOtlpEndpoint({ endpoint, env });
  const needsOtel = sink === undefined && isWanted;
  if (sink === undefined && !isWanted) tellThatSpansAreOff(config, self.log);
  const otel = needsOtel ? await startOtel(env, self.log) : undefined;
  let serviceAddress: (host: string) => string | undefined = () => undefined;
  const wayOut =
    otel?.isEnabled === true
      ? await createOtlpSink({
          endpoint,
          env,
          serviceAddress: (host) => serviceAddress(host),
          takeRejected: () => otel.takeRejected(),
        })
      : sink;
  const pipeline = createPipeline(
    {
      ...options,
      version: VERSION,
      logFormat: config.logFormat,
      clusterDomains: config.clusterDomain.map(withTrailingDot),
      targetLabel: config.targetLabel,
      graphSource: config.graphSource,
      maxEdges: config.maxEdges,
      sampleRatio: config.sampleRatio,
      spanRate: config.spanRate,
      resource: otel?.resource ?? {},
      selfHost: toHost(endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT']),
    },
    wayOut,
    self,
  );
  serviceAddress = pipeline.serviceAddress;
  return {
    pipeline,
    async stop(ms) {
      await withDeadline(ms, (deadline) => pipeline.drain(deadline));
      await stopOtel(otel);
    },
  };
}

function tellThatSpansAreOff(config: Config, log: Log): void {
  if (config.otlpEndpoint === 'none') return;
  log.info('Spans are off: neither --otlp-endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set');
}

async function stopOtel(otel: Otel | undefined): Promise<void> {
  await otel?.stop();
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

/** The host name of an endpoint, if it has one that must be looked up. */
function toHost(endpoint: string | undefined): string | undefined {
  const host = endpoint === undefined ? undefined : URL.parse(endpoint)?.hostname;
  return host === undefined || /^[\d.]+$|^\[|^localhost$/.test(host) ? undefined : host;
}
