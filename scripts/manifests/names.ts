/** Names and labels that the manifests share. */
import { toRules } from '../../src/install/rights.ts';
import { VERSION } from '../../src/version.ts';

export const NAMESPACE = 'corespan';
export const DNS_NAMESPACE = 'kube-system';
export const LABELS = { 'app.kubernetes.io/name': 'corespan' } as const;
/** Where an image lies is up to whoever installs: kustomize's `images` and Helm's values replace it. */
export const IMAGE = `corespan:${VERSION}`;

const RBAC = 'rbac.authorization.k8s.io';

/** The DNS pods that are known by their label. */
export const APPS = {
  coredns: { label: 'kube-dns', kind: 'Deployment', name: 'coredns', container: 'coredns' },
  'node-local-dns': {
    label: 'node-local-dns',
    kind: 'DaemonSet',
    name: 'node-local-dns',
    container: 'node-cache',
  },
} as const;
export const CACHE_ACCOUNT = { name: APPS['node-local-dns'].name, namespace: DNS_NAMESPACE };
export type App = keyof typeof APPS;
export const APP_NAMES = ['coredns', 'node-local-dns'] as const satisfies readonly App[];

/**
 * All that corespan may see, for one account. Each way in has a role of its own: what takes one away must not take the
 * rights of another, and Helm takes over nothing that others made.
 */
export function toRights(
  name: string,
  account: { readonly name: string; readonly namespace: string },
): [role: object, binding: object] {
  const apiVersion = `${RBAC}/v1`;
  const metadata = { name, labels: LABELS };
  const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name };
  const subjects = [{ kind: 'ServiceAccount', ...account }];
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules: toRules() },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
  ];
}
