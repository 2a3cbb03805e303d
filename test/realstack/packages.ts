/** The catalogue of Debian packages that the real stack needs, and how to see whether one is there. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

export interface DebianPackage {
  /** A command on the path, or an absolute file, that is there once the package is. */
  readonly proof: string;
  /** What its `--version` says, where the checks are about that version. */
  readonly version?: string;
  readonly purpose: string;
}

export const PACKAGES = {
  iproute2: { proof: 'ip', purpose: 'network namespaces' },
  iptables: { proof: 'iptables-restore', purpose: 'Service addresses and SNAT' },
  conntrack: { proof: 'conntrack', purpose: 'forgetting flows to a Service whose pod is gone' },
  socat: { proof: 'socat', purpose: 'doors between a test and a network namespace' },
  'util-linux': { proof: 'unshare', purpose: 'processes that die with the test' },
  'bind9-dnsutils': { proof: 'dig', purpose: 'queries with chosen flags and transports' },
  dnsperf: { proof: 'dnsperf', purpose: 'load' },
  gcc: { proof: 'gcc', purpose: 'lookup programs' },
  'libc6-dev': { proof: '/usr/include/netdb.h', purpose: 'lookup programs with glibc' },
  'musl-tools': { proof: 'musl-gcc', purpose: 'lookup programs with musl' },
  buildah: { proof: 'buildah', purpose: 'building the image' },
  debootstrap: { proof: 'debootstrap', purpose: 'its base, where nothing can be pulled' },
  prometheus: {
    proof: '/usr/bin/prometheus',
    version: 'version 2.42.',
    purpose: 'the old generation, 2.42, as in Debian 12',
  },
  'etcd-server': {
    proof: '/usr/bin/etcd',
    version: 'Version: 3.4.23',
    purpose: 'etcd 3.4.23, too old for WatchList, as in Debian 12',
  },
} as const satisfies Record<string, DebianPackage>;

export type PackageName = keyof typeof PACKAGES;
export const PACKAGE_NAMES = Object.keys(PACKAGES) as PackageName[];

/** In the version that is meant. */
export function isInstalled(name: PackageName): boolean {
  const { proof, version }: DebianPackage = PACKAGES[name];
  if (!(proof.startsWith('/') ? existsSync(proof) : isCommand(proof))) return false;
  return version === undefined || toVersion(proof).includes(version);
}

function toVersion(program: string): string {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout;
}

export function isCommand(name: string): boolean {
  // Not every shell has the system administrator's folders on its path, where ip and iptables lie.
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
