/** A small OTLP endpoint of the test: takes spans as JSON from inside the cluster, and keeps every one. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type OtlpSpan, readSpans } from '../support/truth.ts';
import { UPSTREAM } from './addresses.ts';
import type { RealCluster } from './cluster.ts';
import { openDoor } from './doors.ts';

export interface SpanCollector {
  /** For `--otlp-endpoint`. */
  readonly endpoint: string;
  /** All that came, in order of arrival; a request that came twice counts once. */
  readonly spans: readonly OtlpSpan[];
  stop(): Promise<void>;
}

const PORT = 4318;

/** Outside the cluster, where the upstream DNS server is. */
export async function startSpanCollector(cluster: RealCluster): Promise<SpanCollector> {
  const spans = new Map<string, OtlpSpan>();
  const server = createServer((request, response) => {
    take(request).then(
      () => response.setHeader('content-type', 'application/json').end('{}'),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });

  async function take(request: IncomingMessage): Promise<void> {
    const body = await buffer(request);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    for (const span of readSpans(text.toString())) spans.set(`${span.traceId} ${span.spanId}`, span);
  }

  const socketPath = join(cluster.socketFolder, 'spans.sock');
  await once(server.listen(socketPath), 'listening');
  const logFile = join(cluster.runFolder, 'logs/span-collector.log');
  const door = openDoor(cluster.network.upstream, { port: PORT, socketPath, logFile });
  return {
    endpoint: `http://${UPSTREAM}:${PORT}`,
    get spans() {
      return [...spans.values()];
    },
    async stop() {
      await door.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}
