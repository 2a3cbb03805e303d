/**
 * The way of a watch in this process to the API server in its namespace: a port on loopback, which a test can shut,
 * cut and mute. Bytes pass as they are; TLS is between the two ends.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { API_PORT, CONTROL_PLANE } from './addresses.ts';
import { connectIn } from './doors.ts';

export interface ApiDoor {
  readonly port: number;
  /** Open right now. */
  readonly connections: number;
  /** Ends every connection, and each new one at once, until it is opened again. */
  shut(): void;
  open(): void;
  /** Resets every connection; new ones pass. */
  cut(): void;
  /** Takes and gives no byte more on the connections of now, and leaves them open. */
  mute(): void;
  close(): Promise<void>;
}

interface Passage {
  readonly inside: Socket;
  readonly outside: Socket;
}

/** `namespace` is where the API server can be reached from. */
export async function openApiDoor(namespace: string): Promise<ApiDoor> {
  const passages = new Set<Passage>();
  let isShut = false;

  const server = createServer((outside) => {
    outside.on('error', () => {});
    if (isShut) {
      outside.destroy();
      return;
    }
    const inside = connectIn(namespace, { address: CONTROL_PLANE, port: API_PORT });
    const passage = { inside, outside };
    passages.add(passage);
    inside.on('error', () => {});
    outside.pipe(inside);
    inside.pipe(outside);
    inside.once('close', () => outside.destroy());
    outside.once('close', () => {
      inside.destroy();
      passages.delete(passage);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  function cut(): void {
    for (const { outside } of passages) outside.resetAndDestroy();
  }

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return passages.size;
    },
    shut() {
      isShut = true;
      cut();
    },
    open() {
      isShut = false;
    },
    cut,
    mute() {
      for (const { inside, outside } of passages) {
        outside.unpipe(inside);
        inside.unpipe(outside);
      }
    },
    async close() {
      cut();
      await once(server.close(), 'close');
    },
  };
}
