/** What a span costs on its way to an OTLP endpoint: ours, and the SDK with its BatchSpanProcessor. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Lookup } from '../../src/records/lookup.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf } from '../../src/self/self.ts';
import { addLookup, addServer, addTarget, toQueryAttributes } from '../../src/spans/attributes.ts';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { createOtlpSink } from '../../src/spans/otlp.ts';
import { createSpans } from '../../src/spans/spans.ts';
import { toLookup } from '../support/lookups.ts';
import { toPod, toService } from '../support/queries.ts';

export interface Sender {
  /** One span. */
  send(lookup: Lookup): void;
  /** Resolves when the endpoint has answered all that was sent. */
  keepUp(): Promise<void>;
  /** Delivers the rest; resolves to the spans of which it says that they were lost. */
  stop(): Promise<number>;
}

/** Both send JSON with gzip over kept connections: what OpenTelemetry's exporter does unless told otherwise, and gzip. */
export async function createOurSender(url: string): Promise<Sender> {
  const self = createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: Date.now }));
  const otlp = await createOtlpSink({
    endpoint: url,
    env: {},
    serviceAddress: () => undefined,
    takeRejected: () => 0,
  });
  let onAnswer = (): void => {};
  const sink: SpanSink = {
    ...otlp,
    export: (batch, done) =>
      otlp.export(batch, (result) => {
        done(result);
        onAnswer();
      }),
  };
  const options = {
    version: 'bench',
    graphSource: 'metrics',
    ratio: 1,
    rate: 1_000_000,
    resource: {},
    readerWaits: false,
    addressOf,
    onExported() {},
  } as const;
  const spans = createSpans(options, sink, self.spans);
  const edge = { client: '', server: '' };
  let time = 0;
  return {
    send: (lookup) => spans.accept(lookup, edge),
    async keepUp() {
      // Now, however long ago the last time was.
      time += 60_000;
      spans.tick(time);
      while (!spans.pending()[Symbol.iterator]().next().done) {
        await new Promise<void>((resolve) => {
          onAnswer = resolve;
        });
        // The queue settles the batch, and starts the next one, once it has been told.
        await nextTurn();
      }
    },
    async stop() {
      await spans.stop(new Promise(() => {}));
      return self.registry.samples('corespan_dropped_total').reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** The same attributes, of one resource for all. */
export function createSdkSender(url: string): Sender {
  const exporter = new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    compression: CompressionAlgorithm.GZIP,
    httpAgentOptions: { keepAlive: true },
  });
  const processor = new BatchSpanProcessor({ exporter });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  return {
    send(lookup) {
      const { query, target } = lookup.decided;
      const attributes = toQueryAttributes(query);
      addServer(attributes, query, addressOf);
      addTarget(attributes, target);
      addLookup(attributes, lookup);
      const span = tracer.startSpan(`DNS ${query.question.qtype}`, {
        kind: SpanKind.INTERNAL,
        startTime: lookup.start,
        attributes,
      });
      span.end(lookup.end);
    },
    async keepUp() {
      await processor.forceFlush();
      // The processor does not wait for a batch that was on its way before.
      await exporter.forceFlush();
    },
    async stop() {
      await processor.shutdown();
      // It says nothing.
      return 0;
    },
  };
}

const addressOf = (): string => '192.0.2.53';

const NAMES = 50;
/** Bytes of a line. */
const LINE = 174;

/** Lookups of one query each; the same few questions and clients come again and again, from other ports. */
export function toLookups(count: number): Lookup[] {
  const kinds = Array.from({ length: NAMES }, (_, n) =>
    toLookup({
      name: `svc-${n}.pay.svc.cluster.local`,
      target: toService('pay', `svc-${n}`),
      client_: toPod('shop', `web-${n}`, `web-${n % 10}`),
    }),
  );
  return Array.from({ length: count }, (_, n) => toNext(kinds[n % NAMES] ?? toLookup(), n));
}

function toNext(lookup: Lookup, n: number): Lookup {
  const { query } = lookup.decided;
  const port = 32_768 + ((n * 7_919) % 28_000);
  const after = n / 10;
  const attempt = {
    ...lookup.decided,
    query: { ...query, offset: n * LINE, port, time: query.time + after },
  };
  return {
    ...lookup,
    attempts: [attempt],
    decided: attempt,
    start: lookup.start + after,
    end: lookup.end + after,
  };
}
