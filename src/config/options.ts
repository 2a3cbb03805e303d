/**
 * Every option: the one table behind flags (`--log-dir`), environment (`CORESPAN_LOG_DIR`), the YAML file
 * (`logDir`), `--help` and docs/reference/configuration.md.
 */
import type { ValueType } from './values.ts';

export const CONFIGURED_VERBS = ['run', 'replay', 'demo', 'inject', 'doctor'] as const;
export type ConfiguredVerb = (typeof CONFIGURED_VERBS)[number];

export interface Option {
  readonly type: ValueType;
  /** As it would be typed; undefined: none. */
  readonly default: string | undefined;
  /** A default that differs for a verb. */
  readonly defaults?: Readonly<Partial<Record<ConfiguredVerb, string>>>;
  readonly verbs: readonly ConfiguredVerb[];
  /** Without any of these it does nothing; undefined: it always does something. */
  readonly onlyWith?: readonly Condition[];
  /** What stands behind the flag in the help; flags that take no value have none. */
  readonly placeholder: string;
  /** What a text has to be, for whoever gave none or a wrong one; undefined: the placeholder says it. */
  readonly wants?: string;
  readonly help: string;
}

/** Values of another option. */
export interface Condition {
  readonly option: 'source' | 'cluster';
  readonly values: readonly string[];
}

const FOLLOWING = ['run'] as const;
const REPLAYING = ['replay'] as const;
const WITH_CLUSTER = ['run', 'replay', 'doctor'] as const;
const WITH_PIPELINE = ['run', 'replay', 'demo'] as const;
/** Options of `run` that `inject` writes into the container. */
const TUNED = [...WITH_PIPELINE, 'inject'] as const;
const INJECTING = ['inject'] as const;

const WITH_FILES = [{ option: 'source', values: ['volume'] }] as const;
const WITH_PODS = [{ option: 'source', values: ['kube'] }] as const;
const WITH_CONTAINERS = [{ option: 'source', values: ['volume', 'kube'] }] as const;
const WITH_WATCH = [{ option: 'cluster', values: ['auto'] }] as const;
const WITH_API = [...WITH_WATCH, ...WITH_PODS] as const;

