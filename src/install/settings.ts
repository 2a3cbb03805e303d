/** What may differ from one installation to the next, and what corespan suggests where nothing is said. */
import type { OptionName } from '../config/options.ts';
import type { Resources } from './objects.ts';

/** Beside CoreDNS, beside a NodeLocal DNSCache on the host network, or alone, reading the logs of a node. */
export type Vantage = 'coredns' | 'node-local-dns' | 'reader';

/** `docker`: the kubelet's files are links into Docker's own folder, which has to be mounted too. */
export type LogSource = 'pod' | 'docker';

export interface Settings {
  readonly vantage: Vantage;
  readonly image: string;
  readonly logSource: LogSource;
  /** Where read positions survive a restart of the container. */
  readonly checkpointVolume: 'emptyDir' | 'none';
  readonly resources: Resources;
  /** Secret whose key `OTEL_EXPORTER_OTLP_HEADERS` holds headers for the endpoint. */
  readonly otlpHeadersSecret: string | undefined;
  /** Ports are the node's then, and so is the address. */
  readonly isHostNetwork: boolean;
  /** Undefined: nothing is served, so nothing is probed. */
  readonly port: number | undefined;
  /** Options of `corespan run` that differ from their defaults, as they would be typed. */
  readonly options: Readonly<Partial<Record<OptionName, string>>>;
}

export const PORT = 9464;

/** The options of `run` that an installation may set; the others follow from where corespan stands. */
export const TUNABLE = [
  'clusterDomain',
  'containers',
  'graphSource',
  'logFormat',
  'logLevel',
  'maxEdges',
  'otlpEndpoint',
  'sampleRatio',
  'shutdownTimeout',
  'spanRate',
  'targetLabel',
] as const satisfies readonly OptionName[];

/**
 * What it takes by pods, lines and names: docs/benchmarks.md, "Memory". Beside a NodeLocal DNSCache only the pods of one
 * node are watched. The limit on CPU keeps a backlog from taking a whole core of the node that answers DNS; it slows only
 * corespan.
 */
export function toResources(vantage: Vantage): Resources {
  const cpu = { request: '25m', limit: '500m' };
  const memory =
    vantage === 'node-local-dns' ? { request: '96Mi', limit: '160Mi' } : { request: '128Mi', limit: '256Mi' };
  return {
    requests: { cpu: cpu.request, memory: memory.request },
    limits: { cpu: cpu.limit, memory: memory.limit },
  };
}

export function toSettings(vantage: Vantage, given: Partial<Omit<Settings, 'vantage'>> = {}): Settings {
  return {
    vantage,
    image: 'corespan',
    logSource: 'pod',
    checkpointVolume: 'emptyDir',
    resources: toResources(vantage),
    otlpHeadersSecret: undefined,
    isHostNetwork: vantage === 'node-local-dns',
    port: PORT,
    options: {},
    ...given,
  };
}
