/**
 * A Kubernetes API server for tests: lists and watches five resources as kube-apiserver 1.36 does, and can be
 * told to misbehave in every way that one was seen to.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { RESOURCES, type Resource } from '../../src/kube/objects.ts';
import { createStore, type Json, type StoredChange } from './apiStore.ts';
import type { Certificate } from './certificate.ts';

/** What the next matching call gets instead of its answer. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly message?: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection is cut before an answer. */
  | { readonly kind: 'reset' }
  /** Accepted, and then nothing. */
  | { readonly kind: 'black_hole' }
  /** HTTP 200 with these lines; then it is ended, cut, or left open. */
  | {
      readonly kind: 'stream';
      readonly lines: readonly string[];
      readonly ending: 'clean' | 'cut' | 'never';
    };

export interface ApiCall {
  readonly resource: Resource;
  readonly kind: 'watch_list' | 'watch' | 'list';
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

export interface ApiBehaviour {
  /**
   * on: ≥ 1.34. refused: 422 (1.27–1.31, 1.33). ignored: ≤ 1.26. error: an ERROR in a 200 stream (old etcd).
   */
  watchList: 'on' | 'refused' | 'ignored' | 'error';
  /** False: `spec.hostNetwork` cannot be selected (< 1.28). */
  knowsHostNetwork: boolean;
  /** Answered with 403. */
  forbidden: ReadonlySet<Resource>;
  /** Any other token is answered with 401; undefined: all are fine. */
  token: string | undefined;
  /** How a watch from a forgotten version is told so. */
  expired: 'http' | 'stream';
}

export interface ApiServer {
  readonly url: URL;
  readonly behaviour: ApiBehaviour;
  readonly calls: readonly ApiCall[];
  /** Connections that were ever made. */
  readonly connections: number;
  /** Connections that are open. */
  readonly openConnections: number;
  put(resource: Resource, object: Json): void;
  remove(resource: Resource, name: string): void;
  bookmark(resource: Resource): void;
  /** Forgets everything before now: older versions and pages are expired. */
  compact(): void;
  /** Goes back to an older version, as after a restore of etcd. */
  restore(resourceVersion: number): void;
  /** A fault for the next call of `resource`; several come one after another. */
  fail(resource: Resource, ...faults: readonly Fault[]): void;
  /** Writes to the open streams of a resource as they stand. */
  write(resource: Resource, text: string): void;
  end(resource: Resource): void;
  /** Cuts every open stream of a resource. */
  reset(resource: Resource): void;
  /** Open streams of a resource. */
  streams(resource: Resource): number;
  close(): Promise<void>;
}

interface Stream {
  readonly response: ServerResponse;
  readonly send: (change: StoredChange) => void;
}

const PATHS = new Map<string, Resource>([
  ...(['pods', 'services', 'nodes', 'namespaces'] as const).map(
    (name) => [`/api/v1/${name}`, name] as [string, Resource],
  ),
  ['/apis/discovery.k8s.io/v1/endpointslices', 'endpointslices'],
]);

/** Listens on a port of 127.0.0.1 of its own; with a certificate over TLS. */
export async function startApiServer(certificate?: Certificate): Promise<ApiServer> {
  const store = createStore();
  const calls: ApiCall[] = [];
  const faults = new Map<Resource, Fault[]>(RESOURCES.map((resource) => [resource, []]));
  const streams = new Map<Resource, Set<Stream>>(RESOURCES.map((resource) => [resource, new Set()]));
  const sockets = new Set<Socket>();
  const behaviour: ApiBehaviour = {
    watchList: 'on',
    knowsHostNetwork: true,
    forbidden: new Set(),
    token: undefined,
    expired: 'stream',
  };
  let connections = 0;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    const resource = PATHS.get(url.pathname);
    if (resource === undefined || request.method !== 'GET') {
      refuse(response, 404, 'the server could not find the requested resource');
      return;
    }
    const query = Object.fromEntries(url.searchParams);
    const kind = query['watch'] !== 'true' ? 'list' : query['sendInitialEvents'] ? 'watch_list' : 'watch';
    const call: ApiCall = { resource, kind, query, authorization: request.headers.authorization };
    calls.push(call);
    const fault = faults.get(resource)?.shift();
    if (fault !== undefined) misbehave(fault, call, response);
    else if (!isRefused(call, response)) serve(call, response);
  }

