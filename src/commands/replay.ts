/** `corespan replay`: checks everything that it was told before it empties, reads or asks for anything. */
import type { Config } from '../config/load.ts';
import { listRecording } from '../kube/recordingFiles.ts';
import { type Inputs, toInputs } from '../sources/inputs.ts';
import { type Cluster, isClusterNamed, NOBODY, openCluster } from './cluster.ts';
import { type Command, refuse, type World } from './command.ts';
import { loadConfig } from './configuration.ts';
import { createOutputs, type Outputs } from './outputs.ts';
import { createOwnSelf } from './ownSelf.ts';
import { play } from './replaying.ts';

export const replay: Command = {
  summary: 'read logs to the end and sum up',
  usage: 'corespan replay [options] PATH…',
  description:
    'Reads files, folders laid out like /var/log/pods, or - (standard input) to the end, with the log as its own\nclock: lines of different files are merged by time. Then prints what was read and who asked for whom;\nwith spans or metrics on standard output (-) that goes to standard error, --json or not.\nThe exit code is 1 if an output is not whole or spans did not reach the endpoint, and if Ctrl-C ended the\nreading: what was read until then is summed up.',
  async run(world) {
    const started = performance.now();
    const { config, paths, problems } = await loadConfig('replay', world);
    const self = createOwnSelf(config, world);
    const inputs = toInputs(paths, config.containers);
    const outputs = createOutputs(world, [
      { what: 'one of the logs that are read', files: toLogs(inputs, world) },
      { what: 'the recording of the cluster', files: toRecording(config) },
    ]);
    try {
      const cluster = await openCluster({ config, env: world.env, self });
      const wrong = [
        ...problems,
        ...(paths.length === 0 ? [NO_PATH] : inputs.problems),
        // If nobody asked for a certain one, a log can be replayed without: its clients stay unnamed.
        ...(isClusterNamed(config) ? cluster.problems : []),
        ...openOutputs(config, outputs),
      ];
      if (wrong.length > 0) return refuse(world, wrong);
      const known = toKnown(cluster, (problem) =>
        self.log.warn('Without a cluster clients stay unnamed', { problem }),
      );
      return await play({ world, config, inputs, outputs, self, cluster: known, started });
    } finally {
      outputs.close();
    }
  },
};

const NO_PATH = 'PATH: got none, wants a file, a folder like /var/log/pods, or - for standard input';

/** Standard input, which may be a file, by its descriptor. */
function toLogs({ inputs }: Inputs, { stdin }: World): (string | number)[] {
  const files = inputs.flatMap((input) => input.files);
  return files.flatMap<string | number>(({ kind, path }) => {
    if (kind === 'file') return [path];
    return kind === 'stdin' && stdin.fd !== undefined ? [stdin.fd] : [];
  });
}

function toRecording({ cluster }: Config): readonly string[] {
  if (cluster === 'auto' || cluster === 'none') return [];
  try {
    return listRecording(cluster);
  } catch {
    // Whoever opens it says what is wrong.
    return [];
  }
}

function toKnown(cluster: Cluster, warn: (problem: string) => void): Cluster {
  if (cluster.problems.length === 0) return cluster;
  warn(cluster.problems.join('; '));
  return NOBODY;
}

function openOutputs(config: Config, outputs: Outputs): string[] {
  const wanted = [
    ['--metrics-out', config.metricsOut],
    ['--spans-out', config.spansOut],
  ] as const;
  return wanted.flatMap(([option, path]) => (path === undefined ? [] : (outputs.open(option, path) ?? [])));
}
