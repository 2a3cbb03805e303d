/** Spans into a file or stream: OTLP/JSON, one ExportTraceServiceRequest a line. */
import { ExportResultCode } from '@opentelemetry/core';
import type { SpanSink } from './batcher.ts';
import { createJsonRequests } from './json.ts';

/** `write` throws if the text cannot be written; the batch then counts as not exported. `file`: as people call it. */
export function createFileSink(file: string, write: (text: string) => void): SpanSink {
  const toRequest = createJsonRequests();
  const decoder = new TextDecoder();
  return {
    file,
    export(spans, done) {
      write(`${decoder.decode(toRequest(spans))}\n`);
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: () => Promise.resolve(),
  };
}
