/** Which objects run CoreDNS or a NodeLocal DNSCache, and what of their pods matters to corespan. */
import { isMap, type YAMLMap } from 'yaml';
import { CONTAINER_NAME } from '../container.ts';
import { hasContainer, hasDnsLabels, hasDnsName, type Labels } from '../dnsPods.ts';
import type { Vantage } from '../settings.ts';
import type { ManifestObject } from './manifest.ts';

export interface DnsWorkload {
  readonly object: ManifestObject;
  readonly podSpec: YAMLMap;
  readonly pod: PodSpec;
  readonly labels: Labels;
  readonly vantage: Vantage;
}

export interface PodSpec {
  readonly containers?: readonly {
    readonly name?: string;
    readonly ports?: readonly { readonly containerPort?: number; readonly hostPort?: number }[];
    readonly resources?: PodResources;
  }[];
  readonly initContainers?: readonly { readonly name?: string }[];
  /** Of the pod as a whole. */
  readonly resources?: PodResources;
  readonly volumes?: readonly { readonly name?: string; readonly configMap?: { readonly name?: string } }[];
  readonly hostNetwork?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

type Quantities = Readonly<Partial<Record<'cpu' | 'memory', string | number>>>;

export interface PodResources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

export interface WorkloadOptions {
  /** Names of the containers whose logs are read. */
  readonly containers: readonly string[];
  /** `key=value,…` that the pods' labels must have; undefined: what DNS pods are known by. */
  readonly selector: string | undefined;
}

/** Undefined if the object runs no DNS server; a selector decides for itself. */
export function toDnsWorkload(object: ManifestObject, options: WorkloadOptions): DnsWorkload | undefined {
  const workload = toWorkload(object);
  if (workload === undefined) return undefined;
  const { labels, pod } = workload;
  const isWanted =
    options.selector === undefined
      ? (hasDnsLabels(labels) || hasDnsName(object.name)) && hasContainer(pod, options.containers)
      : isSelected(labels, options.selector);
  return isWanted ? workload : undefined;
}

/** Whatever has corespan beside other containers, as after inject with any selector; a reader has it alone. */
export function toInjectedWorkload(
  object: ManifestObject,
  { selector }: Pick<WorkloadOptions, 'selector'>,
): DnsWorkload | undefined {
  const workload = toWorkload(object);
  if (workload === undefined) return undefined;
  const { containers = [] } = workload.pod;
  const isOurs = containers.length > 1 && hasContainer(workload.pod, [CONTAINER_NAME]);
  return isOurs && (selector === undefined || isSelected(workload.labels, selector)) ? workload : undefined;
}

function toWorkload(object: ManifestObject): DnsWorkload | undefined {
  if (object.kind !== 'Deployment' && object.kind !== 'DaemonSet') return undefined;
  const podSpec = object.node.getIn(['spec', 'template', 'spec']);
  const template = (object.json['spec'] as { template?: { metadata?: { labels?: Labels }; spec?: PodSpec } })
    ?.template;
  if (!isMap(podSpec) || template?.spec === undefined) return undefined;
  const labels = template.metadata?.labels ?? {};
  return { object, podSpec, pod: template.spec, labels, vantage: toVantage(template.spec, object.name) };
}

function isSelected(labels: Labels, selector: string): boolean {
  return selector.split(',').every((term) => {
    const [key = '', value = ''] = term.split('=');
    return labels[key] === value;
  });
}

function toVantage({ containers = [] }: PodSpec, name: string): Vantage {
  const isCache = containers.some((container) => container.name === 'node-cache') || /node-?local/.test(name);
  return isCache ? 'node-local-dns' : 'coredns';
}
