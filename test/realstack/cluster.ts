/**
 * The small cluster: a real API server with its controllers, two nodes made of network namespaces, pods with
 * addresses of their own, CoreDNS as a pod, a stand-in for NodeLocal DNSCache, and a DNS server outside.
 *
 * Not real are the scheduler, the kubelet and the container runtime: `kubelet.ts` and `criwriter.ts` stand in.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_PLANE, NODE_NAMES, NODES, type NodeName, UPSTREAM } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import { type ClusterDns, createClusterDns } from './clusterDns.ts';
import { attempt, type CommandOptions, type Outcome, run } from './commands.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './controlPlane.ts';
import { createKubelet, type Kubelet, type Placement, type RealPod } from './kubelet.ts';
import { createNetwork, type Network } from './netns.ts';
import {
  type ServiceSpec,
  toNode,
  toNodeStatus,
  toService,
  type WorkloadKind,
  type WorkloadSpec,
} from './objects.ts';
import { writeLookupFiles } from './podFiles.ts';
import { type Running, start } from './processes.ts';
import { toBinary } from './programs.ts';
import { claimRun, type Run, releaseRun } from './runs.ts';
import { type Sandbox, toArgv } from './sandbox.ts';
import { startUpstream, type Upstream } from './upstream.ts';
import { createWorkload, untilPending } from './workloads.ts';

export interface ClusterOptions extends Partial<Pick<ControlPlaneOptions, 'etcd' | 'apiServerFlags'>> {
  /** Everything that the run writes goes below it; made if it is not there. */
  readonly runFolder: string;
  /** Takes one line for each phase of the start, with its time. */
  readonly log: (text: string) => void;
  /** Nodes whose pods leave them under an address of the node; node2 unless chosen. */
  readonly translating?: readonly NodeName[];
}

