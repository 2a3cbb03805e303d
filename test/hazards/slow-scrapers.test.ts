/** Scrapers that do not read: what they were to get stays unwritten, they are cut off, and others are served. */
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createPatience } from '../../src/http/patience.ts';
import { sendPieces } from '../../src/http/pieces.ts';
import { type HttpServer, startHttpServer } from '../../src/http/server.ts';
import { createTestSelf } from '../support/self.ts';

let server: HttpServer | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

const PIECE = 'x'.repeat(65_536);
const PIECES = 1_000;

function* allPieces(): Generator<string> {
  for (let n = 0; n < PIECES; n++) yield PIECE;
}

async function start(scrapeTimeout: number, pieces: () => Iterable<string> = allPieces) {
  const self = createTestSelf();
  let written = 0;
  server = await startHttpServer(
    { host: '127.0.0.1', port: 0, scrapeTimeout },
    {
      async *metrics() {
        for (const piece of pieces()) {
          written++;
          yield piece;
        }
      },
      waitingFor: () => [],
      page: () => '',
    },
    self.http,
  );
  return { self, url: server.url, written: () => written };
}

/** Asks for the metrics and reads nothing; resolves when the connection was cut. */
function askOnly(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    sockets.push(socket);
    socket.pause();
    socket.on('error', () => {});
    // Only a socket that is read hears of its end; a byte written into a cut connection tells.
    const probe = setInterval(() => socket.write('\r\n'), 20);
    socket.on('close', () => {
      clearInterval(probe);
      resolve();
    });
  });
}

describe('the end of the pieces', () => {
  it.each([
    { case: 'is not come to while the last one stays unwritten', takes: false },
    { case: 'is come to once all are written (twin)', takes: true },
  ])('$case: what was shown is shown from then on', async ({ takes }) => {
    let isAtEnd = false;
    async function* pieces(): AsyncGenerator<string> {
      yield 'up 1\n';
      isAtEnd = true;
    }
    const response = new Writable({
      write(_chunk, _encoding, done) {
        if (takes) done();
      },
    });
    const isRead = await sendPieces(response as unknown as ServerResponse, pieces(), 50);
    expect([isRead, isAtEnd]).toEqual([takes, takes]);
  });
});

it('cuts off whoever does not read, and holds next to nothing for them', async () => {
  const { self, url, written } = await start(200);
  await Promise.all(Array.from({ length: 8 }, () => askOnly(url)));
  expect(self.count('corespan_scrapes_refused_total', 'unread')).toBe(8);
  // What the system's buffers take, and one piece each: not the 65 MB that a scrape has.
  expect(written()).toBeLessThan((8 * PIECES) / 4);
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

it('answers a few at once and refuses the rest', async () => {
  const { self, url } = await start(60_000);
  for (let n = 0; n < 8; n++) askOnly(url).catch(() => {});
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503) {
    const response = await fetch(`${url}/metrics`);
    statuses.push(response.status);
    await response.body?.cancel();
  }
  expect(self.count('corespan_scrapes_refused_total', 'busy')).toBe(1);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('serves one who reads, slowly but steadily (twin)', async () => {
  const { self, url, written } = await start(60_000);
  let length = 0;
  const { body } = await fetch(`${url}/metrics`);
  for await (const part of body ?? []) {
    length += part.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([length, written()]).toEqual([PIECE.length * PIECES, PIECES]);
  expect(self.count('corespan_scrapes_refused_total', 'unread')).toBe(0);
});

/** Keeps the event loop from everything else, as a burst of lines does. */
function blockLoop(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it('does not blame the reader for the time that we are busy', async () => {
  const { self, url } = await start(500, function* () {
    for (let n = 0; n < 20; n++) {
      blockLoop(50);
      yield 'a 1\n';
    }
  });
  const response = await fetch(`${url}/metrics`);
  expect(await response.text()).toBe('a 1\n'.repeat(20));
  expect(self.count('corespan_scrapes_refused_total', 'unread')).toBe(0);
});

describe('the time that a reader lets us wait', () => {
  it('does not include what the event loop was busy with', async () => {
    let givenUp = 0;
    const patience = createPatience(500, () => givenUp++);
    const read = Promise.withResolvers<void>();
    const wait = patience.during(read.promise);
    blockLoop(700);
    setImmediate(read.resolve);
    await wait;
    expect(givenUp).toBe(0);
  });

  it('adds up over all waits (twin)', async () => {
    const given = Promise.withResolvers<void>();
    const patience = createPatience(100, given.resolve);
    for (let n = 0; n < 4; n++) {
      const read = Promise.withResolvers<void>();
      const wait = patience.during(read.promise);
      blockLoop(30);
      setImmediate(read.resolve);
      await wait;
    }
    await given.promise;
  });
});
