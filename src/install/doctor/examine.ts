/** Everything that the doctor looks at, one examination after another; none of them changes anything. */
import { getHeapStatistics } from 'node:v8';
import type { Credentials } from '../../kube/authorization.ts';
import { createClusterWatch } from '../../kube/clusterWatch.ts';
import type { KubeSelf } from '../../self/kube.ts';
import { CONTAINER_NAME } from '../container.ts';
import { type ConfigMap, type CorefileSource, toMountedSource } from '../corefile/source.ts';
import { PLATFORM_NAMES, type PlatformName, toPlatform } from '../platforms.ts';
import { parseMemory } from '../quantities.ts';
import { type ClusterReader, type DnsPod, type FoundService, isRefused } from './cluster.ts';
import { examineCorefile } from './corefile.ts';
import { examineLog, isWithoutDnsPod } from './log.ts';
import { examineMemory, readMemoryLimit } from './memory.ts';
import { examineOtlp } from './otlp.ts';
import { examineRights, toAccounts, toAccountText } from './rights.ts';
import type { Examination, Finding } from './rules.ts';

export interface Patient {
  /** `missing`: why there is no API server to ask. */
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
  /** `none` if it is switched off; undefined if nobody named one here. */
  readonly otlpEndpoint: string | undefined;
  /** Where a container with these variables sends its spans. */
  readonly toEndpoint: (env: Readonly<Record<string, string | undefined>>) => string | undefined;
  readonly self: KubeSelf;
}

/** Milliseconds that a first sync may take. */
const SYNC = 20_000;

export async function* examine(patient: Patient): AsyncGenerator<Examination> {
  const pods = await findDnsPods(patient);
  yield await lookAtCorefile(patient, pods);
  yield lookAtLog(patient, pods);
  yield await lookAtRights(patient, pods);
  yield await lookAtWatch(patient);
  yield await lookAtOtlp(patient, pods);
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

/** Why nobody knows them, where they cannot be listed. */
type DnsPods = readonly DnsPod[] | string;

async function findDnsPods({ cluster, selector, containers }: Patient): Promise<DnsPods> {
  if ('missing' in cluster) return cluster.missing;
  const pods = await cluster.reader.dnsPods(selector, containers);
  return isRefused(pods) ? pods.refused : pods;
}

function toKnown(pods: DnsPods): readonly DnsPod[] {
  return typeof pods === 'string' ? [] : pods;
}

function toNoPods({ selector }: Patient): Finding {
  const where = selector === undefined ? 'the cluster' : `--selector ${selector}`;
  const message = `no pod has the labels ${selector ?? 'or the name of CoreDNS or NodeLocal DNSCache'}`;
  return { rule: 'no-dns-pods', where, message, fix: 'name their labels, as in --selector app=my-dns' };
}

async function lookAtCorefile(patient: Patient, pods: DnsPods): Promise<Examination> {
  const { corefile, cluster } = patient;
  if (corefile === 'none') return skipped('corefile', 'left out');
  const platform = await findPlatform(patient);
  if (corefile !== undefined) return seen('corefile', corefile.path, examineCorefile(corefile, platform));
  if ('missing' in cluster) return skipped('corefile', `${cluster.missing}; name one with --corefile`);
  if (typeof pods === 'string') return skipped('corefile', `${pods}; name one with --corefile`);
  if (pods.length === 0) return seen('corefile', 'no DNS pods', [toNoPods(patient)]);
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
      if (!isRefused(map)) maps.push(map);
      // One that is not there is optional: then its files are none, which is known.
      else if (map.status === 404) maps.push({ name, data: {} });
      else refused = map.refused;
    }
    const source = toMountedSource(maps);
    if (source !== undefined) sources.set(`${metadata.namespace}/${source.path}`, source);
  }
  return sources.size === 0 ? refused : [...sources.values()];
}

function lookAtLog({ isInPod, logDir, containers }: Patient, pods: DnsPods): Examination {
  const findings = examineLog(logDir, containers);
  const isMissing = findings.length > 0 && findings.every(({ rule }) => rule === 'log-missing');
  if (isMissing && !isInPod)
    return skipped(
      'log',
      `no log of a DNS server is in ${logDir} here; run the doctor in the pod of a reader`,
    );
  // Most nodes have a reader and no DNS pod.
  if (isMissing && isWithoutDnsPod(logDir, toKnown(pods)))
    return skipped(
      'log',
      'no DNS pod is on this node; run the doctor in the reader of a node that has one (kubectl get pods -o wide)',
    );
  return seen('log', logDir, findings);
}

