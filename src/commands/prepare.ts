/** Looks at everything that `run` needs before its first line, and tells what is wrong with all of it at once. */
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import { checkCheckpoint } from './checkCheckpoint.ts';
import { type Cluster, isClusterNamed, isServerNamed, NOBODY, openCluster } from './cluster.ts';
import type { World } from './command.ts';
import { type OpenSource, prepareSource } from './openSource.ts';

export interface Prepare {
  readonly config: Config;
  readonly world: World;
  readonly self: Self;
  /** True inside a pod: without its service account, which is no option of ours, clients only stay unnamed. */
  readonly staysAnyway: boolean;
  /** True if options are wrong: what is only a default, or around us, may be so because of them, and is no mistake. */
  readonly onlyNamed: boolean;
}

export interface Prepared {
  /** Each names the option; empty if `run` can begin. */
  readonly mistakes: readonly string[];
  /** Undefined if it cannot be opened, or was not looked for. */
  readonly openSource: OpenSource | undefined;
  readonly cluster: Cluster;
}

export async function prepare(input: Prepare): Promise<Prepared> {
  const { config, world, onlyNamed } = input;
  const source = onlyNamed && !isServerNamed(config) ? undefined : await prepareSource(config, world);
  const problems = source !== undefined && 'problem' in source ? [source.problem] : [];
  // The watch would ask the same API server: what is wrong with it is said once.
  const isSaid = problems.length > 0 && config.cluster === 'auto';
  const cluster = isSaid ? NOBODY : await findCluster(input);
  return {
    mistakes: [...checkCheckpoint(config), ...problems, ...toMistakes(cluster, input)],
    openSource: source === undefined || 'problem' in source ? undefined : source,
    cluster,
  };
}

async function findCluster({ config, world, self, onlyNamed }: Prepare): Promise<Cluster> {
  return onlyNamed && !isClusterNamed(config) ? NOBODY : await openCluster({ config, env: world.env, self });
}

function toMistakes({ problems }: Cluster, { config, staysAnyway }: Prepare): readonly string[] {
  return staysAnyway && !isClusterNamed(config) ? [] : problems;
}
