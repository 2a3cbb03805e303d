/** Spans into a file or stream: OTLP/JSON, one ExportTraceServiceRequest a line. */
import { ExportResultCode } from '@opentelemetry/core';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { SpanSink } from './batcher.ts';

/** `write` throws if the text cannot be written; the batch then counts as not exported. */
export function createFileSink(write: (text: string) => void): SpanSink {
  const decoder = new TextDecoder();
  return {
    export(spans, done) {
      try {
        const request = JsonTraceSerializer.serializeRequest(spans);
        if (request === undefined) throw new Error('the spans could not be encoded');
        write(`${decoder.decode(request)}\n`);
        done({ code: ExportResultCode.SUCCESS });
      } catch (error) {
        done({ code: ExportResultCode.FAILED, error: toError(error) });
      }
    },
    shutdown: () => Promise.resolve(),
  };
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
