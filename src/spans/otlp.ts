/** Where spans go: an OTLP endpoint over HTTP, as the OTEL_* environment and corespan's options say. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { SpanSink } from './batcher.ts';
import { findCompression, findProtocol } from './otlpVariables.ts';

export interface OtlpOptions {
  /** Base URL; `/v1/traces` is put behind it. Undefined: OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT says. */
  readonly endpoint: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The address of a Service by its name in the cluster: pods of a DNS server cannot ask themselves for it. */
  readonly serviceAddress: (host: string) => string | undefined;
  /** Spans that the endpoint refused within an export that succeeded; read and reset. */
  readonly takeRejected: () => number;
}

/** OpenTelemetry's way out with our defaults: gzip, JSON, own lookup, and requests that are written by us (docs/adr/014). */
export async function createOtlpSink(options: OtlpOptions): Promise<SpanSink> {
  const { endpoint, env } = options;
  // Only where it is asked for: it brings an HTTP client and serializers that a run without spans need not hold.
  const { createExporter } = await import('./exporter.ts');
  const exporter = createExporter({
    protocol: findProtocol(env)?.value === 'http/protobuf' ? 'http/protobuf' : 'http/json',
    ...(endpoint === undefined ? {} : { url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }),
    // The exporter's own default is none; 16 times fewer bytes cost 2 µs a span.
    ...(findCompression(env) === undefined ? { compression: CompressionAlgorithm.GZIP } : {}),
    lookup: createLookup(options.serviceAddress),
  });
  return {
    export: (spans, done) => exporter.export(spans, done),
    shutdown: () => exporter.shutdown(),
    takeRejected: options.takeRejected,
  };
}

/**
 * Resolves the endpoint's host: from the Services that are watched anyway, else by the system, else to the last
 * address that worked. CoreDNS pods run with `dnsPolicy: Default`, where cluster names do not resolve.
 */
function createLookup(serviceAddress: OtlpOptions['serviceAddress']): LookupFunction {
  let last: { readonly address: string; readonly family: number } | undefined;
  return (host, options, callback) => {
    const service = serviceAddress(host);
    if (service !== undefined) {
      const family = service.includes(':') ? 6 : 4;
      if (options.all) callback(null, [{ address: service, family }]);
      else callback(null, service, family);
      return;
    }
    systemLookup(host, { ...options, all: true }, (error, addresses) => {
      const found = addresses?.[0] ?? last;
      if (found === undefined) {
        callback(error, '');
        return;
      }
      last = found;
      if (options.all) callback(null, addresses?.length > 0 ? addresses : [found]);
      else callback(null, found.address, found.family);
    });
  };
}
