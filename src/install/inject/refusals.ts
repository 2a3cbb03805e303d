/** What cannot work, or would harm DNS, before it is in the cluster: each with the reason and the way out. */
import { parseCorefile } from '../corefile/blocks.ts';
import { findFaults } from '../corefile/faults.ts';
import { findLogGaps, toSentence } from '../corefile/queryLog.ts';
import { type CorefileSource, toMountedSource } from '../corefile/source.ts';
import { LEAST_MEMORY, parseCpu, parseMemory } from '../memory.ts';
import type { Settings } from '../settings.ts';
import { type DnsWorkload, hasContainer, type PodSpec } from './dnsWorkload.ts';
import { type ManifestObject, toTitle } from './manifest.ts';

export interface Checked {
  readonly workload: DnsWorkload;
  readonly settings: Settings;
  /** Everything that was given along with it. */
  readonly objects: readonly ManifestObject[];
  readonly containers: readonly string[];
  /** What `--corefile` named, or `none` to leave the Corefile alone. */
  readonly corefile: CorefileSource | 'none' | undefined;
}

export interface Verdict {
  /** Sentences; nothing is written if there is one. */
  readonly refusals: readonly string[];
  /** Sentences about what will be missing or has to be done besides. */
  readonly notes: readonly string[];
}

export function judge(checked: Checked): Verdict {
  const title = toTitle(checked.workload.object);
  const corefile = judgeCorefile(checked);
  const say = (text: string): string => `${title}: ${text}`;
  return {
    refusals: [
      ...toContainerRefusals(checked),
      ...toPortRefusals(checked),
      ...toSecurityRefusals(checked),
      ...toMemoryRefusals(checked.settings),
      ...corefile.refusals,
    ].map(say),
    notes: [...toNotes(checked), ...corefile.notes].map(say),
  };
}

function toContainerRefusals({ workload, containers }: Checked): string[] {
  const { pod, podSpec } = workload;
  if (!podSpec.has('containers')) return ['its pods have no containers'];
  if (pod.nodeSelector?.['kubernetes.io/os'] === 'windows')
    return ['its pods run on Windows, corespan on Linux'];
  if (hasContainer(pod, containers)) return [];
  const names = (pod.containers ?? []).map(({ name }) => name).join(', ');
  return [
    `none of its containers (${names}) is one whose log corespan reads (${containers.join(', ')}); name it with --containers`,
  ];
}

/** What CoreDNS, node-cache and the kubelet's probes use on a node, declared or not. */
const HOST_PORTS = [53, 8080, 8181, 9153, 9253, 9353];

function toPortRefusals({ workload: { pod }, settings: { port } }: Checked): string[] {
  if (port === undefined) return [];
  const taken = toPorts(pod);
  const isHost = pod.hostNetwork === true;
  if (!taken.includes(port) && !(isHost && HOST_PORTS.includes(port))) return [];
  const where = isHost ? 'on the host network, where all pods of a node share them' : 'in this pod';
  return [`port ${port} is taken ${where}; choose another one with --listen, as in --listen :9465`];
}

function toPorts({ containers = [] }: PodSpec): number[] {
  return containers
    .filter(({ name }) => name !== 'corespan')
    .flatMap(({ ports = [] }) =>
      ports.flatMap(({ containerPort = 0, hostPort = 0 }) => [containerPort, hostPort]),
    );
}

/** Pod Security admits hostPath volumes only where nothing or `privileged` is enforced. */
function toSecurityRefusals({ workload: { object }, objects }: Checked): string[] {
  const namespace = objects.find(({ kind, name }) => kind === 'Namespace' && name === object.namespace);
  const labels = (namespace?.json['metadata'] as { labels?: Record<string, string> } | undefined)?.labels;
  const level = labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'baseline' && level !== 'restricted') return [];
  return [
    `namespace ${object.namespace} enforces the Pod Security level ${level}, which forbids the hostPath volume that the log is read from; its pods would not be created. Use the reader in a namespace of its own (manifests/examples/reader)`,
  ];
}

