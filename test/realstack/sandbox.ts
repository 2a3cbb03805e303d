/** The place where a process runs: a network namespace, and files of its own in the places where programs look. */
export interface Sandbox {
  /** `<ns>/<pod>`, or the name of the node or machine: whose place it is. */
  readonly name: string;
  readonly namespace: string;
  readonly mounts: readonly Mount[];
}

export interface Mount {
  readonly source: string;
  /** Absolute; made if it is not there. */
  readonly target: string;
  readonly isReadOnly?: boolean;
}

/**
 * The command that runs `argv` there, as the same process: nothing forks on the way.
 *
 * `ip netns exec` brings a mount namespace of its own, so none of this is seen outside. /run is emptied because
 * daemons of the machine listen there (nscd, systemd-resolved) and would answer lookups behind our back.
 */
export function toArgv({ namespace, mounts }: Sandbox, argv: readonly string[]): string[] {
  const listed = mounts.flatMap(({ source, target, isReadOnly = false }) => [
    source,
    target,
    isReadOnly ? 'ro' : 'rw',
  ]);
  return ['ip', 'netns', 'exec', namespace, 'sh', '-c', ENTER, 'enter', ...listed, '--', ...argv];
}

/**
 * The command that runs `argv` as that user and group, without capabilities, as a container's process. Log files
 * are root's, readable for its group (0640): group 0 reads them, as in a cluster.
 */
export function asUser(
  { user, group }: { readonly user: number; readonly group: number },
  argv: readonly string[],
): string[] {
  const identity = [
    `--reuid=${user}`,
    `--regid=${group}`,
    '--clear-groups',
    '--inh-caps=-all',
    '--no-new-privs',
  ];
  // With the user the kernel forgets that the process is to die with its parent, so it is told again.
  return ['setpriv', ...identity, '--pdeathsig', 'KILL', '--', ...argv];
}

/** readlink -m: where /etc/resolv.conf is a link into /run, its target has just gone. */
const ENTER = `set -e
mount -t tmpfs -o mode=755 tmpfs /run
while [ "$1" != -- ]; do
  target=$(readlink -m "$2")
  if [ -d "$1" ]; then mkdir -p "$target"
  elif [ ! -e "$target" ]; then mkdir -p "$(dirname "$target")"; : > "$target"
  fi
  mount --bind "$1" "$target"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$target"; fi
  shift 3
done
shift
exec "$@"`;
