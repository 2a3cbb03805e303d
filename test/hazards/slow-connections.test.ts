/** Connections that never finish a request: they are cut in time, and no number of them keeps a health check out. */
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type HttpServer, type ListenOptions, startHttpServer } from '../../src/http/server.ts';
import { createTestSelf } from '../support/self.ts';

let server: HttpServer | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

async function start(options: Partial<ListenOptions> = {}) {
  const self = createTestSelf();
  const views = {
    async *metrics() {
      yield 'a 1\n';
    },
    waitingFor: () => [],
    page: () => '',
  };
  server = await startHttpServer({ host: '127.0.0.1', port: 0, ...options }, views, self.http);
  return { self, url: server.url };
}

/** Connects from `from` and sends the beginning of a request; resolves once connected. */
function begin(url: string, from = '127.0.0.1'): Promise<Socket> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), localAddress: from }, () => {
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n');
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.on('error', reject);
    socket.resume();
    sockets.push(socket);
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.on('close', () => resolve()));

it('does not keep a health check out, nor a scrape', async () => {
  const { self, url } = await start();
  for (let n = 0; n < 70; n++) await begin(url);
  const statuses = [];
  for (const path of ['/healthz', '/metrics', '/healthz']) {
    statuses.push((await fetch(`${url}${path}`)).status);
    for (let n = 0; n < 40; n++) await begin(url);
  }
  expect(statuses).toEqual([200, 200, 200]);
  expect(self.count('corespan_connections_cut_total')).toBeGreaterThan(70 + 3 * 40 - 64);
  expect(self.messages.join('')).toContain('A connection was cut to make room for another');
});

it('costs those who open the most of them: others stay', async () => {
  const { self, url } = await start();
  const other = await begin(url, '127.0.0.2');
  let isOpen = true;
  other.on('close', () => {
    isOpen = false;
  });
  for (let n = 0; n < 200; n++) await begin(url);
  other.write('Connection: close\r\n\r\n');
  let answer = '';
  other.on('data', (part) => {
    answer += part.toString();
  });
  expect(isOpen).toBe(true);
  await closed(other);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(self.count('corespan_connections_cut_total')).toBe(201 - 64);
});

it('cuts nobody as long as there is room (twin)', async () => {
  const { self, url } = await start();
  for (let n = 0; n < 60; n++) await begin(url);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(self.count('corespan_connections_cut_total')).toBe(0);
});

it('is over after a while, whatever trickles in', async () => {
  const { url } = await start({ headersTimeout: 500 });
  const began = performance.now();
  const socket = await begin(url);
  const drip = setInterval(() => socket.write('a'), 50);
  let answer = '';
  socket.on('data', (part) => {
    answer += part.toString();
  });
  await closed(socket);
  clearInterval(drip);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  // Node looks every 30 s unless told otherwise.
  expect(performance.now() - began).toBeLessThan(5_000);
});
