/**
 * A stand-in for the part of a kubelet that serves logs: `/containerLogs/<ns>/<pod>/<container>` over HTTPS on every
 * node's address, out of the CRI files, for the API server's client certificate and nobody else's.
 *
 * As a kubelet it serves the newest file of a run, and goes on with the next one when that is rotated; what was
 * rotated before is not to be had. Not shown is whatever a kubelet asks its runtime.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { type Certificate, createCertificate } from '../support/certificate.ts';
import { NODE_NAMES } from './addresses.ts';
import type { RealCluster } from './cluster.ts';
import { openDoor } from './doors.ts';
import { findLog, followLogFile, readLogFile } from './kubeletStandInLogs.ts';
import type { Running } from './processes.ts';

export interface KubeletCertificates {
  /** For `startCluster`: whom the API server says it is, to a kubelet. */
  readonly apiServerFlags: readonly string[];
  readonly client: Certificate;
}

export interface KubeletStandIn {
  /** `<path>?<query>` of every call. */
  readonly calls: readonly string[];
  /** Paths of logs to which nothing is added any more, because their container has ended. */
  readonly ended: Set<string>;
  stop(): Promise<void>;
}

export const KUBELET_PORT = 10_250;

/** In the folder of the run that is to be started with them next. */
export function createKubeletCertificates(runFolder: string): KubeletCertificates {
  const client = createCertificate();
  const folder = join(runFolder, 'kubelet');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'client.crt'), client.cert);
  writeFileSync(join(folder, 'client.key'), client.key, { mode: 0o600 });
  return {
    apiServerFlags: [
      `--kubelet-client-certificate=${join(folder, 'client.crt')}`,
      `--kubelet-client-key=${join(folder, 'client.key')}`,
    ],
    client,
  };
}

export async function startKubeletStandIn(
  cluster: RealCluster,
  { client }: KubeletCertificates,
): Promise<KubeletStandIn> {
  const calls: string[] = [];
  const ended = new Set<string>();

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(asked.socket as TLSSocket).authorized) {
      response.writeHead(401).end('Unauthorized');
      return;
    }
    const url = new URL(asked.url ?? '', 'https://kubelet');
    calls.push(`${url.pathname}${url.search}`);
    const [, verb, namespace, pod, container] = url.pathname.split('/').map(decodeURIComponent);
    const query = url.searchParams;
    const folder = { podLogs: cluster.podLogs, namespace, pod, container };
    const log = verb === 'containerLogs' ? findLog(folder, query.get('previous') === 'true') : undefined;
    if (log === undefined) {
      // In a kubelet's words.
      response
        .writeHead(400)
        .end(`container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`);
      return;
    }
    const since = Date.parse(query.get('sinceTime') ?? '1970-01-01T00:00:00Z');
    const isOver = (): boolean => response.destroyed || ended.has(log.path) || !existsSync(dirname(log.path));
    const lines = query.get('follow') === 'true' ? followLogFile(log.path, isOver) : [readLogFile(log.path)];
    await pipeline(async function* () {
      for await (const chunk of lines) {
        const text = chunk.filter(({ at }) => at >= since).map(({ line }) => line);
        if (text.length > 0) yield text.join('');
      }
    }, response);
  }

  const own = createCertificate();
  const server = createServer({ ...own, ca: client.cert, requestCert: true, rejectUnauthorized: false });
  // Whoever asked has gone, or the log has: what is left of the answer is broken off.
  server.on('request', (asked, response) => void answer(asked, response).catch(() => response.destroy()));
  const socketPath = join(cluster.socketFolder, 'kubelet.sock');
  await once(server.listen(socketPath), 'listening');
  const doors: Running[] = NODE_NAMES.map((node) =>
    openDoor(cluster.network.nodes[node], {
      port: KUBELET_PORT,
      socketPath,
      logFile: join(cluster.runFolder, `logs/kubelet-door-${node}.log`),
    }),
  );

  return {
    calls,
    ended,
    async stop() {
      await Promise.all(doors.map((door) => door.stop()));
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
