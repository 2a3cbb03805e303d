/**
 * The Kubernetes API as a source: the logs of the DNS pods, followed from wherever corespan runs, with nothing
 * installed.
 *
 * What the API server sends waits in a queue for each container until somebody polls; a queue that is full stops the
 * stream, and the kubelet waits. Positions cannot be saved: a start goes on from now.
 */
import type { Container } from '../kube/dnsPods.ts';
import type { ContainerListener } from '../kube/logFollower.ts';
import { followPodLogs, type PodLogsOptions } from '../kube/podLogs.ts';
import type { SourcesSelf } from '../self/sources.ts';
import { createBatch, DEFAULT_LINE_LIMIT } from './batch.ts';
import { readFurthest, toLag, toUnread } from './behind.ts';
import { type ContainerStream, createContainerStream, type Shared } from './containerStream.ts';
import { createFirstStream } from './firstStream.ts';
import { readSlice } from './slice.ts';
import type { Source } from './source.ts';

export interface KubeSourceOptions extends PodLogsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Most bytes of a line; 64 KiB by default. */
  readonly lineLimit?: number;
}

export function createKubeSource(options: KubeSourceOptions, self: SourcesSelf): Source {
  const { namespace, selector, now, lineLimit = DEFAULT_LINE_LIMIT } = options;
  const where = `pods with ${selector} in namespace ${namespace}`;
  const shared: Shared = { batch: createBatch(lineLimit), lineLimit, now, self };
  /** One for each run of a container; those that are over stay until they are read. */
  let streams: ContainerStream[] = [];
  const first = createFirstStream(options);
  let look: (() => void) | undefined;
  let isAsleep = false;

  function wake(): void {
    if (!isAsleep) return;
    isAsleep = false;
    look?.();
  }

  function listen(container: Container): ContainerListener {
    let current: ContainerStream | undefined;
    const toPath = (): string => current?.path ?? `${container.namespace}/${container.pod}`;
    return {
      opened: () => first.opened(),
      began(restarts) {
        current?.finish();
        current = createContainerStream(container, restarts, shared);
        streams.push(current);
      },
      lines(chunk) {
        current?.push(chunk);
        wake();
      },
      room: async () => await current?.room(),
      oversize: () => current?.oversize(),
      complained: (message) => self.failed('stream', toPath(), message),
      failed(message) {
        first.missing(`the log of ${container.namespace}/${container.pod} cannot be followed: ${message}`);
        self.failed('stream', toPath(), message);
      },
      lost: (reason) => self.possibleLoss(reason, toPath()),
      ended() {
        current?.finish();
        // What is over is let go of with the next look.
        wake();
      },
    };
  }

  /** What can be read next of each container: its runs come one after the other. */
  function firstUnread(): Iterable<ContainerStream> {
    const unreadOf = new Map<Container, ContainerStream>();
    for (const stream of streams) {
      if (stream.unread() > 0 && !unreadOf.has(stream.container)) unreadOf.set(stream.container, stream);
    }
    return unreadOf.values();
  }

  const unread = (): number => toUnread(streams);
  self.follows({ lag: () => toLag(firstUnread(), now()), unread });
  const logs = followPodLogs(options, {
    found(container) {
      first.missing(`that of ${container.namespace}/${container.pod} is not open yet`);
      return listen(container);
    },
    nothingFound() {
      first.missing('there is no such pod');
      self.nothingFound({ path: where });
    },
    failed(message) {
      first.missing(`the pods cannot be listed: ${message}`);
      self.failed('list', where, message);
    },
    tooMany: ({ namespace: of, pod, name }) => self.failed('limit', `${of}/${pod}/${name}`, 'left out'),
  });

  return {
    poll(accept) {
      readSlice(now, () => readFurthest(firstUnread(), accept));
      streams = streams.filter((stream) => !stream.isOver);
      isAsleep = unread() === 0;
      return isAsleep ? 'caughtUp' : 'more';
    },
    onArrival(newLook) {
      look = newLook;
    },
    waitingFor: () => first.waitingFor(),
    // Where a stream of the API has got to is nothing that another could go on from.
    save() {},
    stop() {
      logs.stop();
      for (const stream of streams) stream.close();
    },
  };
}
