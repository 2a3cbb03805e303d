/** What cannot work, or would harm DNS, before it is in the cluster: each with the reason and the way out. */

import { CONTAINER_NAME } from '../container.ts';
import { parseCorefile } from '../corefile/blocks.ts';
import { findFaults } from '../corefile/faults.ts';
import { findLogGaps, toSentence } from '../corefile/queryLog.ts';
import { type CorefileSource, toMountedSource } from '../corefile/source.ts';
import { hasContainer } from '../dnsPods.ts';
import { parseCpu, parseMemory } from '../quantities.ts';
import type { Settings } from '../settings.ts';
import type { DnsWorkload, PodResources, PodSpec } from './dnsWorkload.ts';
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
      ...toPodRefusals(checked),
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
  if ((pod.initContainers ?? []).some(({ name }) => name === CONTAINER_NAME)) {
    return [`one of its init containers is named ${CONTAINER_NAME} already`];
  }
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
    .filter(({ name }) => name !== CONTAINER_NAME)
    .flatMap(({ ports = [] }) =>
      ports.flatMap(({ containerPort = 0, hostPort = 0 }) => [containerPort, hostPort]),
    );
}

/** Pod Security admits hostPath volumes only where nothing or `privileged` is enforced. */
function toSecurityRefusals(checked: Checked): string[] {
  const namespace = findNamespace(checked);
  const { object } = checked.workload;
  const labels = (namespace?.json['metadata'] as { labels?: Record<string, string> } | undefined)?.labels;
  const level = labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'baseline' && level !== 'restricted') return [];
  return [
    `namespace ${object.namespace} enforces the Pod Security level ${level}, which forbids the hostPath volume that the log is read from; its pods would not be created. Use the reader in a namespace of its own (manifests/examples/reader)`,
  ];
}

function findNamespace({ workload: { object }, objects }: Checked): ManifestObject | undefined {
  return objects.find(({ kind, name }) => kind === 'Namespace' && name === object.namespace);
}

const PARSE = { cpu: parseCpu, memory: parseMemory } as const;

/** What a pod has as a whole has to hold what its containers request, and no limit of theirs may exceed it. */
function toPodRefusals({ workload: { pod }, settings: { resources } }: Checked): string[] {
  const { requests, limits } = pod.resources ?? {};
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const read = (quantity: string | number | undefined): number => PARSE[name](String(quantity ?? 0)) ?? 0;
    const wanted = (pod.containers ?? []).reduce(
      (sum, one) => sum + read(one.resources?.requests?.[name] ?? one.resources?.limits?.[name]),
      read(resources.requests[name]),
    );
    const isShort = requests?.[name] !== undefined && wanted > read(requests[name]);
    const isOver = limits?.[name] !== undefined && read(resources.limits[name]) > read(limits[name]);
    if (!isShort && !isOver) return [];
    return [
      `its pods have ${name} as a whole (spec.resources), and too little for corespan beside the rest: they would not be created`,
    ];
  });
}

/** What the user has set may be at odds with the other value, which nobody has set: the vantage's default. */
function toMemoryRefusals({ resources: { limits, requests } }: Settings): string[] {
  const problems: string[] = [];
  if (limits.cpu !== undefined && (parseCpu(requests.cpu) ?? 0) > (parseCpu(limits.cpu) ?? Infinity)) {
    problems.push(`it requests more CPU (${requests.cpu}) than its limit (${limits.cpu})`);
  }
  if ((parseMemory(requests.memory) ?? 0) > (parseMemory(limits.memory) ?? Infinity)) {
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

function toNotes(checked: Checked): string[] {
  const { object, pod, vantage } = checked.workload;
  const spec = object.json['spec'] as { readonly strategy?: { readonly type?: string } };
  return [
    ...(findNamespace(checked) === undefined
      ? [
          `its Namespace was not given, so nobody checked that its Pod Security level allows a hostPath volume; give it too, as in kubectl get namespace/${object.namespace}`,
        ]
      : []),
    ...(isGuaranteed(pod.containers ?? []) && !isGuaranteed([{ resources: checked.settings.resources }])
      ? [
          'its pods are Guaranteed and will be Burstable: give corespan requests that are its limits to keep the class, as in --cpu-request 250m --cpu-limit 250m --memory-request 256Mi --memory-limit 256Mi',
        ]
      : []),
    ...(pod.hostNetwork === true && checked.settings.port !== undefined
      ? [
          `port ${checked.settings.port} has to be free on every node: another process that holds it would answer the liveness probe, and corespan be restarted again and again; --listen names another one`,
        ]
      : []),
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

/** Every container has limits, and requests none or just these. */
function isGuaranteed(containers: readonly { readonly resources?: PodResources }[]): boolean {
  return containers.every(({ resources: { requests, limits } = {} }) =>
    (['cpu', 'memory'] as const).every((name) => {
      const limit = limits?.[name];
      const request = requests?.[name] ?? limit;
      return limit !== undefined && PARSE[name](String(request)) === PARSE[name](String(limit));
    }),
  );
}
