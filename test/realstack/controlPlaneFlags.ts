/** How the programs of the control plane are called; the reasons are measured (real clusters call them otherwise). */
import { join } from 'node:path';
import { API_PORT, CONTROL_PLANE, SERVICE_RANGE } from './addresses.ts';
import { toBinary } from './programs.ts';

/** debian: 3.4.23, with which an API server of today starts, but cannot serve a WatchList. */
export type EtcdGeneration = 'current' | 'debian';

/** Inside the control plane's namespace. */
export const ETCD = 'http://127.0.0.1:2379';

export function toEtcdArgv({
  folder,
  generation,
}: {
  readonly folder: string;
  readonly generation: EtcdGeneration;
}): string[] {
  const peers = 'http://127.0.0.1:2380';
  return [
    generation === 'current' ? toBinary('etcd', 'etcd') : '/usr/bin/etcd',
    `--data-dir=${join(folder, 'etcd')}`,
    // A run does not outlive the machine.
    '--unsafe-no-fsync',
    `--listen-client-urls=${ETCD}`,
    `--advertise-client-urls=${ETCD}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--log-level=warn',
  ];
}

export function toApiServerArgv(folder: string): string[] {
  return [
    toBinary('kube', 'kube-apiserver'),
    `--etcd-servers=${ETCD}`,
    `--bind-address=${CONTROL_PLANE}`,
    `--secure-port=${API_PORT}`,
    `--cert-dir=${join(folder, 'certs')}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    // It would refuse pods until the controllers have made their ServiceAccount.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
  ];
}

/** A flag that is given replaces ours of the same name: the API server itself would add lists up. */
export function withFlags(argv: readonly string[], flags: readonly string[]): string[] {
  const names = new Set(flags.map(toName));
  return [...argv.filter((flag) => !names.has(toName(flag))), ...flags];
}

function toName(flag: string): string {
  return flag.split('=')[0] ?? flag;
}

export function toControllerArgv(paths: {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly certificate: string;
}): string[] {
  return [
    toBinary('kube', 'kube-controller-manager'),
    `--kubeconfig=${paths.kubeconfig}`,
    `--service-account-private-key-file=${join(paths.folder, 'sa.key')}`,
    `--root-ca-file=${paths.certificate}`,
    '--leader-elect=false',
    // These three would delete pods and taint nodes, because no kubelet ever says that they are well.
    '--controllers=*,-pod-garbage-collector-controller,-node-lifecycle-controller,-taint-eviction-controller',
    // The defaults (20 calls a second) are meant for a server that others need, too.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}
