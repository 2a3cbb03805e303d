/** An OTLP endpoint for the demo: takes spans as JSON and shows the newest traces. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface OtlpReceiver {
  /** Base URL; spans go to `/v1/traces`, the newest traces are shown at `/traces`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The little of OTLP/JSON that is shown. */
interface TraceRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly Attribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Attribute[];
}

interface ShownTrace {
  readonly traceId: string;
  readonly client: string;
  readonly asked: string;
  readonly outcome: string;
  readonly milliseconds: number;
}

const KEPT_TRACES = 50;
/** Bytes, as they come and unpacked. */
const MAX_BODY = 8 * 1024 * 1024;
const unzip = promisify(gunzip);

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let newest: ShownTrace[] = [];

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const traces = JSON.parse(body.toString()) as TraceRequest;
    const shown: ShownTrace[] = [];
    for (const { resource, scopeSpans } of traces.resourceSpans ?? []) {
      const client = textOf(resource?.attributes, 'service.name');
      for (const span of scopeSpans?.flatMap((scope) => scope.spans ?? []) ?? []) {
        if (!span.parentSpanId) shown.push(toShown(span, client));
      }
    }
    // Of a request that turns out to be wrong nothing is kept.
    newest = [...newest, ...shown].slice(-KEPT_TRACES);
    send(response, 200, {});
  }

  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/v1/traces') {
      take(request, response).catch((error: unknown) => send(response, 400, { message: String(error) }));
    } else if (request.url === '/traces') send(response, 200, [...newest].reverse());
    else send(response, 404, { message: 'there are POST /v1/traces and GET /traces' });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Error('the request is too large');
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  return request.headers['content-encoding'] === 'gzip'
    ? await unzip(body, { maxOutputLength: MAX_BODY })
    : body;
}

function toShown(span: Span, client: string): ShownTrace {
  const nanos = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
  return {
    traceId: span.traceId,
    client,
    asked: textOf(span.attributes, 'corespan.lookup.name'),
    outcome: textOf(span.attributes, 'corespan.lookup.outcome'),
    milliseconds: Number(nanos) / 1e6,
  };
}

function textOf(attributes: readonly Attribute[] | undefined, key: string): string {
  return attributes?.find((attribute) => attribute.key === key)?.value.stringValue ?? '';
}

function send(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(content, undefined, status === 200 ? 1 : 0)}\n`);
}
