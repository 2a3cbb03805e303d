/** What a span costs on its way to an OTLP endpoint: ours, and the SDK with its BatchSpanProcessor. */
import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Lookup } from '../../src/records/lookup.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf } from '../../src/self/self.ts';
import { createOtlpSink } from '../../src/spans/otlp.ts';
import { createSpans } from '../../src/spans/spans.ts';
import { toLookup } from '../support/lookups.ts';
import { toPod, toService } from '../support/queries.ts';

export interface Sender {
  readonly says: string;
  /** One span. */
  send(lookup: Lookup): void;
  /** Resolves when what was sent is on its way, or nearly. */
  keepUp(): Promise<void>;
  /** Delivers the rest; resolves to the spans of which it says that they were lost. */
  stop(): Promise<number>;
}

/** Both send JSON with gzip over kept connections: what OpenTelemetry's exporter does unless told otherwise, and gzip. */
export async function createOurSender(url: string): Promise<Sender> {
  const self = createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: Date.now }));
  const sink = await createOtlpSink({
    endpoint: url,
    env: {},
    serviceAddress: () => undefined,
    takeRejected: () => 0,
  });
  const options = {
    version: 'bench',
    graphSource: 'metrics',
    ratio: 1,
    rate: 1_000_000,
    resource: {},
    readerWaits: false,
    addressOf: () => '192.0.2.53',
    onExported() {},
  } as const;
  const spans = createSpans(options, sink, self.spans);
  const edge = { client: '', server: '' };
  return {
    says: 'corespan',
    send: (lookup) => spans.accept(lookup, edge),
    keepUp() {
      spans.tick();
      return spans.room();
    },
    async stop() {
      await spans.stop(new Promise(() => {}));
      return self.registry.samples('corespan_dropped_total').reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** As many attributes as a query of ours has. */
export function createSdkSender(url: string): Sender {
  const exporter = new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    compression: CompressionAlgorithm.GZIP,
    httpAgentOptions: { keepAlive: true },
  });
  const processor = new BatchSpanProcessor({ exporter });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  return {
    says: 'SDK and BatchSpanProcessor',
    send({ client, decided, start, end }) {
      const { question, rcode, size, id } = decided.query;
      const span = tracer.startSpan(`DNS ${question.qtype}`, {
        kind: SpanKind.INTERNAL,
        startTime: start,
        attributes: {
          'dns.question.name': question.qname,
          'dns.question.type': question.qtype,
          'dns.response.code': rcode,
          'dns.id': id ?? 0,
          'network.protocol.name': 'dns',
          'network.transport': question.transport,
          'server.address': '192.0.2.53',
          'server.port': 53,
          'dns.response.size': size ?? 0,
          'peer.service': decided.target.name,
          'client.workload': client.name,
        },
      });
      span.end(end);
    },
    keepUp: () => processor.forceFlush(),
    async stop() {
      await processor.shutdown();
      // It says nothing.
      return 0;
    },
  };
}

const NAMES = 50;

/** Lookups of one query each; the same few names come again and again, as they do. */
export function toLookups(count: number): Lookup[] {
  const clients = Array.from({ length: NAMES }, (_, n) => toPod('shop', `web-${n}`, `web-${n % 10}`));
  return Array.from({ length: count }, (_, n) =>
    toLookup({
      at: n / 10,
      name: `svc-${n % NAMES}.pay.svc.cluster.local`,
      target: toService('pay', `svc-${n % NAMES}`),
      client_: clients[n % clients.length] ?? toPod('shop', 'web-0'),
    }),
  );
}
