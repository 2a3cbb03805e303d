/** Kubernetes objects of the small cluster, with the little that the controllers need to make pods of them. */
import { DNS_SERVICE, NODES, type NodeName } from './addresses.ts';

export interface WorkloadSpec {
  readonly namespace: string;
  readonly name: string;
  /** `app: <name>` unless given; the selector is the same. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the pods. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly serviceAccount?: string;
  readonly isHostNetwork?: boolean;
  readonly containers?: readonly string[];
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';

export function toLabels({ name, labels = { app: name } }: WorkloadSpec): Readonly<Record<string, string>> {
  return labels;
}

/** Where objects of the kind are made. */
export function toWorkloadPath(kind: WorkloadKind, namespace: string): string {
  const group = kind === 'CronJob' ? 'batch' : 'apps';
  return `/apis/${group}/v1/namespaces/${namespace}/${kind.toLowerCase()}s`;
}

export function toWorkload(kind: WorkloadKind, spec: WorkloadSpec): object {
  const labels = toLabels(spec);
  const selected = { selector: { matchLabels: labels }, template: toPodTemplate(spec) };
  const { replicas = 1, name } = spec;
  switch (kind) {
    case 'Deployment':
      return { ...toHead(kind, spec), spec: { replicas, ...selected } };
    case 'StatefulSet':
      return { ...toHead(kind, spec), spec: { replicas, serviceName: name, ...selected } };
    case 'DaemonSet':
      return { ...toHead(kind, spec), spec: selected };
    case 'CronJob':
      // Suspended: its jobs are made when a test wants them, not at the next full minute.
      return {
        ...toHead(kind, spec),
        spec: {
          schedule: '0 0 1 1 *',
          suspend: true,
          jobTemplate: { spec: { template: toPodTemplate(spec, 'Never') } },
        },
      };
  }
}

function toHead(kind: WorkloadKind, { namespace, name }: WorkloadSpec): object {
  return { apiVersion: kind === 'CronJob' ? 'batch/v1' : 'apps/v1', kind, metadata: { namespace, name } };
}

function toPodTemplate(spec: WorkloadSpec, restartPolicy: 'Always' | 'Never' = 'Always'): object {
  const { annotations, serviceAccount, isHostNetwork = false, containers = [spec.name] } = spec;
  return {
    metadata: { labels: toLabels(spec), ...(annotations && { annotations }) },
    spec: {
      containers: containers.map((name) => ({ name, image: `example.org/${name}` })),
      ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
      ...(isHostNetwork && { hostNetwork: true, dnsPolicy: 'Default' }),
      restartPolicy,
      // Nodes carry a not-ready taint that nobody takes off; a DaemonSet would make no pods.
      tolerations: [{ operator: 'Exists' }],
    },
  };
}

/** The job that a CronJob makes at a full minute, under the name that it would give it. */
export function toJob(
  cronJob: { readonly metadata: { readonly uid?: string } },
  spec: WorkloadSpec,
  at: Date,
): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: spec.namespace,
      name: `${spec.name}-${Math.floor(at.getTime() / 60_000)}`,
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: spec.name,
          uid: cronJob.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { template: toPodTemplate(spec, 'Never') },
  };
}

export interface ServiceSpec {
  readonly namespace: string;
  readonly name: string;
  /** Chosen by the API server unless given; `None` makes it headless. */
  readonly clusterIP?: string;
  readonly externalName?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol?: 'TCP' | 'UDP';
  }[];
}

export function toService({
  namespace,
  name,
  clusterIP,
  externalName,
  selector,
  ports,
}: ServiceSpec): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec:
      externalName === undefined
        ? {
            ...(clusterIP !== undefined && { clusterIP }),
            selector: selector ?? { app: name },
            ports: ports ?? [{ name: 'http', port: 80 }],
          }
        : { type: 'ExternalName', externalName },
  };
}

export const DNS_LABELS = { 'k8s-app': 'kube-dns' };

/** The second is the one that node-cache's manifest makes, since the first may be its own address. */
export const DNS_SERVICES: readonly ServiceSpec[] = [
  {
    namespace: 'kube-system',
    name: 'kube-dns',
    clusterIP: DNS_SERVICE,
    selector: DNS_LABELS,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ],
  },
  {
    namespace: 'kube-system',
    name: 'kube-dns-upstream',
    selector: DNS_LABELS,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ],
  },
];

export function toNode(name: NodeName): object {
  const { podRange } = NODES[name];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { podCIDR: podRange, podCIDRs: [podRange] },
  };
}

export function toNodeStatus(name: NodeName): object {
  return {
    status: {
      // Only this one: with a Hostname address the API server would look that up to reach the kubelet.
      addresses: [{ type: 'InternalIP', address: NODES[name].address }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  };
}

/**
 * What the manifests of Kubernetes give to CoreDNS, `system:coredns` bound to its ServiceAccount, and to the
 * node-local cache: a ServiceAccount without any right.
 */
export const DNS_RIGHTS: readonly { readonly path: string; readonly object: object }[] = [
  ...['coredns', 'node-local-dns'].map((name) => ({
    path: '/api/v1/namespaces/kube-system/serviceaccounts',
    object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'kube-system', name } },
  })),
  {
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        {
          apiGroups: [''],
          resources: ['endpoints', 'services', 'pods', 'namespaces'],
          verbs: ['list', 'watch'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
  },
  {
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'kube-system', name: 'coredns' }],
    },
  },
];
