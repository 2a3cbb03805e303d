/** Who is who: brings the peers a recording, or what the API server says. */
import { existsSync } from 'node:fs';
import type { Config } from '../config/load.ts';
import { OPTIONS } from '../config/options.ts';
import { createClusterWatch } from '../kube/clusterWatch.ts';
import { loadCredentials } from '../kube/credentials.ts';
import type { Change } from '../kube/objects.ts';
import { readRecording } from '../kube/recording.ts';
import type { Self } from '../self/self.ts';
import type { World } from './command.ts';

export interface Cluster {
  /** Why nobody can be named; each says which option to change. Empty if all is well. */
  readonly problems: readonly string[];
  /** True if changes go on coming, so that a client may be named a moment after it asked. */
  readonly isLive: boolean;
  start(accept: (change: Change) => void): void;
  /** Resolves when every needed resource is complete, or after `ms`; true if it is. */
  synced(ms: number): Promise<boolean>;
  waitingFor(): readonly string[];
  stop(): void;
}

export interface ClusterInput {
  readonly config: Config;
  readonly env: World['env'];
  readonly self: Self;
}

/** How often a wait for the sync looks again (milliseconds). */
const LOOK_EVERY_MS = 25;

/** Clients stay unnamed; also where changes come from somewhere else. */
export const NOBODY: Cluster = {
  problems: [],
  isLive: false,
  start() {},
  synced: () => Promise.resolve(true),
  waitingFor: () => [],
  stop() {},
};

/** True if somebody asked for a certain cluster, instead of for the one that is around. */
export function isClusterNamed(config: Config): boolean {
  return config.cluster !== 'auto' || isServerNamed(config);
}

/** The same of an API server. */
export function isServerNamed({ kubeconfig, context }: Config): boolean {
  return kubeconfig !== undefined || context !== undefined;
}

export async function openCluster(input: ClusterInput): Promise<Cluster> {
  switch (input.config.cluster) {
    case 'none':
      return NOBODY;
    case 'auto':
      return await openWatch(input);
    default:
      return openRecording(input.config.cluster);
  }
}

/** Undefined if something is there, whatever it holds. */
export function findMissingRecording(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  return `--cluster: got ${JSON.stringify(path)}, wants ${OPTIONS.cluster.wants}; there is nothing of that name`;
}

function openRecording(path: string): Cluster {
  const missing = findMissingRecording(path);
  if (missing !== undefined) return nobodyFor([missing]);
  const recording = readRecording(path);
  if ('problems' in recording) return nobodyFor(recording.problems.map((problem) => `--cluster: ${problem}`));
  return {
    ...NOBODY,
    start(accept) {
      for (const change of recording.changes) accept(change);
    },
  };
}

async function openWatch({ config, env, self }: ClusterInput): Promise<Cluster> {
  const { kubeconfig, context, nodeName } = config;
  const credentials = await loadCredentials({ kubeconfig, context, env });
  if ('problem' in credentials) return nobodyFor([`${credentials.problem}, or set --cluster none`]);
  const watch = createClusterWatch({ credentials, nodeName }, self.kube);
  return {
    problems: [],
    isLive: true,
    start: (accept) => watch.start(accept),
    synced: (ms) => waitUntil(() => watch.isSynced(), ms),
    waitingFor: () => watch.waitingFor(),
    stop: () => watch.stop(),
  };
}

function nobodyFor(problems: readonly string[]): Cluster {
  return { ...NOBODY, problems, waitingFor: () => problems };
}

function waitUntil(isDone: () => boolean, ms: number): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    const look = (): void => {
      if (isDone()) resolve(true);
      else if (performance.now() - started > ms) resolve(false);
      else setTimeout(look, LOOK_EVERY_MS);
    };
    look();
  });
}
