/** Objects as an API server tells them, managed fields and all: what a sidecar has to read, and to throw away. */
import type { Json } from '../../support/apiStore.ts';

const BORN = '2026-11-21T09:00:00Z';
const PODS_OF_WORKLOAD = 10;
const NAMESPACES = 12;

/** Pods of a Deployment with one container, as kubectl shows them: some 6 KB of JSON. */
export function toPod(pod: {
  readonly index: number;
  readonly node: number;
  readonly address?: string | undefined;
}): Json {
  const { index, node } = pod;
  const workload = Math.floor(index / PODS_OF_WORKLOAD);
  const namespace = `ns-${workload % NAMESPACES}`;
  const hash = (0x5f3a9 + workload).toString(36);
  const replicaSet = `workload-${workload}-${hash}`;
  const address = pod.address ?? toPodAddress(index);
  const hostIp = toNodeAddress(node);
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: `${replicaSet}-${(index % PODS_OF_WORKLOAD) + 10}abc`,
      generateName: `${replicaSet}-`,
      namespace,
      uid: toUid(index),
      creationTimestamp: BORN,
      labels: {
        'pod-template-hash': hash,
        app: `workload-${workload}`,
        'app.kubernetes.io/part-of': 'bench',
      },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: replicaSet,
          uid: toUid(1_000_000 + workload),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: MANAGED_FIELDS,
    },
    spec: { ...SPEC, nodeName: `node-${node}` },
    status: {
      phase: 'Running',
      conditions: CONDITIONS,
      hostIP: hostIp,
      hostIPs: [{ ip: hostIp }],
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: BORN,
      containerStatuses: CONTAINER_STATUSES,
      qosClass: 'Burstable',
    },
  };
}

export function toService(service: {
  readonly index: number;
  readonly namespace: string;
  readonly name: string;
}): Json {
  const { index, namespace, name } = service;
  const address = `10.96.${index >> 8}.${index & 255}`;
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      ...toMetadata(2_000_000 + index, namespace, name),
      labels: { app: name },
      managedFields: MANAGED_FIELDS.slice(0, 1),
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: address,
      clusterIPs: [address],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
      selector: { app: name },
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  };
}

export function toSlice(slice: {
  readonly namespace: string;
  readonly name: string;
  /** The first of the pods behind it. */
  readonly first: number;
  readonly count: number;
}): Json {
  const { namespace, name, first, count } = slice;
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      ...toMetadata(3_000_000 + first, namespace, `${name}-abcde`),
      labels: { 'kubernetes.io/service-name': name },
      managedFields: MANAGED_FIELDS.slice(0, 1),
    },
    addressType: 'IPv4',
    endpoints: Array.from({ length: count }, (_, i) => ({
      addresses: [toPodAddress(first + i)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${(first + i) % 100}`,
      targetRef: { kind: 'Pod', namespace, name: `${name}-${first + i}`, uid: toUid(first + i) },
    })),
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  };
}

export function toNode(index: number): Json {
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name: `node-${index}`, uid: toUid(4_000_000 + index), creationTimestamp: BORN },
    spec: {
      podCIDR: `10.${index >> 8}.${index & 255}.0/24`,
      podCIDRs: [`10.${index >> 8}.${index & 255}.0/24`],
    },
    status: { addresses: [{ type: 'InternalIP', address: toNodeAddress(index) }] },
  };
}

function toMetadata(uid: number, namespace: string, name: string): Record<string, unknown> {
  return { name, namespace, uid: toUid(uid), creationTimestamp: BORN };
}

function toPodAddress(index: number): string {
  return `10.${128 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}

function toNodeAddress(index: number): string {
  return `172.16.${index >> 8}.${index & 255}`;
}

function toUid(index: number): string {
  return `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** Who set which field: a third of a pod's JSON. */
function toManagedFields(manager: string, fields: readonly string[]): Json {
  const owned = Object.fromEntries(fields.map((field) => [`f:${field}`, { '.': {}, 'f:value': {} }]));
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: BORN,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': owned, 'f:spec': owned, 'f:status': owned },
  };
}

const MANAGED_FIELDS = [
  toManagedFields('kube-controller-manager', ['labels', 'ownerReferences', 'containers', 'dnsPolicy']),
  toManagedFields('kubelet', ['conditions', 'containerStatuses', 'hostIP', 'phase', 'podIP', 'startTime']),
];

const PROBE = {
  httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
  timeoutSeconds: 1,
  periodSeconds: 10,
};
const TOKEN_MOUNT = { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io' };
const NOT_READY = { effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 };

const SPEC = {
  volumes: [
    {
      name: 'kube-api-access',
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        ],
        defaultMode: 420,
      },
    },
    { name: 'config', configMap: { name: 'workload-config', defaultMode: 420 } },
  ],
  containers: [
    {
      name: 'app',
      image: 'registry.example.org/shop/app:1.2.3',
      args: ['--listen=:8080', '--log-level=info', '--config=/etc/app/config.yaml'],
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      env: Array.from({ length: 12 }, (_, i) => ({ name: `SETTING_${i}`, value: `value-of-setting-${i}` })),
      resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
      volumeMounts: [TOKEN_MOUNT, { name: 'config', mountPath: '/etc/app' }],
      livenessProbe: PROBE,
      readinessProbe: PROBE,
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  serviceAccountName: 'default',
  schedulerName: 'default-scheduler',
  tolerations: [
    { key: 'node.kubernetes.io/not-ready', ...NOT_READY },
    { key: 'node.kubernetes.io/unreachable', ...NOT_READY },
  ],
  priority: 0,
  enableServiceLinks: true,
};

const CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
].map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: BORN }));

const CONTAINER_STATUSES = [
  {
    name: 'app',
    state: { running: { startedAt: BORN } },
    lastState: {},
    ready: true,
    restartCount: 0,
    image: 'registry.example.org/shop/app:1.2.3',
    imageID: `registry.example.org/shop/app@sha256:${'0123456789abcdef'.repeat(4)}`,
    containerID: `containerd://${'fedcba9876543210'.repeat(4)}`,
    started: true,
  },
];
