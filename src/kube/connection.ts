/** One GET to the API server at a time, over a connection that is kept open between them. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { toErrorText } from '../text/errors.ts';
import { type ApiStatus, parseRetryAfter, toApiStatus } from './apiStatus.ts';
import type { Authorization, Credentials } from './authorization.ts';
import type { Clock } from './clock.ts';
import type { BrokenCause } from './decisions.ts';
import { parseJson } from './json.ts';

export interface Connection {
  /** Resolves when the head of the answer is there, or cannot come any more; never rejects. */
  get(path: string, signal: AbortSignal): Promise<Opened>;
  /** What the server refused is read anew for the next call. */
  refresh(): void;
  close(): void;
}

export type Opened =
  /** HTTP 200: the body is for the caller to read or destroy. */
  | { readonly kind: 'accepted'; readonly body: IncomingMessage }
  | { readonly kind: 'refused'; readonly status: ApiStatus; readonly isInStream: false }
  | { readonly kind: 'broken'; readonly cause: BrokenCause; readonly message: string };

/** Milliseconds until the answer must have begun; the watchdog of the body takes over from there. */
const HEADER_TIMEOUT = 30_000;
/** Bytes of a refusal that are read: a Status is some hundred. */
const MAX_REFUSAL = 65_536;

export function createConnection(credentials: Credentials, clock: Clock): Connection {
  const isPlain = credentials.server.protocol === 'http:';
  // Two sockets: a probe may be asked while a watch that was given up still closes.
  const agent = new (isPlain ? HttpAgent : HttpsAgent)({ keepAlive: true, maxSockets: 2 });
  const prefix = credentials.server.pathname.replace(/\/$/, '');

  function send(path: string, authorization: Authorization, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (isPlain ? httpRequest : httpsRequest)(new URL(prefix + path, credentials.server), {
      ...authorization.tls,
      agent: authorization.agent ?? agent,
      headers: { ...authorization.headers, accept: 'application/json' },
      signal,
    });
    const alarm = clock.alarm(HEADER_TIMEOUT, () => request.destroy(new HeaderTimeout()));
    request.on('response', (response) => {
      alarm.cancel();
      resolve(response);
    });
    request.on('error', (error) => {
      alarm.cancel();
      reject(error);
    });
    request.end();
    return promise;
  }

  return {
    async get(path, signal) {
      let authorization: Authorization;
      try {
        authorization = await credentials.authorize();
      } catch (error) {
        return broken('credentials', error);
      }
      try {
        const response = await send(path, authorization, signal);
        if (response.statusCode === 200) return { kind: 'accepted', body: response };
        return { kind: 'refused', status: await readRefusal(response, clock), isInStream: false };
      } catch (error) {
        return broken(error instanceof HeaderTimeout ? 'header_timeout' : 'unreachable', error);
      }
    },
    refresh: () => credentials.refresh(),
    close: () => agent.destroy(),
  };
}

class HeaderTimeout extends Error {
  constructor() {
    super(`no answer within ${HEADER_TIMEOUT / 1000} seconds`);
  }
}

export function broken(
  cause: BrokenCause,
  error: unknown,
): { readonly kind: 'broken'; readonly cause: BrokenCause; readonly message: string } {
  return { kind: 'broken', cause, message: toErrorText(error) };
}

async function readRefusal(response: IncomingMessage, clock: Clock): Promise<ApiStatus> {
  const code = response.statusCode ?? 0;
  // A refusal whose body never ends is a refusal all the same.
  const alarm = clock.alarm(HEADER_TIMEOUT, () => response.destroy());
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_REFUSAL) break;
      chunks.push(chunk);
    }
  } catch {
    // What has come is enough.
  }
  alarm.cancel();
  const status = toApiStatus(parseJson(Buffer.concat(chunks).toString()), code);
  const retryAfter = parseRetryAfter(response.headers['retry-after'], clock.now()) ?? status.retryAfter;
  // The code of HTTP counts: a proxy on the way may answer with a body of its own.
  return { ...status, code, retryAfter };
}