async function lookAtRights(patient: Patient, pods: DnsPods): Promise<Examination> {
  const { cluster, isInPod, corefile } = patient;
  if ('missing' in cluster) return skipped('rights', cluster.missing);
  if (!isInPod && typeof pods === 'string') return skipped('rights', pods);
  if (!isInPod && pods.length === 0) {
    // Said already where their Corefile was looked for.
    return corefile === undefined
      ? skipped('rights', 'no DNS pods')
      : seen('rights', 'no DNS pods', [toNoPods(patient)]);
  }
  const accounts = isInPod ? [undefined] : toAccounts(toKnown(pods));
  const findings: Finding[] = [];
  for (const account of accounts) {
    const missing = await cluster.reader.missingRights(account);
    if (isRefused(missing)) return skipped('rights', missing.refused);
    findings.push(...examineRights(account, missing));
  }
  return seen('rights', accounts.map(toAccountText).join(', '), findings);
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

async function lookAtOtlp(patient: Patient, pods: DnsPods): Promise<Examination> {
  const { cluster, isInPod, otlpEndpoint } = patient;
  const endpoints = otlpEndpoint === undefined && !isInPod ? toEndpoints(patient, pods) : [otlpEndpoint];
  const used = endpoints.flatMap((endpoint) =>
    endpoint === undefined || endpoint === 'none' ? [] : [endpoint],
  );
  if (used.length === 0) {
    const message = 'no endpoint is given';
    return seen('otlp', 'spans are off', [{ rule: 'otlp-off', where: '--otlp-endpoint', message }]);
  }
  const findService = async (host: string): Promise<FoundService | undefined> => {
    const [name = '', namespace, marker = 'svc'] = host.split('.');
    if ('missing' in cluster || namespace === undefined || marker !== 'svc') return undefined;
    return await cluster.reader.findService(namespace, name);
  };
  const reach = isInPod ? 'everything' : otlpEndpoint === undefined ? 'nothing' : 'no services';
  const findings: Finding[] = [];
  for (const endpoint of used) findings.push(...(await examineOtlp({ endpoint, findService, reach })));
  return seen('otlp', used.join(', '), findings);
}

/** Those of the containers that are in DNS pods already. */
function toEndpoints({ toEndpoint }: Patient, pods: DnsPods): (string | undefined)[] {
  const containers = toKnown(pods).flatMap(toOurs);
  const found = containers.map((container) => toEndpoint(toVariables(container)));
  return [...new Set(found)];
}

type OurContainer = DnsPod['spec']['containers'][number];

function toOurs({ spec }: DnsPod): OurContainer[] {
  return spec.containers.filter(({ name }) => name === CONTAINER_NAME);
}

function toVariables({ env = [] }: OurContainer): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

async function lookAtMemory(patient: Patient, pods: DnsPods): Promise<Examination> {
  const { cluster, isInPod, nodeName } = patient;
  const count = async (node: string | undefined): Promise<number> => {
    const found = 'missing' in cluster ? 0 : await cluster.reader.countPods(node);
    return isRefused(found) ? 0 : found;
  };
  if (isInPod) {
    const where = 'this container';
    const limit = readMemoryLimit('/sys/fs/cgroup');
    if (limit === undefined) return skipped('memory', 'its control group tells no limit');
    const heap = getHeapStatistics().heap_size_limit;
    const use = { where, limit: limit === 'none' ? undefined : limit, heap, pods: await count(nodeName) };
    return seen('memory', where, examineMemory(use));
  }
  const ours = toKnown(pods).flatMap(toMemory);
  if (ours.length === 0) return skipped('memory', 'corespan is in no DNS pod');
  const findings: Finding[] = [];
  for (const { node, ...use } of ours) findings.push(...examineMemory({ ...use, pods: await count(node) }));
  return seen('memory', ours.map(({ where }) => where).join(', '), findings);
}

interface Memory {
  readonly where: string;
  readonly limit: number | undefined;
  readonly heap: number | undefined;
  /** The one whose pods it watches; undefined: all. */
  readonly node: string | undefined;
}

function toMemory(pod: DnsPod): Memory[] {
  return toOurs(pod).map((container) => {
    const variables = toVariables(container);
    const [, megabytes] = /--max-old-space-size=(\d+)/.exec(variables['NODE_OPTIONS'] ?? '') ?? [];
    return {
      where: `pod ${pod.metadata.namespace}/${pod.metadata.name}`,
      limit: parseMemory(container.resources?.limits?.memory ?? ''),
      heap: megabytes === undefined ? undefined : Number(megabytes) * 2 ** 20,
      node: variables['CORESPAN_NODE_NAME'] === undefined ? undefined : pod.spec.nodeName,
    };
  });
}