function toMemoryRefusals({ resources: { limits, requests } }: Settings): string[] {
  const [limit, request] = [limits.memory, requests.memory].map((text) => parseMemory(text));
  const cpu = [limits.cpu, requests.cpu].filter((text) => text !== undefined);
  const problems: string[] = [];
  for (const text of cpu) {
    if (parseCpu(text) === undefined)
      problems.push(`CPU of ${JSON.stringify(text)}: wants a quantity such as 250m or 1`);
  }
  if (limits.cpu !== undefined && (parseCpu(requests.cpu) ?? 0) > (parseCpu(limits.cpu) ?? Infinity)) {
    problems.push(`it requests more CPU (${requests.cpu}) than its limit (${limits.cpu})`);
  }
  if (limit === undefined || request === undefined) {
    problems.push(
      `memory of ${JSON.stringify(limits.memory)}, ${JSON.stringify(requests.memory)}: wants quantities such as 256Mi`,
    );
  } else if (limit < LEAST_MEMORY) {
    problems.push(
      `a memory limit of ${limits.memory} ends corespan again and again, which makes the DNS pod unready; it needs 96Mi at least`,
    );
  } else if (request > limit) {
    problems.push(`it requests more memory (${requests.memory}) than its limit (${limits.memory})`);
  }
  return problems;
}

function judgeCorefile(checked: Checked): Verdict {
  const given = findCorefile(checked);
  if (given === 'none') return { refusals: [], notes: [] };
  if (given === undefined) {
    return {
      refusals: [],
      notes: ['its Corefile was not given, so nobody checked that it says log; see corespan doctor'],
    };
  }
  const corefile = parseCorefile(given.text, given.findFiles);
  const problems = findFaults(corefile);
  if (problems.length > 0) {
    return { refusals: problems.map(({ line, message }) => `${given.path}:${line}: ${message}`), notes: [] };
  }
  const gaps = findLogGaps(corefile);
  const toText = (gap: (typeof gaps)[number]): string => `${given.path}:${gap.line}: ${toSentence(gap)}`;
  const isFatal = ({ kind }: (typeof gaps)[number]): boolean => kind === 'no_log' || kind === 'poor_format';
  const refusals = gaps.filter(isFatal).map(toText);
  if (refusals.length > 0) {
    refusals.push(
      'without these lines corespan sees nothing: add log to each block, or go on with --corefile none',
    );
  }
  return { refusals, notes: gaps.filter((gap) => !isFatal(gap)).map(toText) };
}

/** What was named; else the ConfigMap that the pods mount, if it was given along. */
function findCorefile({ corefile, workload, objects }: Checked): Checked['corefile'] {
  if (corefile !== undefined) return corefile;
  const mounted = (workload.pod.volumes ?? []).map(({ configMap }) => configMap?.name);
  const maps = objects.filter(
    ({ kind, namespace }) => kind === 'ConfigMap' && namespace === workload.object.namespace,
  );
  const isMounted = (name: string): boolean => mounted.includes(name);
  return toMountedSource(
    maps.map(({ name, json }) => ({ name, data: json['data'] })),
    isMounted,
  );
}

function toNotes({ workload: { object, pod, vantage } }: Checked): string[] {
  const spec = object.json['spec'] as { readonly strategy?: { readonly type?: string } };
  return [
    ...(pod.automountServiceAccountToken === false
      ? ['its pods get no service account token: clients stay addresses']
      : []),
    ...(vantage === 'node-local-dns'
      ? ['its account has no rights of its own: kubectl apply -k manifests/examples/node-local-dns-rbac']
      : []),
    ...(spec.strategy?.type === 'Recreate'
      ? ['its strategy is Recreate: all its pods stop at once; roll out with RollingUpdate']
      : []),
  ];
}
