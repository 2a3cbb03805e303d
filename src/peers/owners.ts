/**
 * A pod's owner, read from the pod alone: no watch of ReplicaSets or Jobs is needed.
 *
 * Rules as the OpenTelemetry Collector's k8sattributes has them for Deployments; a Job's CronJob is a guess.
 */
import type { PodObject } from '../kube/objects.ts';
import type { Workload } from '../records/peer.ts';

export function toWorkload(pod: PodObject): Workload {
  const { controller } = pod;
  // A static pod's controller is its Node: the pod stands for itself.
  if (controller === undefined || controller.kind === 'Node') {
    return { kind: 'Pod', name: pod.name, isInferred: false };
  }
  switch (controller.kind) {
    case 'ReplicaSet':
      return toDeployment(controller.name, pod.labels.get('pod-template-hash'));
    case 'Job':
      return toCronJob(controller.name);
    default:
      return { kind: controller.kind, name: controller.name, isInferred: false };
  }
}

/** The Deployment controller names its ReplicaSets `<deployment>-<pod-template-hash>`. */
function toDeployment(replicaSet: string, hash: string | undefined): Workload {
  return hash !== undefined && replicaSet.endsWith(`-${hash}`) && replicaSet.length > hash.length + 1
    ? { kind: 'Deployment', name: replicaSet.slice(0, -hash.length - 1), isInferred: false }
    : { kind: 'ReplicaSet', name: replicaSet, isInferred: false };
}

/** The CronJob controller names its Jobs `<cronjob>-<minutes since the epoch>` (8 digits until the year 2160). */
function toCronJob(job: string): Workload {
  const name = /^(.+)-\d{8}$/.exec(job)?.[1];
  return name === undefined
    ? { kind: 'Job', name: job, isInferred: false }
    : { kind: 'CronJob', name, isInferred: true };
}
