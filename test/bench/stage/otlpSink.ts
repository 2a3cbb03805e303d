/** A process of its own: an OTLP endpoint that counts the spans it gets, and keeps none. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { answerQuestions } from './answering.ts';

export interface SinkReady {
  readonly url: string;
}

export interface SinkCounts {
  readonly requests: number;
  readonly spans: number;
  readonly bytes: number;
}

const unpack = promisify(gunzip);
/** Every span has one of these, and nothing else has. */
const SPAN = Buffer.from('"startTimeUnixNano"');

let [requests, spans, bytes] = [0, 0, 0];

const server = createServer((request, response) => {
  take(request).then(
    () => response.setHeader('content-type', 'application/json').end('{}'),
    (error: unknown) => response.writeHead(400).end(String(error)),
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

answerQuestions({
  ready: (): SinkReady => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  counts: (): SinkCounts => ({ requests, spans, bytes }),
});

async function take(request: IncomingMessage): Promise<void> {
  const body = await buffer(request);
  const text = request.headers['content-encoding'] === 'gzip' ? await unpack(body) : body;
  requests++;
  bytes += body.length;
  for (let at = text.indexOf(SPAN); at >= 0; at = text.indexOf(SPAN, at + SPAN.length)) spans++;
}
