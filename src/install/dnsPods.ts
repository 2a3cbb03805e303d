/** What DNS pods are known by where nobody names their labels: inject knows workloads by it, the doctor finds pods. */

/** Keys of the labels that tell what a pod runs. */
const APP_KEYS = ['k8s-app', 'app.kubernetes.io/name', 'app'] as const;
/** kubeadm and most others, the coredns chart, the node-local-dns manifest, kubespray, RKE2. */
const APPS: readonly string[] = ['kube-dns', 'coredns', 'node-local-dns', 'nodelocaldns', 'rke2-coredns'];
/** OpenShift's, whatever its value. */
const OPENSHIFT = 'dns.operator.openshift.io/daemonset-dns';

/** Each finds pods of its own: a selector cannot say "or" between keys. */
export const DNS_SELECTORS: readonly string[] = [
  ...APP_KEYS.map((key) => `${key} in (${APPS.join(',')})`),
  OPENSHIFT,
];

export type Labels = Readonly<Record<string, string | undefined>>;

export function hasDnsLabels(labels: Labels): boolean {
  return APP_KEYS.some((key) => APPS.includes(labels[key] ?? '')) || labels[OPENSHIFT] !== undefined;
}

/** Of a workload, or of a pod, which begins with that of its workload. Other programs have such names too. */
export function hasDnsName(name: string): boolean {
  return /coredns|node-?local-?dns/.test(name);
}

export function hasContainer(
  { containers = [] }: { readonly containers?: readonly { readonly name?: string }[] },
  names: readonly string[],
): boolean {
  return containers.some(({ name = '' }) => names.includes(name));
}
