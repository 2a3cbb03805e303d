/** Which containers there are to follow: the pods that a label selector finds in a namespace, as a LIST tells them. */
import type { IncomingMessage } from 'node:http';
import { toErrorText } from '../text/errors.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { listAt, parseJson, property, textAt } from './json.ts';
import { readBody } from './readBody.ts';
import { createWatchdog } from './watchdog.ts';

/** One container of a pod; a restarted one is the same. */
export interface Container {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly name: string;
}

export interface FoundContainer extends Container {
  /** How often it was started again: each run has a log of its own. */
  readonly restarts: number;
}

export type Found =
  | { readonly kind: 'found'; readonly containers: ReadonlyMap<string, FoundContainer> }
  | { readonly kind: 'failed'; readonly message: string };

export interface DnsPodsOptions {
  readonly namespace: string;
  readonly selector: string;
  /** Names of containers. */
  readonly containers: readonly string[];
}

export interface DnsPods {
  /** Asks the API server; whoever asks while an answer is on its way gets that. Never rejects. */
  look(): Promise<Found>;
  /** Gives up the question of the moment, and frees the connection. */
  stop(): void;
}

/** A DNS has a few pods; a selector may find more all the same. */
const PAGE_SIZE = '500';
/** Milliseconds without a byte of an answer that has begun. */
const SILENCE = 30_000;

export function createDnsPods(
  options: DnsPodsOptions,
  { connection, clock }: { readonly connection: Connection; readonly clock: Clock },
): DnsPods {
  const stopping = new AbortController();
  let coming: Promise<Found> | undefined;

  async function ask(): Promise<Found> {
    const containers = new Map<string, FoundContainer>();
    for (let page = ''; ; ) {
      const opened = await connection.get(toPath(options, page), stopping.signal);
      if (opened.kind === 'broken') return failed(opened.message);
      if (opened.kind === 'refused') {
        const { code, message } = opened.status;
        if (code === 401) connection.refresh();
        return failed(`${code} ${message}`.trim());
      }
      const list = parseJson((await readPatiently(opened.body)) ?? '');
      if (!Array.isArray(property(list, 'items'))) return failed('the answer is no list');
      for (const container of toContainers(list, options)) containers.set(toKey(container), container);
      page = textAt(property(list, 'metadata'), 'continue') ?? '';
      if (page === '') return { kind: 'found', containers };
    }
  }

  async function readPatiently(body: IncomingMessage): Promise<string | undefined> {
    const watchdog = createWatchdog(clock, () =>
      body.destroy(new Error(`no more of the answer within ${SILENCE / 1000} seconds`)),
    );
    watchdog.allow(SILENCE);
    try {
      return await readBody(body, watchdog.feed);
    } finally {
      watchdog.cancel();
    }
  }

  return {
    async look() {
      coming ??= ask()
        .catch((error: unknown) => failed(toErrorText(error)))
        .finally(() => {
          coming = undefined;
        });
      return await coming;
    },
    stop() {
      stopping.abort();
      connection.close();
    },
  };
}

export function toKey({ uid, name }: Container): string {
  return `${uid}/${name}`;
}

function toPath({ namespace, selector }: DnsPodsOptions, page: string): string {
  const query = new URLSearchParams({ labelSelector: selector, limit: PAGE_SIZE });
  if (page !== '') query.set('continue', page);
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query.toString()}`;
}

function failed(message: string): Found {
  return { kind: 'failed', message };
}

function toContainers(list: unknown, { containers }: DnsPodsOptions): FoundContainer[] {
  return listAt(list, 'items')
    .flatMap(toFound)
    .filter(({ name }) => containers.includes(name));
}

function toFound(pod: unknown): FoundContainer[] {
  const metadata = property(pod, 'metadata');
  const [namespace, name, uid] = ['namespace', 'name', 'uid'].map((key) => textAt(metadata, key));
  if (namespace === undefined || name === undefined || uid === undefined) return [];
  const statuses = listAt(property(pod, 'status'), 'containerStatuses');
  return listAt(property(pod, 'spec'), 'containers').flatMap((container) => {
    const own = textAt(container, 'name');
    if (own === undefined) return [];
    const status = statuses.find((candidate) => textAt(candidate, 'name') === own);
    const restarts = property(status, 'restartCount');
    return [{ namespace, pod: name, uid, name: own, restarts: typeof restarts === 'number' ? restarts : 0 }];
  });
}