export const OPTIONS = {
  config: {
    type: 'text',
    default: undefined,
    verbs: CONFIGURED_VERBS,
    placeholder: 'FILE',
    help: 'YAML file with options; a flag beats the environment, the environment beats the file.',
  },
  source: {
    type: { choices: ['volume', 'kube', 'stdin'] },
    default: 'volume',
    verbs: FOLLOWING,
    placeholder: 'KIND',
    help: 'Where lines come from: the log volume, the Kubernetes API (pods/log of the DNS pods), or standard input (what came is closed and sent when it ends).',
  },
  logDir: {
    type: 'text',
    default: '/var/log/pods',
    verbs: ['run', 'doctor'],
    onlyWith: WITH_FILES,
    placeholder: 'DIR',
    help: "Root of the log volume: the node's, or one pod's own folder.",
  },
  containers: {
    type: 'texts',
    default: 'coredns,node-cache,dns',
    verbs: [...TUNED, 'doctor'],
    onlyWith: WITH_CONTAINERS,
    placeholder: 'NAMES',
    help: 'Names of the containers whose logs are read.',
  },
  dnsNamespace: {
    type: 'text',
    default: 'kube-system',
    verbs: FOLLOWING,
    onlyWith: WITH_PODS,
    placeholder: 'NAMESPACE',
    help: 'Namespace of the DNS pods.',
  },
  dnsSelector: {
    type: 'text',
    default: 'k8s-app in (kube-dns,node-local-dns)',
    verbs: FOLLOWING,
    onlyWith: WITH_PODS,
    placeholder: 'SELECTOR',
    help: 'Label selector of the DNS pods.',
  },
  checkpoint: {
    type: 'text',
    default: undefined,
    verbs: FOLLOWING,
    onlyWith: WITH_FILES,
    placeholder: 'FILE',
    help: 'File that remembers read positions over restarts; its folder has to be there.',
  },
  logFormat: {
    type: 'text',
    default: undefined,
    verbs: TUNED,
    placeholder: 'FORMAT',
    wants: 'common, combined, json or a FORMAT of CoreDNS',
    help: 'CoreDNS FORMAT string, common, combined or json; recognised line by line if not given.',
  },
  cluster: {
    type: 'text',
    default: 'auto',
    verbs: WITH_CLUSTER,
    placeholder: 'auto|none|PATH',
    wants: 'auto, none or a recording that exists',
    help: 'Who is who: the API server (in-cluster, else kubeconfig), nobody, or a recording, which the doctor cannot ask.',
  },
  kubeconfig: {
    type: 'text',
    default: undefined,
    verbs: WITH_CLUSTER,
    onlyWith: WITH_API,
    placeholder: 'FILE',
    help: 'Kubeconfig for use outside the cluster; else KUBECONFIG, else ~/.kube/config.',
  },
  context: {
    type: 'text',
    default: undefined,
    verbs: WITH_CLUSTER,
    onlyWith: WITH_API,
    placeholder: 'NAME',
    help: 'Context of the kubeconfig.',
  },
  clusterDomain: {
    type: 'zones',
    default: 'cluster.local',
    verbs: TUNED,
    placeholder: 'ZONE',
    help: 'Zone of the kubernetes plugin; may be given several times.',
  },
  nodeName: {
    type: 'text',
    default: undefined,
    verbs: ['run', 'doctor'],
    onlyWith: WITH_WATCH,
    placeholder: 'NODE',
    help: "Watch only this node's pods, beside a NodeLocal DNSCache.",
  },
  otlpEndpoint: {
    type: 'endpoint',
    default: undefined,
    verbs: [...TUNED, 'doctor'],
    placeholder: 'URL|none',
    help: 'Base URL of the OTLP endpoint; else OTEL_EXPORTER_OTLP_* (demo: its own); none, or OTEL_TRACES_EXPORTER=none, switches spans off.',
  },
  graphSource: {
    type: { choices: ['metrics', 'traces'] },
    default: 'metrics',
    verbs: TUNED,
    placeholder: 'KIND',
    help: 'Who draws the service graph: corespan from its metrics, or Tempo from the spans.',
  },
  sampleRatio: {
    type: { number: { min: 0, max: 1 } },
    default: '0.01',
    defaults: { replay: '1', demo: '1' },
    verbs: TUNED,
    placeholder: 'SHARE',
    help: 'Share of ordinary lookups that become traces.',
  },
  spanRate: {
    type: { number: { min: 1, max: 1_000_000 } },
    default: '500',
    verbs: TUNED,
    placeholder: 'NUMBER',
    help: 'Most spans a second.',
  },
  listen: {
    type: 'address',
    default: ':9464',
    verbs: ['run', 'demo', 'inject'],
    placeholder: 'HOST:PORT|none',
    help: 'Where /metrics and the page are served; none switches it off.',
  },
  targetLabel: {
    type: { choices: ['service', 'workload'] },
    default: 'service',
    verbs: TUNED,
    placeholder: 'KIND',
    help: 'What the server label of an edge names.',
  },
  maxEdges: {
    type: { integer: { min: 1, max: 100_000 } },
    default: '2000',
    verbs: TUNED,
    placeholder: 'NUMBER',
    help: 'Most edges of the service graph with a target of their own; the rest share overflow edges, as many again at most: one a client, the last one for all further clients.',
  },
  metricsOut: {
    type: 'text',
    default: undefined,
    verbs: REPLAYING,
    placeholder: 'FILE|-',
    help: 'Write the metrics at the end, in text format.',
  },
  spansOut: {
    type: 'text',
    default: undefined,
    verbs: REPLAYING,
    placeholder: 'FILE|-',
    help: 'Write the spans as OTLP/JSON, one request a line, instead of sending them.',
  },
  json: {
    type: 'flag',
    default: 'false',
    verbs: ['replay', 'doctor'],
    placeholder: '',
    help: 'Print the result as JSON instead of text.',
  },
  from: {
    type: 'time',
    default: undefined,
    verbs: REPLAYING,
    placeholder: 'TIME',
    help: 'Leave out lines before this time (RFC 3339).',
  },
  to: {
    type: 'time',
    default: undefined,
    verbs: REPLAYING,
    placeholder: 'TIME',
    help: 'Leave out lines from this time on (RFC 3339).',
  },
  once: {
    type: 'flag',
    default: 'false',
    verbs: ['demo'],
    placeholder: '',
    help: 'Play the recording once, as fast as it goes, and exit.',
  },
  image: {
    type: 'text',
    default: undefined,
    verbs: INJECTING,
    placeholder: 'IMAGE',
    help: 'Image of corespan that every node can pull, best by its digest. Needed to inject.',
  },
  selector: {
    type: 'text',
    default: undefined,
    verbs: ['inject', 'doctor'],
    placeholder: 'LABELS',
    help: 'Labels of the DNS pods, as key=value,key=value; else what CoreDNS and NodeLocal DNSCache are known by.',
  },
  corefile: {
    type: 'text',
    default: undefined,
    verbs: ['inject', 'doctor'],
    placeholder: 'FILE|none',
    help: 'Corefile to check, as such or in a ConfigMap; none leaves the check out. Else inject looks for it in its input, doctor in the cluster.',
  },
  platform: {
    type: { choices: ['kubeadm', 'k3s', 'rke2', 'aks', 'eks', 'openshift', 'doks', 'gke'] },
    default: undefined,
    verbs: ['doctor'],
    placeholder: 'NAME',
    help: 'Where the cluster runs, for the fixes; else told by its nodes.',
  },
  logSource: {
    type: { choices: ['pod', 'docker'] },
    default: 'pod',
    verbs: INJECTING,
    placeholder: 'KIND',
    help: "What is mounted to read the log: the pod's own folder of /var/log/pods, or Docker's folder too, where nodes still run Docker.",
  },
  otlpHeadersSecret: {
    type: 'text',
    default: undefined,
    verbs: INJECTING,
    placeholder: 'NAME',
    help: 'Secret beside the DNS pods whose key OTEL_EXPORTER_OTLP_HEADERS holds headers for the endpoint; pods start without it too.',
  },
  checkpointVolume: {
    type: { choices: ['emptyDir', 'none'] },
    default: 'emptyDir',
    verbs: INJECTING,
    placeholder: 'KIND',
    help: 'Where read positions survive a restart of the container.',
  },
  cpuRequest: {
    type: 'text',
    default: '25m',
    verbs: INJECTING,
    placeholder: 'QUANTITY',
    help: 'CPU that is set aside for corespan.',
  },
  cpuLimit: {
    type: 'text',
    default: '500m',
    verbs: INJECTING,
    placeholder: 'QUANTITY|none',
    help: 'Most CPU that corespan may use; it then falls behind, DNS does not.',
  },
  memoryRequest: {
    type: 'text',
    default: undefined,
    verbs: INJECTING,
    placeholder: 'QUANTITY',
    help: 'Memory that is set aside; else 128Mi, beside a NodeLocal DNSCache 96Mi.',
  },
  memoryLimit: {
    type: 'text',
    default: undefined,
    verbs: INJECTING,
    placeholder: 'QUANTITY',
    help: 'Most memory; else 256Mi, beside a NodeLocal DNSCache 160Mi. The heap is sized to fit.',
  },
  uninject: {
    type: 'flag',
    default: 'false',
    verbs: INJECTING,
    placeholder: '',
    help: 'Take corespan out again instead.',
  },
  diff: {
    type: 'flag',
    default: 'false',
    verbs: INJECTING,
    placeholder: '',
    help: 'Print what changes, as a unified diff, instead of the result.',
  },
  shutdownTimeout: {
    type: 'duration',
    default: '10s',
    verbs: TUNED,
    placeholder: 'TIME',
    help: 'How long spans may take to leave after the end or a signal.',
  },
  strict: {
    type: 'flag',
    default: 'false',
    verbs: FOLLOWING,
    placeholder: '',
    help: 'Exit with 2 on wrong configuration inside a pod too.',
  },
  logLevel: {
    type: { choices: ['debug', 'info', 'warn', 'error'] },
    default: 'info',
    verbs: TUNED,
    placeholder: 'LEVEL',
    help: 'How much corespan says about itself.',
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** `logDir` → `--log-dir`. */
export function toFlag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `logDir` → `CORESPAN_LOG_DIR`. */
export function toVariable(name: string): string {
  return `CORESPAN_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