  function isRefused({ resource, kind, query, authorization }: ApiCall, response: ServerResponse): boolean {
    const { token, forbidden, knowsHostNetwork, watchList } = behaviour;
    if (token !== undefined && authorization !== `Bearer ${token}`) refuse(response, 401, 'Unauthorized');
    else if (forbidden.has(resource)) {
      refuse(
        response,
        403,
        `${resource} is forbidden: User "system:test" cannot watch resource "${resource}"`,
      );
    } else if (!knowsHostNetwork && query['fieldSelector']?.includes('spec.hostNetwork')) {
      refuse(
        response,
        400,
        'Unable to find "/v1, Resource=pods": field label not supported: spec.hostNetwork',
      );
    } else if (kind === 'watch_list' && watchList === 'refused') {
      refuse(response, 422, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch');
    } else if (
      kind === 'watch' &&
      behaviour.expired === 'http' &&
      store.isExpired(query['resourceVersion'])
    ) {
      refuse(response, 410, 'too old resource version');
    } else if (kind === 'list' && store.isExpiredPage(query['continue'])) {
      refuse(response, 410, 'The provided continue parameter is too old');
    } else return false;
    return true;
  }

  function serve(call: ApiCall, response: ServerResponse): void {
    const { resource, kind, query } = call;
    if (kind === 'list') {
      response.end(JSON.stringify(store.list(resource, query)));
      return;
    }
    response.flushHeaders();
    if (kind === 'watch_list' && behaviour.watchList === 'error') {
      response.end(
        toLine('ERROR', toStatus(500, 'the required storage feature RequestWatchProgress is disabled')),
      );
      return;
    }
    if (kind === 'watch' && store.isExpired(query['resourceVersion'])) {
      response.end(toLine('ERROR', toStatus(410, 'too old resource version')));
      return;
    }
    const watched = store.watch(resource, query);
    for (const change of watched.missed) response.write(toLine(change.type, change.object));
    if (kind === 'watch_list' && behaviour.watchList === 'on') {
      response.write(toLine('BOOKMARK', store.bookmark(resource, true)));
    }
    open(resource, response, (change) => {
      const seen = watched.toSeen(change);
      if (seen !== undefined) response.write(toLine(seen.type, seen.object));
    });
  }

  function open(resource: Resource, response: ServerResponse, send: Stream['send']): void {
    const stream = { response, send };
    streams.get(resource)?.add(stream);
    response.on('close', () => streams.get(resource)?.delete(stream));
  }

  function misbehave(fault: Fault, { resource }: ApiCall, response: ServerResponse): void {
    switch (fault.kind) {
      case 'status':
        refuse(response, fault.code, fault.message ?? 'told to', fault.headers);
        break;
      case 'reset':
        response.socket?.resetAndDestroy();
        break;
      case 'black_hole':
        open(resource, response, () => undefined);
        break;
      case 'stream':
        response.flushHeaders();
        response.write(fault.lines.map((line) => `${line}\n`).join(''), () => {
          if (fault.ending === 'clean') response.end();
          if (fault.ending === 'cut') response.socket?.resetAndDestroy();
        });
        if (fault.ending === 'never') open(resource, response, () => undefined);
        break;
    }
  }

  function each(resource: Resource, act: (stream: Stream) => void): void {
    for (const stream of streams.get(resource) ?? []) act(stream);
  }

  /** As `each`, and nothing more is written to them. */
  function last(resource: Resource, act: (stream: Stream) => void): void {
    each(resource, act);
    streams.get(resource)?.clear();
  }

  const server =
    certificate === undefined ? createHttpServer(answer) : createHttpsServer(certificate, answer);
  // An idle connection is the client's to close.
  server.keepAliveTimeout = 0;
  server.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: new URL(`${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    behaviour,
    calls,
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    put(resource, object) {
      const change = store.put(resource, object);
      each(resource, (stream) => stream.send(change));
    },
    remove(resource, name) {
      const change = store.remove(resource, name);
      each(resource, (stream) => stream.send(change));
    },
    bookmark(resource) {
      const line = toLine('BOOKMARK', store.bookmark(resource, false));
      each(resource, ({ response }) => response.write(line));
    },
    compact: () => store.compact(),
    restore: (version) => store.restore(version),
    fail(resource, ...more) {
      faults.get(resource)?.push(...more);
    },
    write: (resource, text) => each(resource, ({ response }) => response.write(text)),
    end: (resource) => last(resource, ({ response }) => response.end()),
    reset: (resource) => last(resource, ({ response }) => response.socket?.resetAndDestroy()),
    streams: (resource) => streams.get(resource)?.size ?? 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** One line of a watch, newline included. */
export function toLine(type: string, object: Json): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function toStatus(code: number, message: string): Json {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code };
}

function refuse(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(toStatus(code, message)));
}
