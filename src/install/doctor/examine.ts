/** Everything that the doctor looks at, one examination after another; none of them changes anything. */
import { existsSync, readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { Credentials } from '../../kube/authorization.ts';
import { createClusterWatch } from '../../kube/clusterWatch.ts';
import type { KubeSelf } from '../../self/kube.ts';
import { type ConfigMap, type CorefileSource, toMountedSource } from '../corefile/source.ts';
import { parseMemory } from '../memory.ts';
import { PLATFORM_NAMES, type PlatformName, toPlatform } from '../platforms.ts';
import { type Account, type ClusterReader, type DnsPod, isRefused } from './cluster.ts';
import { examineCorefile } from './corefile.ts';
import { examineLog } from './log.ts';
import { examineMemory } from './memory.ts';
import { examineOtlp } from './otlp.ts';
import type { Examination, Finding } from './rules.ts';

export interface Patient {
  /** Undefined where there is no API server to ask, with the reason. */
  readonly cluster:
    | { readonly reader: ClusterReader; readonly credentials: Credentials }
    | { readonly missing: string };
  readonly isInPod: boolean;
  /** Named by the user; `none` leaves it out. */
  readonly corefile: CorefileSource | 'none' | undefined;
  readonly selector: string | undefined;
  readonly platform: string | undefined;
  readonly logDir: string;
  readonly containers: readonly string[];
  readonly nodeName: string | undefined;
  /** `none` if it is switched off. */
  readonly otlpEndpoint: string | undefined;
  readonly self: KubeSelf;
}

/** Milliseconds that a first sync may take. */
const SYNC = 20_000;

export async function* examine(patient: Patient): AsyncGenerator<Examination> {
  const pods = await findDnsPods(patient);
  yield await lookAtCorefile(patient, pods);
  yield lookAtLog(patient);
  yield await lookAtRights(patient, pods);
  yield await lookAtWatch(patient);
  yield await lookAtOtlp(patient);
  yield await lookAtMemory(patient, pods);
}

type Name = Examination['name'];

const seen = (name: Name, looked: string, findings: readonly Finding[]): Examination => ({
  name,
  looked,
  isSkipped: false,
  findings,
});
const skipped = (name: Name, looked: string): Examination => ({
  name,
  looked,
  isSkipped: true,
  findings: [],
});

async function findDnsPods({ cluster, selector }: Patient): Promise<readonly DnsPod[] | string> {
  if ('missing' in cluster) return cluster.missing;
  const pods = await cluster.reader.dnsPods(selector);
  if (isRefused(pods)) return pods.refused;
  return pods.length === 0 ? `no pod has the labels ${selector ?? 'of CoreDNS or NodeLocal DNSCache'}` : pods;
}

async function lookAtCorefile(patient: Patient, pods: readonly DnsPod[] | string): Promise<Examination> {
  const { corefile, cluster } = patient;
  if (corefile === 'none') return skipped('corefile', 'left out');
  const platform = await findPlatform(patient);
  if (corefile !== undefined) return seen('corefile', corefile.path, examineCorefile(corefile, platform));
  if ('missing' in cluster) return skipped('corefile', `${cluster.missing}; name one with --corefile`);
  if (typeof pods === 'string') return skipped('corefile', `${pods}; name one with --corefile`);
  const sources = await findCorefiles(cluster.reader, pods);
  if (typeof sources === 'string')
    return skipped('corefile', `${sources}; run the doctor outside the pod, or name one with --corefile`);
  return seen(
    'corefile',
    sources.map(({ path }) => path).join(', '),
    sources.flatMap((source) => examineCorefile(source, platform)),
  );
}

async function findPlatform({ platform, cluster }: Patient): Promise<PlatformName | undefined> {
  const named = PLATFORM_NAMES.find((name) => name === platform);
  if (named !== undefined || 'missing' in cluster) return named;
  const nodes = await cluster.reader.nodes();
  return isRefused(nodes) ? undefined : toPlatform(nodes);
}

/** One for each set of ConfigMaps that DNS pods mount. */
async function findCorefiles(
  reader: ClusterReader,
  pods: readonly DnsPod[],
): Promise<CorefileSource[] | string> {
  const sources = new Map<string, CorefileSource>();
  let refused = 'no DNS pod mounts a ConfigMap with a Corefile';
  for (const { metadata, spec } of pods) {
    const names = (spec.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []);
    const maps: ConfigMap[] = [];
    for (const name of names) {
      const map = await reader.configMap(metadata.namespace, name);
      // One that is not there may be optional.
      if (!isRefused(map)) maps.push(map);
      else if (map.status !== 404) refused = map.refused;
    }
    const source = toMountedSource(maps, () => true);
    if (source !== undefined) sources.set(`${metadata.namespace}/${source.path}`, source);
  }
  return sources.size === 0 ? refused : [...sources.values()];
}

function lookAtLog({ isInPod, logDir, containers }: Patient): Examination {
  const findings = examineLog(logDir, containers);
  const isElsewhere = !isInPod && findings.every(({ rule }) => rule === 'log-missing') && findings.length > 0;
  if (isElsewhere)
    return skipped(
      'log',
      `no log of a DNS server is in ${logDir} here; run the doctor in the pod of a reader`,
    );
  return seen('log', logDir, findings);
}

async function lookAtRights(
  { cluster, isInPod }: Patient,
  pods: readonly DnsPod[] | string,
): Promise<Examination> {
  if ('missing' in cluster) return skipped('rights', cluster.missing);
  if (!isInPod && typeof pods === 'string') return skipped('rights', pods);
  const accounts = isInPod ? [undefined] : toAccounts(pods);
  const findings: Finding[] = [];
  for (const account of accounts) {
    const missing = await cluster.reader.missingRights(account);
    if (isRefused(missing)) return skipped('rights', missing.refused);
    findings.push(
      ...missing.map(
        ({ resource, isOptional }): Finding => ({
          rule: isOptional ? 'missing-optional-right' : 'missing-right',
          where: toTitle(account),
          message: `may not list ${resource}`,
          ...(!isOptional && { fix: 'kubectl apply -k manifests/examples/node-local-dns-rbac' }),
        }),
      ),
    );
  }
  return seen('rights', accounts.map(toTitle).join(', '), findings);
}

/** The accounts of the pods that corespan shares, or will share. */
function toAccounts(pods: readonly DnsPod[] | string): Account[] {
  if (typeof pods === 'string') return [];
  const accounts = pods.map(({ metadata, spec }) => ({
    namespace: metadata.namespace,
    name: spec.serviceAccountName ?? 'default',
  }));
  return [...new Map(accounts.map((account) => [toTitle(account), account])).values()];
}

function toTitle(account: Account | undefined): string {
  return account === undefined ? 'this account' : `account ${account.namespace}/${account.name}`;
}

async function lookAtWatch({ cluster, nodeName, self }: Patient): Promise<Examination> {
  if ('missing' in cluster) return skipped('watch', cluster.missing);
  const watch = createClusterWatch({ credentials: cluster.credentials, nodeName }, self);
  const begin = performance.now();
  watch.start(() => {});
  while (!watch.isSynced() && performance.now() - begin < SYNC) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const waitingFor = watch.waitingFor();
  watch.stop();
  const took = `${((performance.now() - begin) / 1000).toFixed(1)} s, by the ${cluster.credentials.describe}`;
  return seen(
    'watch',
    took,
    waitingFor.map((what) => ({
      rule: 'watch-not-synced',
      where: cluster.credentials.server.host,
      message: `no complete state of ${what}`,
    })),
  );
}

async function lookAtOtlp({ otlpEndpoint, cluster, isInPod }: Patient): Promise<Examination> {
  if (otlpEndpoint === undefined || otlpEndpoint === 'none') {
    const message = 'no endpoint is given';
    return seen('otlp', 'spans are off', [{ rule: 'otlp-off', where: '--otlp-endpoint', message }]);
  }
  const findService = async (host: string): Promise<string | undefined> => {
    const [name = '', namespace, marker = 'svc'] = host.split('.');
    if ('missing' in cluster || namespace === undefined || marker !== 'svc') return undefined;
    return await cluster.reader.serviceAddress(namespace, name);
  };
  const findings = await examineOtlp({ endpoint: otlpEndpoint, findService, canReachServices: isInPod });
  return seen('otlp', otlpEndpoint, findings);
}

async function lookAtMemory(
  { cluster, isInPod }: Patient,
  pods: readonly DnsPod[] | string,
): Promise<Examination> {
  const count = 'missing' in cluster ? 0 : await cluster.reader.countPods();
  const watched = isRefused(count) ? 0 : count;
  if (isInPod) {
    const limit = readOwnLimit();
    const heap = getHeapStatistics().heap_size_limit;
    return seen(
      'memory',
      'this container',
      examineMemory({ where: 'this container', limit, heap, pods: watched }),
    );
  }
  const ours = typeof pods === 'string' ? [] : pods.flatMap(toMemory);
  if (ours.length === 0) return skipped('memory', 'corespan is in no DNS pod');
  return seen(
    'memory',
    ours.map(({ where }) => where).join(', '),
    ours.flatMap((use) => examineMemory({ ...use, pods: watched })),
  );
}

/** Version 2 of control groups; elsewhere nobody knows. */
function readOwnLimit(): number | undefined {
  const path = '/sys/fs/cgroup/memory.max';
  const limit = existsSync(path) ? Number(readFileSync(path, 'utf8')) : Number.NaN;
  return Number.isNaN(limit) ? undefined : limit;
}

function toMemory({
  metadata,
  spec,
}: DnsPod): { where: string; limit: number | undefined; heap: number | undefined }[] {
  return spec.containers
    .filter(({ name }) => name === 'corespan')
    .map(({ env = [], resources }) => {
      const options = env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '';
      const [, megabytes] = /--max-old-space-size=(\d+)/.exec(options) ?? [];
      return {
        where: `pod ${metadata.namespace}/${metadata.name}`,
        limit: parseMemory(resources?.limits?.memory ?? ''),
        heap: megabytes === undefined ? undefined : Number(megabytes) * 2 ** 20,
      };
    });
}
