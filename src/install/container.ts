/**
 * The one description of corespan's container. `corespan inject`, the kustomize components, the Helm chart and the
 * admission policy all come from here; a test renders each of them and compares.
 *
 * A pod is Ready only if all its containers are: whatever keeps corespan from running takes the DNS pod out of its
 * Service. So there is no readiness and no startup probe, and liveness asks only whether the event loop turns.
 */
import { toVariable } from '../config/options.ts';
import { toHeapMegabytes } from './heap.ts';
import type { Addition, Container, EnvVar, Volume, VolumeMount } from './objects.ts';
import { PORT, type Settings } from './settings.ts';

/** Also how an injected pod is recognised. */
export const CONTAINER_NAME = 'corespan';
/** Of every volume that belongs to corespan; others of that prefix are somebody's own. */
export const VOLUME_NAMES: readonly string[] = ['corespan-logs', 'corespan-docker', 'corespan-state'];

const LOG_ROOT = '/var/log/pods';
const DOCKER_ROOT = '/var/lib/docker/containers';
const STATE_FOLDER = '/var/lib/corespan';

/**
 * The kubelet makes log files readable for group 0 (0640 with containerd), so the group is enough to read them and
 * the user needs no right at all.
 */
export const USER = 65_532;
export const GROUP = 0;

export function toAddition(settings: Settings): Addition {
  return { container: toContainer(settings), volumes: toVolumes(settings) };
}

function toContainer(settings: Settings): Container {
  const { image, port, resources } = settings;
  return {
    name: CONTAINER_NAME,
    image,
    // An image that is on the node is enough: a registry that is down must not keep DNS from starting.
    imagePullPolicy: 'IfNotPresent',
    args: ['run'],
    env: toEnvironment(settings),
    ...(port !== undefined && { ports: [{ name: 'corespan', containerPort: port, protocol: 'TCP' }] }),
    ...(port !== undefined && { livenessProbe: LIVENESS }),
    resources,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: GROUP,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: toMounts(settings),
  };
}

/** Three minutes: a restart makes the DNS pod unready for a moment, so it has to be worth it. */
const LIVENESS = {
  httpGet: { path: '/healthz', port: 'corespan' },
  periodSeconds: 30,
  timeoutSeconds: 10,
  failureThreshold: 6,
} as const;

/** Sorted by name after the pod's own identity, which the mounted path is made of. */
function toEnvironment(settings: Settings): EnvVar[] {
  const { vantage, options, checkpointVolume, resources } = settings;
  const own: Readonly<Record<string, string | undefined>> = {
    ...options,
    checkpoint: checkpointVolume === 'none' ? undefined : `${STATE_FOLDER}/checkpoint.json`,
    listen: toListen(settings),
    // Its pods have some seconds to end, and while one ends its node has no cache: spans do not hold it up.
    shutdownTimeout: options.shutdownTimeout ?? (vantage === 'node-local-dns' ? '2s' : undefined),
    // Only this node's pods: hundreds of caches must not each watch the whole cluster.
    nodeName: vantage === 'node-local-dns' ? '$(NODE_NAME)' : undefined,
  };
  const set = Object.entries(own).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: toVariable(name), value }],
  );
  return [
    ...IDENTITY.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
    ...set.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...toHeaders(settings),
    // Without it Node takes its limit from the machine, and the kernel ends corespan before it collects.
    { name: 'NODE_OPTIONS', value: `--max-old-space-size=${toHeapMegabytes(resources.limits.memory)}` },
  ];
}

/** A Secret that is missing must not keep the DNS pod from starting. */
function toHeaders({ otlpHeadersSecret: name }: Settings): EnvVar[] {
  if (name === undefined) return [];
  const key = 'OTEL_EXPORTER_OTLP_HEADERS';
  return [{ name: key, valueFrom: { secretKeyRef: { name, key, optional: true } } }];
}

const IDENTITY = [
  ['NODE_NAME', 'spec.nodeName'],
  ['POD_IP', 'status.podIP'],
  ['POD_NAME', 'metadata.name'],
  ['POD_NAMESPACE', 'metadata.namespace'],
  ['POD_UID', 'metadata.uid'],
] as const;

/** On the host network only the node's own address; brackets, because that may be an IPv6 one. */
function toListen({ isHostNetwork, port }: Settings): string | undefined {
  if (port === undefined) return 'none';
  if (isHostNetwork) return `[$(POD_IP)]:${port}`;
  return port === PORT ? undefined : `:${port}`;
}

function toMounts({ vantage, logSource, checkpointVolume }: Settings): VolumeMount[] {
  const own = { subPathExpr: '$(POD_NAMESPACE)_$(POD_NAME)_$(POD_UID)' };
  return [
    // A sidecar sees its own pod's logs and no other's.
    {
      name: 'corespan-logs',
      mountPath: LOG_ROOT,
      ...(vantage !== 'reader' && own),
      readOnly: true,
    },
    ...(logSource === 'docker' ? [{ name: 'corespan-docker', mountPath: DOCKER_ROOT, readOnly: true }] : []),
    ...(checkpointVolume === 'none' ? [] : [{ name: 'corespan-state', mountPath: STATE_FOLDER }]),
  ];
}

function toVolumes({ logSource, checkpointVolume }: Settings): Volume[] {
  return [
    // No `type`: a check that fails would keep the DNS pod from starting.
    { name: 'corespan-logs', hostPath: { path: LOG_ROOT } },
    ...(logSource === 'docker' ? [{ name: 'corespan-docker', hostPath: { path: DOCKER_ROOT } }] : []),
    // A pod is evicted when it exceeds its limit; the checkpoint is some kilobytes and replaced as a whole.
    ...(checkpointVolume === 'none' ? [] : [{ name: 'corespan-state', emptyDir: { sizeLimit: '16Mi' } }]),
  ];
}
