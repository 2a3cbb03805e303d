/** An OTLP endpoint for tests that answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type OtlpSpan, readSpans } from './truth.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the next requests get, in order; `hang` never answers; the last one stays. */
export type Behaviour = Answer | 'hang' | 'reset';

export interface OtlpServer {
  readonly url: string;
  /** Spans of requests that were answered with 200. */
  readonly spans: readonly OtlpSpan[];
  readonly requests: number;
  /** Resolves once `isThere`, which is asked whenever a request has come. */
  until(isThere: () => boolean): Promise<void>;
  behave(...behaviours: Behaviour[]): void;
  stop(): Promise<void>;
}

export const OK: Answer = { status: 200, body: {} };

export async function startOtlpServer(): Promise<OtlpServer> {
  const spans: OtlpSpan[] = [];
  let requests = 0;
  let behaviours: Behaviour[] = [OK];
  const looks = new Set<() => void>();

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    requests++;
    answer(request, response, Buffer.concat(parts));
    for (const look of looks) look();
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const behaviour = (behaviours.length > 1 ? behaviours.shift() : behaviours[0]) ?? OK;
    if (behaviour === 'hang') return;
    if (behaviour === 'reset') {
      request.socket.destroy();
      return;
    }
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (behaviour.status === 200) spans.push(...readSpans(text.toString()));
    response.writeHead(behaviour.status, { 'Content-Type': 'application/json', ...behaviour.headers });
    response.end(JSON.stringify(behaviour.body ?? {}));
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    spans,
    get requests() {
      return requests;
    },
    until: (isThere) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isThere()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    behave(...next) {
      behaviours = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
