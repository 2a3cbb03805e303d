/** Stands in for the scheduler and the kubelets: gives a pod its node, address and place, and takes them away. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NODES, type NodeName, toPodAddress } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import { toLogPath } from './criwriter.ts';
import type { Network, PodNetwork } from './netns.ts';
import { type PodDns, writeLookupFiles, writeServiceAccount } from './podFiles.ts';
import type { Sandbox } from './sandbox.ts';

export interface RealPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: NodeName;
  /** The node's own for pods of the host network. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sandbox: Sandbox;
  /** undefined for pods of the host network. */
  readonly network: PodNetwork | undefined;
}

export interface Placement {
  readonly node: NodeName;
  /** The next free one of the node unless given. */
  readonly address?: string;
  readonly dns?: PodDns;
  /** What happens while the pod runs already and its address is not reported yet: a kubelet takes a second or two. */
  readonly whileUnreported?: (pod: RealPod) => Promise<void>;
}

export interface Kubelet {
  /** Binds the pod to the node and reports it as running and ready. */
  bind(pod: KubeObject, placement: Placement): Promise<RealPod>;
  /** As a kubelet: with a grace (seconds) the pod is marked as terminating first; then it goes, logs included. */
  delete(
    pod: RealPod,
    options: { readonly grace: number; readonly stopping: () => Promise<void> },
  ): Promise<void>;
  /** Folder of the pod's logs, `<ns>_<pod>_<uid>`. */
  toLogFolder(pod: RealPod): string;
}

export interface KubeletOptions {
  readonly api: Api;
  readonly network: Network;
  readonly certificate: string;
  /** Root of the pod logs. */
  readonly podLogs: string;
  /** For the pods' own files. */
  readonly folder: string;
}

/** Addresses that tests choose are below; those that nobody chose are from here on. */
const FIRST_FREE_ADDRESS = 100;

export function createKubelet({ api, network, certificate, podLogs, folder }: KubeletOptions): Kubelet {
  const used: Record<NodeName, number> = { node1: FIRST_FREE_ADDRESS, node2: FIRST_FREE_ADDRESS };

  function toLogFolder(pod: RealPod): string {
    return dirname(dirname(toLogPath(podLogs, pod, { container: '-', restart: 0 })));
  }

  return {
    async bind(pod, { node, address, dns = 'cluster', whileUnreported }) {
      const started = new Date();
      const { name, namespace = 'default', uid = '', labels = {} } = pod.metadata;
      const isHostNetwork = pod['spec'].hostNetwork === true;
      const own = isHostNetwork ? NODES[node].address : (address ?? toPodAddress(node, used[node]++));
      const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
      const [place] = await Promise.all([
        isHostNetwork ? undefined : network.addPod(`${namespace}-${name}`, { node, address: own }),
        api.create(`${path}/binding`, toBinding(name, node)),
      ]);
      const files = join(folder, uid);
      const mounts = writeLookupFiles(files, { namespace, name, address: own }, dns);
      if (pod['spec'].serviceAccountName !== undefined) {
        mounts.push(await writeServiceAccount(files, pod, { api, certificate }));
      }
      const sandbox = {
        name: `${namespace}/${name}`,
        namespace: place?.namespace ?? network.nodes[node],
        mounts,
      };
      const placed = { namespace, name, uid, node, address: own, labels, sandbox, network: place };
      await whileUnreported?.(placed);
      await api.patch(`${path}/status`, toRunningStatus(pod, { node, address: own, started }));
      return placed;
    },

    async delete(pod, { grace, stopping }) {
      const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`;
      const preconditions = { uid: pod.uid };
      if (grace > 0) await api.delete(path, { gracePeriodSeconds: grace, preconditions });
      await stopping();
      // The address is free before the API says that the pod is gone, as with a real network plug-in.
      if (pod.network !== undefined) await network.removePod(pod.network);
      await api.delete(path, { gracePeriodSeconds: 0, preconditions });
      rmSync(toLogFolder(pod), { recursive: true, force: true });
    },

    toLogFolder,
  };
}

function toBinding(name: string, node: NodeName): object {
  return { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } };
}

function toRunningStatus(
  pod: KubeObject,
  { node, address, started }: { readonly node: NodeName; readonly address: string; readonly started: Date },
): object {
  const hostIP = NODES[node].address;
  const startTime = toTime(started);
  const now = toTime(new Date());
  const names =
    (pod['spec'].containers as readonly { readonly name: string; readonly image: string }[]) ?? [];
  return {
    status: {
      phase: 'Running',
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: now,
      })),
      containerStatuses: names.map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: startTime } },
      })),
      hostIP,
      hostIPs: [{ ip: hostIP }],
      podIP: address,
      podIPs: [{ ip: address }],
      startTime,
    },
  };
}

/** To the second, as the API has it. */
function toTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
