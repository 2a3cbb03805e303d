/** Keeps up with everything that peers are resolved with: one reflector per resource, one stream of changes. */
import type { KubeSelf } from '../self/kube.ts';
import type { Credentials } from './authorization.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { createConnection } from './connection.ts';
import type { Change, Resource } from './objects.ts';
import { createPodChanges } from './podChanges.ts';
import { createReflector, type ReflectorPhase } from './reflector.ts';
import { EVERYTHING, NODE_CACHES, PODS_WITH_OWN_ADDRESS, podsOfNode, type Selector } from './selector.ts';
import { createWatchListSupport } from './watchListSupport.ts';

export interface ClusterWatchOptions {
  readonly credentials: Credentials;
  /** Set: only the pods of this node are watched, host-network ones too. */
  readonly nodeName: string | undefined;
  readonly clock?: Clock;
}

export interface ClusterWatch {
  /** Tells every change of the cluster; the first of each resource is its complete state. */
  start(accept: (change: Change) => void): void;
  /** Frees all connections and timers; nothing is told afterwards. */
  stop(): void;
  /** All needed resources hold a complete state. */
  isSynced(): boolean;
  /** What stands between now and that, as `pods` or `services (forbidden)`. */
  waitingFor(): readonly string[];
}

/** How a resource is watched; its name is what metrics and messages call it. */
interface Watched {
  readonly name: Resource | 'node_caches';
  readonly resource: Resource;
  readonly selector: Selector;
  readonly isNeeded: boolean;
}

export function createClusterWatch(options: ClusterWatchOptions, self: KubeSelf): ClusterWatch {
  const { credentials, nodeName, clock = SYSTEM_CLOCK } = options;
  const watchList = createWatchListSupport(clock);
  const watches = toWatched(nodeName).map((watched) => {
    const connection = createConnection(credentials, clock);
    return { ...watched, reflector: createReflector({ ...watched, connection, watchList, clock }, self) };
  });

  return {
    start(accept) {
      const pods = createPodChanges(accept);
      for (const { name, reflector } of watches) {
        if (name === 'pods') reflector.start(pods.main);
        else if (name === 'node_caches') reflector.start(pods.caches);
        else reflector.start(accept);
      }
    },
    stop() {
      for (const { reflector } of watches) reflector.stop();
    },
    isSynced: () => watches.every(({ reflector, isNeeded }) => isReady(reflector.phase, isNeeded)),
    waitingFor: () =>
      watches
        .filter(({ reflector, isNeeded }) => !isReady(reflector.phase, isNeeded))
        .map(({ name, reflector }) => (reflector.phase === 'forbidden' ? `${name} (forbidden)` : name)),
  };
}

function toWatched(nodeName: string | undefined): readonly Watched[] {
  const all = { selector: EVERYTHING, isNeeded: true };
  const pods = { name: 'pods', resource: 'pods', isNeeded: true } as const;
  const podWatches: readonly Watched[] =
    nodeName === undefined
      ? [
          { ...pods, selector: PODS_WITH_OWN_ADDRESS },
          { ...pods, name: 'node_caches', selector: NODE_CACHES },
        ]
      : [{ ...pods, selector: podsOfNode(nodeName) }];
  return [
    ...podWatches,
    { ...all, name: 'services', resource: 'services' },
    { ...all, name: 'endpointslices', resource: 'endpointslices' },
    // Namespaces are not watched: nothing is decided by whether one exists.
    // Forbidden to CoreDNS's service account; the pods tell the addresses of their nodes too.
    { ...all, name: 'nodes', resource: 'nodes', isNeeded: false },
  ];
}

function isReady(phase: ReflectorPhase, isNeeded: boolean): boolean {
  switch (phase) {
    case 'synced':
    case 'stale':
      return true;
    case 'cold':
      return false;
    case 'forbidden':
      return !isNeeded;
  }
}
