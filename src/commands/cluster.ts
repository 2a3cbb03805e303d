/** Who is who: brings the peers a recording, or what the API server says. */
import { existsSync } from 'node:fs';
import type { Config } from '../config/load.ts';
import { createClusterWatch } from '../kube/clusterWatch.ts';
import { loadCredentials } from '../kube/credentials.ts';
import type { Change } from '../kube/objects.ts';
import { readRecording } from '../kube/recording.ts';
import type { Self } from '../self/self.ts';
import type { World } from './command.ts';

export interface Cluster {
  /** Resolves when every needed resource is complete, or after `ms`; true if it is. */
  synced(ms: number): Promise<boolean>;
  waitingFor(): readonly string[];
  stop(): void;
}

export interface ClusterInput {
  readonly config: Config;
  readonly env: World['env'];
  readonly self: Self;
  readonly accept: (change: Change) => void;
}

/** How often a wait for the sync looks again (milliseconds). */
const LOOK_EVERY_MS = 25;

const NOTHING: Cluster = {
  synced: () => Promise.resolve(true),
  waitingFor: () => [],
  stop() {},
};

/** Starts to feed the peers; problems name the option to change. */
export async function startCluster(
  input: ClusterInput,
): Promise<Cluster | { readonly problems: readonly string[] }> {
  switch (input.config.cluster) {
    case 'none':
      return NOTHING;
    case 'auto':
      return await startWatch(input);
    default:
      return playRecording(input, input.config.cluster);
  }
}

function playRecording({ accept }: ClusterInput, path: string): Cluster | { readonly problems: string[] } {
  if (!existsSync(path)) {
    return {
      problems: [`--cluster: got ${JSON.stringify(path)}, wants auto, none or a recording that exists`],
    };
  }
  const recording = readRecording(path);
  if ('problems' in recording)
    return { problems: recording.problems.map((problem) => `--cluster: ${problem}`) };
  for (const change of recording.changes) accept(change);
  return NOTHING;
}

async function startWatch({
  config,
  env,
  self,
  accept,
}: ClusterInput): Promise<Cluster | { problems: string[] }> {
  const credentials = await loadCredentials({
    kubeconfig: config.kubeconfig,
    context: config.context,
    env,
  });
  if ('problem' in credentials) return { problems: [credentials.problem] };
  const watch = createClusterWatch({ credentials, nodeName: config.nodeName }, self.kube);
  watch.start(accept);
  return {
    synced: (ms) => waitUntil(() => watch.isSynced(), ms),
    waitingFor: () => watch.waitingFor(),
    stop: () => watch.stop(),
  };
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
