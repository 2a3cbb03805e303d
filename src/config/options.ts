/**
 * Every option: the one table behind flags (`--log-dir`), environment (`CORESPAN_LOG_DIR`), the YAML file
 * (`logDir`), `--help` and docs/reference/configuration.md.
 */
import type { ValueType } from './values.ts';

export const CONFIGURED_VERBS = ['run', 'replay', 'demo'] as const;
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
  readonly help: string;
}

/** Values of another option. */
export interface Condition {
  readonly option: 'source' | 'cluster';
  readonly values: readonly string[];
}

const FOLLOWING = ['run'] as const;
const REPLAYING = ['replay'] as const;
const SERVING = ['run', 'demo'] as const;
const LIVE = ['run', 'replay'] as const;
const ALL = CONFIGURED_VERBS;

const WITH_FILES = [{ option: 'source', values: ['volume'] }] as const;
const WITH_PODS = [{ option: 'source', values: ['kube'] }] as const;
const WITH_CONTAINERS = [{ option: 'source', values: ['volume', 'kube'] }] as const;
const WITH_WATCH = [{ option: 'cluster', values: ['auto'] }] as const;
const WITH_API = [...WITH_WATCH, ...WITH_PODS] as const;

export const OPTIONS = {
  config: {
    type: 'text',
    default: undefined,
    verbs: ALL,
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
    verbs: FOLLOWING,
    onlyWith: WITH_FILES,
    placeholder: 'DIR',
    help: "Root of the log volume: the node's, or one pod's own folder.",
  },
  containers: {
    type: 'texts',
    default: 'coredns,node-cache,dns',
    verbs: ALL,
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
    help: 'File that remembers read positions over restarts.',
  },
  logFormat: {
    type: 'text',
    default: undefined,
    verbs: ALL,
    placeholder: 'FORMAT',
    help: 'CoreDNS FORMAT string, common, combined or json; recognised line by line if not given.',
  },
  cluster: {
    type: 'text',
    default: 'auto',
    verbs: LIVE,
    placeholder: 'auto|none|PATH',
    help: 'Who is who: the API server (in-cluster, else kubeconfig), nobody, or a recording.',
  },
  kubeconfig: {
    type: 'text',
    default: undefined,
    verbs: LIVE,
    onlyWith: WITH_API,
    placeholder: 'FILE',
    help: 'Kubeconfig for use outside the cluster; else KUBECONFIG, else ~/.kube/config.',
  },
  context: {
    type: 'text',
    default: undefined,
    verbs: LIVE,
    onlyWith: WITH_API,
    placeholder: 'NAME',
    help: 'Context of the kubeconfig.',
  },
  clusterDomain: {
    type: 'texts',
    default: 'cluster.local',
    verbs: ALL,
    placeholder: 'ZONE',
    help: 'Zone of the kubernetes plugin; may be given several times.',
  },
  nodeName: {
    type: 'text',
    default: undefined,
    verbs: FOLLOWING,
    onlyWith: WITH_WATCH,
    placeholder: 'NODE',
    help: "Watch only this node's pods, beside a NodeLocal DNSCache.",
  },
  otlpEndpoint: {
    type: 'endpoint',
    default: undefined,
    verbs: ALL,
    placeholder: 'URL|none',
    help: 'Base URL of the OTLP endpoint; else OTEL_EXPORTER_OTLP_*; none switches spans off.',
  },
  graphSource: {
    type: { choices: ['metrics', 'traces'] },
    default: 'metrics',
    verbs: ALL,
    placeholder: 'KIND',
    help: 'Who draws the service graph: corespan from its metrics, or Tempo from the spans.',
  },
  sampleRatio: {
    type: { number: { min: 0, max: 1 } },
    default: '0.01',
    defaults: { replay: '1', demo: '1' },
    verbs: ALL,
    placeholder: 'SHARE',
    help: 'Share of ordinary lookups that become traces.',
  },
  spanRate: {
    type: { number: { min: 1, max: 1_000_000 } },
    default: '500',
    verbs: ALL,
    placeholder: 'NUMBER',
    help: 'Most spans a second.',
  },
  listen: {
    type: 'address',
    default: ':9464',
    verbs: SERVING,
    placeholder: 'HOST:PORT|none',
    help: 'Where /metrics and the page are served; none switches it off.',
  },
  targetLabel: {
    type: { choices: ['service', 'workload'] },
    default: 'service',
    verbs: ALL,
    placeholder: 'KIND',
    help: 'What the server label of an edge names.',
  },
  maxEdges: {
    type: { integer: { min: 1, max: 100_000 } },
    default: '2000',
    verbs: ALL,
    placeholder: 'NUMBER',
    help: 'Most edges of the service graph with a target of their own; the rest share overflow edges, one a client, as many again at most.',
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
    verbs: REPLAYING,
    placeholder: '',
    help: 'Print the summary as JSON instead of a table.',
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
  shutdownTimeout: {
    type: 'duration',
    default: '10s',
    verbs: ALL,
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
    verbs: ALL,
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
