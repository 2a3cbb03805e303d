/**
 * The OpenTelemetry side of the process: the SDK, its diagnostics, and the resource that OTEL_* describes.
 *
 * All that the SDK would send by itself is off: our spans have their own path (batcher.ts), our metrics their own
 * exposition, and a sidecar of a DNS server must not open connections that nobody asked for. What is left of it are
 * its context and propagators, for whoever calls OpenTelemetry in this process.
 */
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { detectResources, envDetector } from '@opentelemetry/resources';
import type { Log } from '../self/log.ts';

export interface Otel {
  /** False if OTEL_SDK_DISABLED is true: then no span is exported. */
  readonly isEnabled: boolean;
  /** From OTEL_RESOURCE_ATTRIBUTES; the SDK applies them only to spans of its own making. */
  readonly resource: Readonly<Record<string, string>>;
  /** Spans that endpoints refused since the last call. */
  takeRejected(): number;
  stop(): Promise<void>;
}

/** Starts the SDK; loaded only here, because it costs 8 MB that a run without spans need not pay. */
export async function startOtel(env: Readonly<Record<string, string | undefined>>, log: Log): Promise<Otel> {
  const isEnabled = env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true';
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] ?? 'corespan',
    autoDetectResources: false,
    instrumentations: [],
    spanProcessors: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const rejections = createRejections(log);
  diag.setLogger(rejections.logger, {
    logLevel: env['OTEL_LOG_LEVEL'] === 'debug' ? DiagLogLevel.DEBUG : DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  });
  return {
    isEnabled,
    resource: readResource(),
    takeRejected: () => rejections.take(),
    async stop() {
      await sdk.shutdown();
      diag.disable();
    },
  };
}

/** What OTEL_RESOURCE_ATTRIBUTES says. */
export function readResource(): Record<string, string> {
  const { attributes } = detectResources({ detectors: [envDetector] });
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}

/**
 * The exporter says of a partial success only in its diagnostics (otlp-exporter-base logging-response-handler):
 * there the refused spans are counted from.
 */
function createRejections(log: Log): { readonly logger: DiagLogger; take(): number } {
  let rejected = 0;
  const warn: DiagLogger['warn'] = (message, ...details) => {
    if (message.includes('Partial Success')) rejected += toRejectedSpans(details);
    log.often('warn', 'OpenTelemetry reported a problem', { problem: [message, ...details].join(' ') });
  };
  return {
    logger: {
      verbose: (message) => log.debug(message),
      debug: (message) => log.debug(message),
      info: (message) => log.debug(message),
      warn,
      error: warn,
    },
    take() {
      const taken = rejected;
      rejected = 0;
      return taken;
    },
  };
}

function toRejectedSpans(details: readonly unknown[]): number {
  for (const detail of details) {
    const count = /"rejectedSpans":"?(\d+)/.exec(String(detail))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}