export interface ProgramOptions {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RealCluster extends ClusterDns {
  readonly api: Api;
  readonly controlPlane: ControlPlane;
  readonly upstream: Upstream;
  readonly network: Network;
  /** Where a process of the control plane, of the outside or of a node's own network runs. */
  readonly sandboxes: Readonly<Record<'controlPlane' | 'upstream' | NodeName, Sandbox>>;
  /** Shaped like /var/log/pods. */
  readonly podLogs: string;
  readonly runFolder: string;
  /** For unix sockets, whose paths must be short; gone after the run. */
  readonly socketFolder: string;
  /** What it prints; rejects with what it complains of. */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>;
  addNamespace(name: string): Promise<void>;
  /** A Service named like the workload selects its pods. */
  addService(spec: ServiceSpec): Promise<KubeObject>;
  /** Makes the workload with as many pods as there are placements; resolves to them, running. */
  deploy(kind: WorkloadKind, spec: WorkloadSpec, placements: readonly Placement[]): Promise<RealPod[]>;
  /** Takes up the next pod that a controller has made for the workload, in place of one that is gone. */
  placeNext(spec: WorkloadSpec, placement: Placement): Promise<RealPod>;
  /** Gives a pod that was made in any way its node and address, and reports it as running. */
  bindPod(pod: KubeObject, placement: Placement): Promise<RealPod>;
  /** Ends the pod's processes, then the pod; `grace` (seconds, 0 unless given) lets others see it terminating. */
  deletePod(pod: RealPod, options?: { readonly grace?: number }): Promise<void>;
  /** Runs a command in a place (a pod's `sandbox`, or one of `sandboxes`) to its end; rejects unless it exits with 0. */
  runIn(sandbox: Sandbox, argv: readonly string[], options?: CommandOptions): Promise<string>;
  /** The same, but a failure is a result. */
  attemptIn(sandbox: Sandbox, argv: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /**
   * Starts a program that goes on until the pod or the cluster ends; what it says goes to logs/<name>.log. For
   * more mounts spread the pod's sandbox, for another user see `asUser`.
   */
  startIn(sandbox: Sandbox, argv: readonly string[], options: ProgramOptions): Running;
  /** Ends everything and removes every trace but the run's folder. Idempotent. */
  stop(): Promise<void>;
}

/** Boots in about four seconds on two cores; rejects, and leaves nothing running, if any part does not come up. */
export async function startCluster(options: ClusterOptions): Promise<RealCluster> {
  const claimed = claimRun(options.runFolder);
  try {
    return await bootCluster(claimed, options);
  } catch (error) {
    await releaseRun(claimed);
    throw error;
  }
}

async function bootCluster(claimed: Run, options: ClusterOptions): Promise<RealCluster> {
  const { runFolder, log, translating = ['node2'] } = options;
  const { socketFolder, prefix } = claimed;
  const phase = createPhases(log);
  const podLogs = join(runFolder, 'pods');
  mkdirSync(podLogs, { recursive: true });

  const network = await phase('network', createNetwork({ prefix, translating }));
  const sandboxes = createSandboxes(network, runFolder);
  const [controlPlane, upstream] = await Promise.all([
    phase(
      'etcd and API server',
      startControlPlane({
        sandbox: sandboxes.controlPlane,
        folder: join(runFolder, 'control-plane'),
        socketFolder,
        etcd: options.etcd ?? 'current',
        apiServerFlags: options.apiServerFlags ?? [],
      }),
    ),
    phase('upstream DNS', startUpstream(sandboxes.upstream, runFolder)),
  ]);
  const { api, certificate, kubeconfig } = controlPlane;
  const kubelet = createKubelet({ api, network, certificate, podLogs, folder: join(runFolder, 'kubelet') });
  const dns = await phase(
    'nodes and DNS objects',
    createObjects({ api, network, kubelet, podLogs, runFolder }),
  );
  const started: { readonly sandbox: Sandbox; readonly running: Running }[] = [];

  async function endProcesses(pod: RealPod): Promise<void> {
    const own = started.filter(({ sandbox }) => sandbox.name === pod.sandbox.name);
    await Promise.all(own.map(({ running }) => running.stop()));
  }

  async function placeNext(spec: WorkloadSpec, placement: Placement): Promise<RealPod> {
    return await kubelet.bind(await untilPending(api, spec, placement.node), placement);
  }

  return {
    ...dns,
    api,
    controlPlane,
    upstream,
    network,
    sandboxes,
    podLogs,
    runFolder,
    socketFolder,

    kubectl: (args, given) =>
      run(
        toArgv(sandboxes.controlPlane, [toBinary('kube', 'kubectl'), `--kubeconfig=${kubeconfig}`, ...args]),
        {
          ...given,
          env: { HOME: runFolder, ...given?.env },
        },
      ),

    async addNamespace(name) {
      await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    },

    addService: (spec) => api.create(`/api/v1/namespaces/${spec.namespace}/services`, toService(spec)),

    async deploy(kind, spec, placements) {
      await createWorkload(api, kind, { replicas: placements.length, ...spec });
      const pods: RealPod[] = [];
      // One after another: a StatefulSet makes its next pod when the one before is ready.
      for (const placement of placements) pods.push(await placeNext(spec, placement));
      return pods;
    },

    placeNext,
    bindPod: kubelet.bind,

    deletePod: (pod, { grace = 0 } = {}) => kubelet.delete(pod, { grace, stopping: () => endProcesses(pod) }),

    runIn: (sandbox, argv, given) => run(toArgv(sandbox, argv), given),
    attemptIn: (sandbox, argv, given) => attempt(toArgv(sandbox, argv), given),

    startIn(sandbox, argv, { name, env = {} }) {
      const logFile = join(runFolder, 'logs', `${name}.log`);
      const running = start(toArgv(sandbox, argv), { name, logFile, env });
      started.push({ sandbox, running });
      return running;
    },

    stop: () => releaseRun(claimed),
  };
}

/** Says of each phase how long it took. */
function createPhases(log: (text: string) => void): <T>(name: string, work: Promise<T>) => Promise<T> {
  return async (name, work) => {
    const begin = performance.now();
    const made = await work;
    log(`${name}: ${((performance.now() - begin) / 1000).toFixed(2)} s`);
    return made;
  };
}

function createSandboxes(network: Network, runFolder: string): RealCluster['sandboxes'] {
  function create(name: string, namespace: string, address: string): Sandbox {
    const resolvConf = `nameserver ${UPSTREAM}\n`;
    const pod = { namespace: '', name, address };
    return { name, namespace, mounts: writeLookupFiles(join(runFolder, 'hosts', name), pod, { resolvConf }) };
  }
  return {
    controlPlane: create('control-plane', network.controlPlane, CONTROL_PLANE),
    upstream: create('upstream', network.upstream, UPSTREAM),
    node1: create('node1', network.nodes.node1, NODES.node1.address),
    node2: create('node2', network.nodes.node2, NODES.node2.address),
  };
}

async function createObjects(place: {
  readonly api: Api;
  readonly network: Network;
  readonly kubelet: Kubelet;
  readonly podLogs: string;
  readonly runFolder: string;
}): Promise<ClusterDns> {
  const { api } = place;
  await Promise.all(
    NODE_NAMES.map(async (name) => {
      await api.create('/api/v1/nodes', toNode(name));
      await api.patch(`/api/v1/nodes/${name}/status`, toNodeStatus(name));
    }),
  );
  return await createClusterDns({ ...place, folder: place.runFolder });
}
