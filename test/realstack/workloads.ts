/** Workloads whose pods are made by the real controllers, and taken up one by one as they come. */
import type { NodeName } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import {
  toJob,
  toLabels,
  toWorkload,
  toWorkloadPath,
  type WorkloadKind,
  type WorkloadSpec,
} from './objects.ts';
import { until } from './until.ts';

/** Makes the workload, and for a CronJob its job of the current minute. Its pods have no node then. */
export async function createWorkload(api: Api, kind: WorkloadKind, spec: WorkloadSpec): Promise<void> {
  const made = await api.create(toWorkloadPath(kind, spec.namespace), toWorkload(kind, spec));
  if (kind !== 'CronJob') return;
  await api.create(`/apis/batch/v1/namespaces/${spec.namespace}/jobs`, toJob(made, spec, new Date()));
}

/** The next pod of the workload that waits for a node and may run on this one. */
export async function untilPending(api: Api, spec: WorkloadSpec, node: NodeName): Promise<KubeObject> {
  const labelSelector = Object.entries(toLabels(spec))
    .map(([name, value]) => `${name}=${value}`)
    .join();
  return await until(`a new pod of ${spec.namespace}/${spec.name}`, async () => {
    const pods = await api.list(`/api/v1/namespaces/${spec.namespace}/pods`, { labelSelector });
    return pods.find((pod) => isPending(pod) && (toPinnedNode(pod) ?? node) === node);
  });
}

function isPending({ metadata, spec }: KubeObject): boolean {
  return spec.nodeName === undefined && metadata['deletionTimestamp'] === undefined;
}

/** A DaemonSet writes into each pod's affinity where it belongs. */
function toPinnedNode({ spec }: KubeObject): string | undefined {
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0];
}
