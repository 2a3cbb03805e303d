/** Opens what `run` reads from, as --source says. */
import type { Config } from '../config/load.ts';
import { loadCredentials } from '../kube/credentials.ts';
import type { Self } from '../self/self.ts';
import { createFollower } from '../sources/follow.ts';
import { createKubeSource } from '../sources/kube.ts';
import type { PodOfLogs } from '../sources/layout.ts';
import type { Source } from '../sources/source.ts';
import { createStdinSource } from '../sources/stdin.ts';
import type { World } from './command.ts';

/** A source that can be opened, and reads nothing before. */
export type OpenSource = (self: Self) => Source;

/** Finds out whether what --source says can be read at all; the problem says which option to change. */
export async function prepareSource(
  config: Config,
  world: World,
): Promise<OpenSource | { readonly problem: string }> {
  const { now } = world;
  switch (config.source) {
    case 'volume': {
      const { logDir: dir, containers, checkpoint } = config;
      const own = toOwnPod(world.env);
      return (self) => createFollower({ dir, own, containers, checkpoint, now }, self.sources);
    }
    case 'stdin':
      return (self) => createStdinSource({ stdin: world.stdin, now }, self.sources);
    case 'kube': {
      const { kubeconfig, context, containers, dnsNamespace: namespace, dnsSelector: selector } = config;
      const credentials = await loadCredentials({ kubeconfig, context, env: world.env });
      if ('problem' in credentials) return { problem: `--source kube: ${credentials.problem}` };
      return (self) => createKubeSource({ credentials, namespace, selector, containers, now }, self.sources);
    }
    default:
      return config.source satisfies never;
  }
}

/** The pod that the manifests name in the sidecar's environment. */
function toOwnPod(env: World['env']): PodOfLogs | undefined {
  const { POD_NAMESPACE: namespace, POD_NAME: name, POD_UID: uid } = env;
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  return { namespace, name, uid };
}

/** What is read, as the start and the page say it. */
export function describeSource({ source, logDir, dnsNamespace, dnsSelector }: Config): string {
  switch (source) {
    case 'volume':
      return logDir;
    case 'stdin':
      return 'standard input';
    case 'kube':
      return `the logs of pods with ${dnsSelector} in namespace ${dnsNamespace}`;
    default:
      return source satisfies never;
  }
}
