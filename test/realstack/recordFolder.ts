/** A recording folder as `examples/` has them: pod logs, who was who, the truth, and what the DNS servers counted. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RealCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { fetchIn } from './doors.ts';
import type { TrafficLookup } from './traffic.ts';
import { writeTruth } from './truthFile.ts';

export interface Recorded {
  readonly lookups: readonly TrafficLookup[];
  readonly servers: readonly DnsServer[];
  /** What happened besides lookups, for people and tests. */
  readonly happenings: object;
  /** The text of README.md. */
  readonly about: string;
}

const TRUTH = 'truth.tsv';

/** All but `cluster/`, which `recordCluster` writes from the beginning on. */
export async function writeRecording(
  cluster: RealCluster,
  folder: string,
  { lookups, servers, happenings, about }: Recorded,
): Promise<void> {
  mkdirSync(join(folder, 'pods'), { recursive: true });
  for (const { logFolder } of servers) {
    const pod = dirname(logFolder);
    cpSync(pod, join(folder, 'pods', basename(pod)), { recursive: true });
  }
  writeTruth(join(folder, TRUTH), lookups);
  writeFileSync(join(folder, 'happenings.json'), `${JSON.stringify(happenings, undefined, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), about);
  const counters = await Promise.all(
    servers.filter(({ pod }) => pod.network !== undefined).map((server) => readCounters(cluster, server)),
  );
  writeFileSync(join(folder, 'coredns-counters.txt'), counters.join(''));
}

/** Whether a new recording may stand there: nothing else is ever overwritten. */
export function isFreeForRecording(folder: string): boolean {
  return !existsSync(folder) || existsSync(join(folder, TRUTH));
}

/** Moves a recording that is complete to where an older one may be. */
export function placeRecording(recorded: string, folder: string): void {
  if (!isFreeForRecording(folder)) throw new Error(`${folder} is there, and is no recording`);
  rmSync(folder, { recursive: true, force: true });
  // Not renamed: it may be another file system.
  cpSync(recorded, folder, { recursive: true });
  rmSync(recorded, { recursive: true });
}

/** The counters of requests and the build; the rest changes from run to run and tells nothing here. */
async function readCounters(cluster: RealCluster, { pod }: DnsServer): Promise<string> {
  const { body } = await fetchIn(cluster.sandboxes.node1.namespace, `http://${pod.address}:9153/metrics`);
  const lines = body.split('\n').filter((line) => /^coredns_(build_info|dns_requests_total)\{/.test(line));
  return lines.map((line) => `${line}\n`).join('');
}
