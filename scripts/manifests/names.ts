/** Names and labels that the manifests share. */
import { VERSION } from '../../src/version.ts';

export const NAMESPACE = 'corespan';
export const DNS_NAMESPACE = 'kube-system';
export const LABELS = { 'app.kubernetes.io/name': 'corespan' } as const;
/** Where an image lies is up to whoever installs: kustomize's `images` and Helm's values replace it. */
export const IMAGE = `corespan:${VERSION}`;

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
