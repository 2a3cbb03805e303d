/** Which objects run CoreDNS or a NodeLocal DNSCache, and what of their pods matters to corespan. */
import { isMap, type YAMLMap } from 'yaml';
import type { Vantage } from '../settings.ts';
import type { ManifestObject } from './manifest.ts';

export interface DnsWorkload {
  readonly object: ManifestObject;
  readonly podSpec: YAMLMap;
  readonly pod: PodSpec;
  readonly vantage: Vantage;
}

export interface PodSpec {
  readonly containers?: readonly {
    readonly name?: string;
    readonly ports?: readonly { readonly containerPort?: number; readonly hostPort?: number }[];
  }[];
  readonly volumes?: readonly { readonly name?: string; readonly configMap?: { readonly name?: string } }[];
  readonly hostNetwork?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string | undefined>>;

export interface WorkloadOptions {
  /** Names of the containers whose logs are read. */
  readonly containers: readonly string[];
  /** `key=value,…` that the pods' labels must have; undefined: what DNS pods are known by. */
  readonly selector: string | undefined;
}

/** Undefined if the object runs no DNS server; a selector decides for itself. */
export function toDnsWorkload(object: ManifestObject, options: WorkloadOptions): DnsWorkload | undefined {
  if (object.kind !== 'Deployment' && object.kind !== 'DaemonSet') return undefined;
  const podSpec = object.node.getIn(['spec', 'template', 'spec']);
  const template = (object.json['spec'] as { template?: { metadata?: { labels?: Labels }; spec?: PodSpec } })
    ?.template;
  if (!isMap(podSpec) || template?.spec === undefined) return undefined;
  const labels = template.metadata?.labels ?? {};
  const isWanted =
    options.selector === undefined
      ? isKnown(object.name, labels) && hasContainer(template.spec, options.containers)
      : isSelected(labels, options.selector);
  if (!isWanted) return undefined;
  return { object, podSpec, pod: template.spec, vantage: toVantage(template.spec, object.name) };
}

export function hasContainer({ containers = [] }: PodSpec, names: readonly string[]): boolean {
  return containers.some(({ name = '' }) => names.includes(name));
}

const APPS = ['kube-dns', 'coredns', 'node-local-dns', 'nodelocaldns', 'rke2-coredns'];

/** kubeadm, the coredns chart, RKE2, kubespray, OpenShift, the node-local-dns manifest. */
function isKnown(name: string, labels: Labels): boolean {
  const apps = [labels['k8s-app'], labels['app.kubernetes.io/name'], labels['app']];
  return (
    apps.some((app) => app !== undefined && APPS.includes(app)) ||
    /coredns|node-?local-?dns/.test(name) ||
    labels['dns.operator.openshift.io/daemonset-dns'] !== undefined
  );
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
