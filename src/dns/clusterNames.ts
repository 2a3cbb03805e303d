/**
 * What a name below a cluster domain means, by its spelling alone.
 *
 * Grammar: Kubernetes DNS specification 1.1.0 and CoreDNS `plugin/kubernetes/parse.go`. Whether the thing
 * exists is the peers' business. Names of other zones are `undefined` here.
 */
import { isInZone, toLabels } from './names.ts';

export type ClusterName =
  | { readonly kind: 'service'; readonly namespace: string; readonly service: string }
  | {
      readonly kind: 'port';
      readonly namespace: string;
      readonly service: string;
      readonly port: string;
      readonly protocol: string;
    }
  | {
      readonly kind: 'endpoint';
      readonly namespace: string;
      readonly service: string;
      readonly endpoint: string;
      /** Cluster id of a multicluster name, `endpoint.cluster.svc.ns.svc.clusterset.local`. */
      readonly cluster?: string;
    }
  | { readonly kind: 'pod'; readonly namespace: string; readonly address: string }
  /** The zone itself, `svc.Z`, a bare namespace, `dns-version.Z`: exists, but points at nothing. */
  | { readonly kind: 'structure' }
  | { readonly kind: 'malformed' };

/** Reads `name` (lower case, trailing dot) against the cluster domains (trailing dot); the longest domain wins. */
export function parseClusterName(name: string, domains: readonly string[]): ClusterName | undefined {
  const domain = clusterDomainOf(name, domains);
  if (domain === undefined) return undefined;
  const below = name.slice(0, name.length - domain.length);
  const labels = toLabels(below === '' ? '.' : below);
  const root = labels.pop();
  if (root === undefined) return { kind: 'structure' };
  if (root === 'svc') return parseServiceLabels(labels);
  if (root === 'pod') return parsePodLabels(labels);
  // `dns-version.Z` (TXT) and `ns.dns.Z` (the glue record of the NS answer) are CoreDNS's own names.
  if (root === 'dns-version' && labels.length === 0) return { kind: 'structure' };
  if (root === 'dns' && labels.length === 1 && labels[0] === 'ns') return { kind: 'structure' };
  return { kind: 'malformed' };
}

/** The cluster domain that `name` lies in, or undefined. */
export function clusterDomainOf(name: string, domains: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const domain of domains) {
    if (isInZone(name, domain) && domain.length > (longest?.length ?? 0)) longest = domain;
  }
  return longest;
}

function parseServiceLabels(labels: string[]): ClusterName {
  const namespace = labels.pop();
  const service = labels.pop();
  if (namespace === undefined || service === undefined) return { kind: 'structure' };
  const [first, second, ...rest] = labels;
  if (first === undefined) return { kind: 'service', namespace, service };
  if (second === undefined) return { kind: 'endpoint', namespace, service, endpoint: first };
  if (rest.length > 0) return parseZonalLabels(labels, namespace, service);
  // Two labels left of the service are port and protocol even without underscores (CoreDNS parse.go), unless
  // the protocol is none: then it is a multicluster endpoint.
  const protocol = second.replace(/^_/, '');
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') {
    return { kind: 'port', namespace, service, port: first.replace(/^_/, ''), protocol };
  }
  return { kind: 'endpoint', namespace, service, endpoint: first, cluster: second };
}

/** `<zone>.pin|prefer._zone.svc.ns.svc.Z` (CoreDNS 1.14.7): the Service, as seen from one zone. */
function parseZonalLabels(labels: readonly string[], namespace: string, service: string): ClusterName {
  const preference = labels.at(-2);
  const isZonal = labels.at(-1) === '_zone' && (preference === 'pin' || preference === 'prefer');
  return isZonal ? { kind: 'service', namespace, service } : { kind: 'malformed' };
}

function parsePodLabels(labels: string[]): ClusterName {
  const namespace = labels.pop();
  const dashed = labels.pop();
  if (namespace === undefined || dashed === undefined) return { kind: 'structure' };
  if (labels.length > 0) return { kind: 'malformed' };
  return { kind: 'pod', namespace, address: fromDashedAddress(dashed) };
}

/** `10-244-1-8` → `10.244.1.8`, `fd00--1` → `fd00::1`; CoreDNS `parse.go` podRequest does the same. */
function fromDashedAddress(dashed: string): string {
  return /^\d+-\d+-\d+-\d+$/.test(dashed) ? dashed.replaceAll('-', '.') : dashed.replaceAll('-', ':');
}
