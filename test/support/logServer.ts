/**
 * An API server for tests that knows pods and their logs, as kube-apiserver and a kubelet do together: `follow`,
 * `previous`, `sinceTime` of whole seconds, `timestamps`, lists in pages. It can rotate, restart, cut, and refuse.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LogServer {
  readonly url: URL;
  /** Paths with queries, in order. */
  readonly calls: readonly string[];
  /** Open streams. */
  readonly streams: number;
  addPod(name: string, container?: string): void;
  /** Its streams end, as those of a container that stops. */
  removePod(name: string): void;
  /** One line with its time: `<RFC 3339> <text>`. */
  write(pod: string, ...lines: readonly string[]): void;
  /** To the open streams as it stands, in no log. */
  send(pod: string, text: string): void;
  /** Streams end, and the next run has an empty log. */
  restart(pod: string): void;
  /** What the log held is in no stream any more that begins from now on. */
  rotate(pod: string): void;
  /** Breaks every open stream. */
  cut(): void;
  /** The next call whose path contains `part` is refused. */
  refuse(part: string, code: number, message: string): void;
  close(): Promise<void>;
}

interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly container: string;
  restarts: number;
  current: string[];
  previous: string[] | undefined;
  readonly streams: Set<ServerResponse>;
}

export async function startLogServer(): Promise<LogServer> {
  const pods = new Map<string, Pod>();
  const calls: string[] = [];
  const refusals: { readonly part: string; readonly code: number; readonly message: string }[] = [];
  let made = 0;

  function podOf(name: string): Pod {
    const pod = pods.get(name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    return pod;
  }

  function endStreams({ streams }: Pod): void {
    for (const stream of streams) stream.end();
    streams.clear();
  }

  function answer(asked: IncomingMessage, response: ServerResponse): void {
    const path = asked.url ?? '';
    calls.push(decodeURIComponent(path));
    const index = refusals.findIndex(({ part }) => path.includes(part));
    const [refusal] = index < 0 ? [] : refusals.splice(index, 1);
    if (refusal !== undefined) {
      refuse(response, refusal.code, refusal.message);
      return;
    }
    const url = new URL(path, 'http://api');
    const name = /\/pods\/([^/]+)\/log$/.exec(url.pathname)?.[1];
    if (name === undefined) response.end(JSON.stringify(toPage([...pods.values()], url.searchParams)));
    else sendLog(pods.get(name), url.searchParams, response);
  }

  function sendLog(pod: Pod | undefined, query: URLSearchParams, response: ServerResponse): void {
    const lines = query.get('previous') === 'true' ? pod?.previous : pod?.current;
    if (pod === undefined || lines === undefined) {
      refuse(response, pod === undefined ? 404 : 400, 'there is no such log');
      return;
    }
    const since = Date.parse(query.get('sinceTime') ?? '1970-01-01T00:00:00Z');
    response.writeHead(200);
    response.flushHeaders();
    response.write(lines.filter((line) => Date.parse(line.split(' ')[0] ?? '') >= since).join(''));
    if (query.get('follow') !== 'true') {
      response.end();
      return;
    }
    pod.streams.add(response);
    response.on('close', () => pod.streams.delete(response));
  }

  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    calls,
    get streams() {
      return [...pods.values()].reduce((sum, { streams }) => sum + streams.size, 0);
    },
    addPod(name, container = 'coredns') {
      const uid = `uid-${made++}`;
      pods.set(name, {
        name,
        uid,
        container,
        restarts: 0,
        current: [],
        previous: undefined,
        streams: new Set(),
      });
    },
    removePod(name) {
      endStreams(podOf(name));
      pods.delete(name);
    },
    write(name, ...lines) {
      const pod = podOf(name);
      const whole = lines.map((line) => `${line}\n`);
      pod.current.push(...whole);
      for (const stream of pod.streams) stream.write(whole.join(''));
    },
    send(name, text) {
      for (const stream of podOf(name).streams) stream.write(text);
    },
    restart(name) {
      const pod = podOf(name);
      endStreams(pod);
      pod.previous = pod.current;
      pod.current = [];
      pod.restarts++;
    },
    rotate(name) {
      podOf(name).current = [];
    },
    cut() {
      for (const { streams } of pods.values()) for (const stream of streams) stream.destroy();
    },
    refuse: (part, code, message) => refusals.push({ part, code, message }),
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code);
  response.end(JSON.stringify({ kind: 'Status', code, message }));
}

/** By name, `limit` at a time: `continue` is the name that the page before ended with. */
function toPage(pods: readonly Pod[], query: URLSearchParams): object {
  const after = query.get('continue') ?? '';
  const rest = pods.filter(({ name }) => name > after).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const page = rest.slice(0, Number(query.get('limit') ?? rest.length));
  const last = page.length < rest.length ? page.at(-1)?.name : undefined;
  return { metadata: { ...(last !== undefined && { continue: last }) }, items: page.map(toObject) };
}

function toObject({ name, uid, container, restarts }: Pod): object {
  return {
    metadata: { namespace: 'kube-system', name, uid },
    spec: { containers: [{ name: container }, { name: 'kube-rbac-proxy' }] },
    status: { containerStatuses: [{ name: container, restartCount: restarts }] },
  };
}
