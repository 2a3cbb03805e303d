/** A proxy in the control plane's network that writes down what passes, and may change what is asked for. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { connectIn, fetchIn, openDoor } from './doors.ts';
import { type MonitoringPlace, toBackendUrl } from './monitoring.ts';
import type { Sandbox } from './sandbox.ts';
import { until } from './until.ts';

export interface RelayOptions {
  /** Where it listens, at the control plane's address. */
  readonly port: number;
  /** `http://<address>:<port>` */
  readonly target: string;
  /** Put in place of those that the asker sent. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One exchange, by what its headers say. */
export interface Exchange {
  readonly path: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly status: number;
  readonly answerType: string;
}

export interface Relay {
  /** For programs of the cluster, in place of the target. */
  readonly url: string;
  readonly address: string;
  readonly exchanges: readonly Exchange[];
  stop(): Promise<void>;
}

export interface RelayPlace extends MonitoringPlace {
  readonly sandboxes: { readonly controlPlane: Sandbox };
  /** For a unix socket. */
  readonly socketFolder: string;
}

export async function startRelay(
  place: RelayPlace,
  { port, target, headers = {} }: RelayOptions,
): Promise<Relay> {
  const { namespace } = place.sandboxes.controlPlane;
  const { hostname, port: targetPort } = new URL(target);
  const exchanges: Exchange[] = [];
  const server = createServer((asked, answer) => {
    const onward = request(`${target}${asked.url}`, {
      method: asked.method ?? 'GET',
      headers: { ...asked.headers, ...headers, connection: 'close' },
      createConnection: () => connectIn(namespace, { address: hostname, port: Number(targetPort) }),
    });
    onward.once('error', () => answer.destroy());
    onward.once('response', (came: IncomingMessage) => {
      exchanges.push(toExchange(asked, came));
      passOn(came, answer);
    });
    asked.pipe(onward);
  });
  const socketPath = join(place.socketFolder, `relay-${port}.sock`);
  await once(server.listen(socketPath), 'listening');
  const logFile = join(place.runFolder, 'logs', `relay-${port}.log`);
  const door = openDoor(namespace, { port, socketPath, logFile });
  const url = toBackendUrl(port);
  await until(`the relay at ${url}`, () => fetchIn(namespace, url));
  // That was ours.
  exchanges.length = 0;
  return {
    url,
    address: new URL(url).host,
    exchanges,
    async stop() {
      await door.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}

function passOn(came: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(came.statusCode ?? 502, came.headers);
  came.pipe(answer);
}

function toExchange(asked: IncomingMessage, came: IncomingMessage): Exchange {
  return {
    path: asked.url ?? '',
    contentType: asked.headers['content-type'] ?? '',
    contentEncoding: asked.headers['content-encoding'] ?? 'none',
    status: came.statusCode ?? 0,
    answerType: came.headers['content-type'] ?? '',
  };
}
