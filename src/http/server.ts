/** The HTTP side: metrics, health and the page; GET and HEAD only, nothing from the request is ever echoed. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpSelf } from '../self/http.ts';
import { type Connections, createConnections } from './connections.ts';
import { sendPieces } from './pieces.ts';
import { toScraper } from './scraper.ts';

/** What the server shows; asked anew for every request. */
export interface Views {
  /** The exposition in pieces; `scraper` tells who compares it with the one before, undefined for a person. */
  metrics(format: 'text' | 'openmetrics', scraper: string | undefined): AsyncIterable<string>;
  /** Empty if ready, else what is waited for. */
  waitingFor(): readonly string[];
  page(): string;
}

export interface HttpServer {
  /** Where it listens, as people type it. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string | undefined;
  readonly port: number;
  /** Milliseconds that a scrape may wait for its reader in all; 30 s unless told otherwise. */
  readonly scrapeTimeout?: number;
  /** Milliseconds within which the headers of a request have to be there; 5 s unless told otherwise. */
  readonly headersTimeout?: number;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Slow and greedy clients are cut off: the server stands in a DNS pod. */
const LIMITS = {
  requestTimeout: 10_000,
  // Both limits hold from the first byte on, or the connection's first moment; they are checked this often only.
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 8_192,
};
/** Milliseconds; a byte now and then does not prolong it. */
const HEADERS_TIMEOUT = 5_000;
const MAX_CONNECTIONS = 64;
/** Milliseconds without any progress after which a connection is cut, be it that nobody reads or nobody writes. */
const IDLE_TIMEOUT = 10_000;
/** Scrapes at once; two Prometheus servers and somebody with curl are three. */
const MAX_SCRAPES = 8;
/** Milliseconds; Prometheus gives up after 10 s by default. */
const SCRAPE_TIMEOUT = 30_000;

/** Starts to listen; rejects with the system's error if the address cannot be had. */
export async function startHttpServer(
  options: ListenOptions,
  views: Views,
  self: HttpSelf,
): Promise<HttpServer> {
  const { host, port, scrapeTimeout = SCRAPE_TIMEOUT, headersTimeout = HEADERS_TIMEOUT } = options;
  const connections = createConnections(MAX_CONNECTIONS, self.crowded);
  const answerScrape = createScrapeAnswer({ views, connections, timeout: scrapeTimeout }, self);
  const server = createServer({ ...LIMITS, headersTimeout }, (request, response) => {
    answer({ request, response }, views, answerScrape).catch(() => response.destroy());
  });
  // Not `maxConnections`: that refuses whoever comes next, be it the health check, and keeps those who came to stay.
  server.on('connection', connections.add);
  server.timeout = IDLE_TIMEOUT;
  await listen(server, port, host);
  // Without file descriptors accepting fails, and an error that nobody hears ends the process.
  server.on('error', (error) => self.failed(error));
  return {
    url: toUrl(server, host),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Answer = (exchange: Exchange) => Promise<void>;

async function answer({ request, response }: Exchange, views: Views, answerScrape: Answer): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    send(response, 405, 'only GET and HEAD\n');
    return;
  }
  switch (request.url?.split('?')[0] ?? '') {
    case '/metrics':
      await answerScrape({ request, response });
      break;
    case '/healthz':
      send(response, 200, 'ok\n');
      break;
    case '/readyz':
      sendReadiness(response, views.waitingFor());
      break;
    case '/':
      // The page needs no script and loads nothing: names in it are hostile.
      response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
      send(response, 200, views.page(), 'text/html; charset=utf-8');
      break;
    default:
      send(response, 404, 'there are /, /metrics, /healthz and /readyz\n');
  }
}

interface ScrapeOptions {
  readonly views: Views;
  readonly connections: Connections;
  readonly timeout: number;
}

/** Scrapes are large: only a few are answered at once, and each has its time. */
function createScrapeAnswer({ views, connections, timeout }: ScrapeOptions, self: HttpSelf): Answer {
  let running = 0;
  return async ({ request, response }) => {
    if (running >= MAX_SCRAPES) {
      self.refused('busy');
      response.setHeader('Retry-After', '1');
      send(response, 503, 'too many scrapes at once\n');
      return;
    }
    const format = acceptsOpenMetrics(request.headers.accept ?? '') ? 'openmetrics' : 'text';
    response.writeHead(200, { 'Content-Type': format === 'openmetrics' ? OPENMETRICS : TEXT });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    running++;
    try {
      const pieces = views.metrics(format, toScraper(request));
      const isRead = await connections.keep(request.socket, () => sendPieces(response, pieces, timeout));
      if (!isRead) self.refused('unread');
    } finally {
      running--;
    }
  };
}

function sendReadiness(response: ServerResponse, waitingFor: readonly string[]): void {
  if (waitingFor.length === 0) send(response, 200, 'ready\n');
  else send(response, 503, `waiting for:\n${waitingFor.map((what) => `- ${what}\n`).join('')}`);
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** Prometheus names OpenMetrics with a weight of its own; a weight of 0 refuses it. */
function acceptsOpenMetrics(accept: string): boolean {
  return accept.split(',').some((part) => {
    const [type, ...parameters] = part.split(';').map((text) => text.trim());
    return type === 'application/openmetrics-text' && !parameters.includes('q=0');
  });
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function toUrl(server: Server, host: string | undefined): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host === undefined || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
