/** Follows the logs of all DNS containers of a cluster through the API server, one connection a container. */
import type { Credentials } from './authorization.ts';
import { type Clock, SYSTEM_CLOCK, startPause } from './clock.ts';
import { createConnection } from './connection.ts';
import { type Container, createDnsPods, type DnsPodsOptions, type Found } from './dnsPods.ts';
import { type ContainerListener, followLog, type LogFollower } from './logFollower.ts';

export interface PodLogsOptions extends DnsPodsOptions {
  readonly credentials: Credentials;
  readonly clock?: Clock;
}

export interface PodLogsListener {
  /** A container is followed from now on; who listens to its log? */
  found(container: Container): ContainerListener;
  /** There is no container of those names. */
  nothingFound(): void;
  /** The DNS pods cannot be listed. */
  failed(message: string): void;
  /** More containers than can be followed: this one is left out. */
  tooMany(container: Container): void;
}

export interface PodLogs {
  stop(): void;
}

/** Every container costs the API server and a kubelet a connection; whole fleets are for a DaemonSet to read. */
const MOST_CONTAINERS = 64;
/** Milliseconds between two looks for pods: a new one is read from its beginning, so nothing is lost by waiting. */
const LOOK_EVERY = 10_000;
/** The same, as long as there is none. */
const LOOK_AGAIN = 1_000;

/** Containers that are there at the first look are followed from now on, later ones from their beginning. */
export function followPodLogs(options: PodLogsOptions, listener: PodLogsListener): PodLogs {
  const { credentials, clock = SYSTEM_CLOCK } = options;
  const pods = createDnsPods(options, { connection: createConnection(credentials, clock), clock });
  const followers = new Map<string, LogFollower>();
  const leftOut = new Set<string>();
  const begin = clock.now();
  /** Containers of the first look, those that were left out then too. */
  let early: ReadonlySet<string> | undefined;
  let isStopped = false;
  let interrupt: () => void = () => undefined;

  function follow(found: Extract<Found, { kind: 'found' }>): void {
    early ??= new Set(found.containers.keys());
    for (const [key, container] of found.containers) {
      if (followers.has(key) || leftOut.has(key)) continue;
      if (followers.size >= MOST_CONTAINERS) {
        leftOut.add(key);
        listener.tooMany(container);
        continue;
      }
      const connection = createConnection(credentials, clock);
      const place = { pods, connection, clock, start: early.has(key) ? begin : undefined };
      const follower = followLog(container, place, listener.found(container));
      followers.set(key, follower);
      void follower.done.then(() => {
        followers.delete(key);
        leftOut.clear();
      });
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      const found = await pods.look();
      if (isStopped) return;
      if (found.kind === 'failed') listener.failed(found.message);
      else if (found.containers.size === 0) listener.nothingFound();
      else follow(found);
      const pause = startPause(clock, followers.size === 0 ? LOOK_AGAIN : LOOK_EVERY);
      interrupt = pause.end;
      await pause.over;
    }
  }

  void run();
  return {
    stop() {
      isStopped = true;
      interrupt();
      pods.stop();
      for (const follower of followers.values()) follower.stop();
    },
  };
}
