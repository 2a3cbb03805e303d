/** What the tests of the watches have in common: a fake API server, a standing clock, and what came of them. */
import { onTestFinished } from 'vitest';
import type { Credentials } from '../../src/kube/authorization.ts';
import { createConnection } from '../../src/kube/connection.ts';
import type { Change, Resource } from '../../src/kube/objects.ts';
import { createReflector, type Reflector } from '../../src/kube/reflector.ts';
import { EVERYTHING, type Selector } from '../../src/kube/selector.ts';
import { createWatchListSupport } from '../../src/kube/watchListSupport.ts';
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf, type Self } from '../../src/self/self.ts';
import { type ApiServer, startApiServer } from '../support/apiServer.ts';
import type { Json } from '../support/apiStore.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';

export interface Watching {
  readonly api: ApiServer;
  readonly clock: FakeClock;
  readonly reflector: Reflector;
  /** What the reflector told, as `replace web,db`, `put web`, `delete web`. */
  readonly told: readonly string[];
  readonly changes: readonly Change[];
  readonly self: Self;
  readonly logged: readonly string[];
}

export interface WatchingOptions {
  readonly resource?: Resource;
  readonly selector?: Selector;
  readonly isNeeded?: boolean;
  /** See FakeClockOptions. */
  readonly random?: number;
  readonly clock?: FakeClock;
  readonly credentials?: Credentials;
  /** Does something with a change before it is noted. */
  readonly onChange?: (change: Change) => void;
}

/** A reflector of pods that has been started against `api`, and is stopped with the test. */
export function watch(api: ApiServer, options: WatchingOptions = {}): Watching {
  const { resource = 'pods', selector = EVERYTHING, isNeeded = true, onChange } = options;
  const clock = options.clock ?? createFakeClock({ random: options.random ?? 0 });
  const { self, logged } = createTestSelf();
  const changes: Change[] = [];
  const told: string[] = [];
  const connection = createConnection(options.credentials ?? openCredentials(api.url), clock);
  const watchList = createWatchListSupport(clock);
  const reflector = createReflector(
    { name: resource, resource, selector, isNeeded, connection, watchList, clock },
    self.kube,
  );
  onTestFinished(() => reflector.stop());
  reflector.start((change) => {
    onChange?.(change);
    changes.push(change);
    told.push(toText(change));
  });
  return { api, clock, reflector, told, changes, self, logged };
}

/** An API server that is closed with the test. */
export async function startApi(): Promise<ApiServer> {
  const api = await startApiServer();
  onTestFinished(() => api.close());
  return api;
}

export function createTestSelf(): { readonly self: Self; readonly logged: string[] } {
  const logged: string[] = [];
  const log = createLog({
    level: 'info',
    isTerminal: true,
    write: (text) => logged.push(text.trimEnd()),
    now: () => 0,
  });
  return { self: createSelf(log), logged };
}

export function openCredentials(server: URL): Credentials {
  return {
    server,
    describe: 'test',
    authorize: () => Promise.resolve({ headers: {}, tls: {} }),
    refresh: () => undefined,
  };
}

export function toText(change: Change): string {
  if (change.type !== 'replace') return `${change.type} ${change.object.name}`;
  return `replace ${change.objects.map(({ name }) => name).join(',')}`;
}

/** A running pod with an address. */
export function toPod(
  name: string,
  more: { readonly spec?: Json; readonly status?: Json; readonly labels?: Json } = {},
): Json {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: more.labels ?? {} },
    spec: { nodeName: 'node1', ...more.spec },
    status: { phase: 'Running', podIPs: [{ ip: '192.0.2.7' }], ...more.status },
  };
}

/** The series of a metric that are not 0, as `label,label value`. */
export function metric(self: Self, name: SelfMetricName): string[] {
  return self.registry
    .samples(name)
    .filter(({ value }) => value !== 0)
    .map(({ labels, value }) => `${labels.join(',')} ${value}`);
}

/** Waits until the reflector's stream is accepted on both sides and holds a complete state. */
export function isFollowing({ api, clock, reflector }: Watching): Promise<void> {
  return until(
    () => api.streams('pods') === 1 && clock.waits.includes(90_000) && reflector.phase === 'synced',
    'an accepted stream',
  );
}

/** Ends the stream, and gives the version from which the next one goes on. */
export async function nextVersion(watching: Watching): Promise<string | undefined> {
  const { api } = watching;
  await isFollowing(watching);
  const calls = api.calls.length;
  api.end('pods');
  await until(() => api.calls.length > calls, 'the next call');
  return api.calls[calls]?.query['resourceVersion'];
}

/** Waits for the pause after call number `calls` and gives its length; other alarms are for 30 s or much more. */
export async function pauseAfter({ api, clock }: Watching, calls: number): Promise<number> {
  const pause = () =>
    clock.waits.length === 1 ? clock.waits.find((ms) => ms !== 30_000 && ms < 60_000) : undefined;
  await until(() => api.calls.length === calls && pause() !== undefined, `the pause after call ${calls}`);
  return pause() ?? 0;
}

/** Lets the event loop turn until `isTrue`: for what happens on loopback, never for time to pass. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
