/** The control plane: etcd, the API server and the controllers, real ones, in the control plane's namespace. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, createApi } from './api.ts';
import {
  ETCD,
  type EtcdGeneration,
  toApiServerArgv,
  toControllerArgv,
  toEtcdArgv,
  withFlags,
} from './controlPlaneFlags.ts';
import { toKubeconfig, writeCredentials } from './credentials.ts';
import { fetchIn } from './doors.ts';
import { type Running, start, whileRunning } from './processes.ts';
import { toBinary } from './programs.ts';
import { type Sandbox, toArgv } from './sandbox.ts';
import { until } from './until.ts';

export interface ControlPlaneOptions {
  readonly sandbox: Sandbox;
  /** Keys, certificates, the database and logs go below it. */
  readonly folder: string;
  readonly socketFolder: string;
  readonly etcd: EtcdGeneration;
  readonly apiServerFlags: readonly string[];
}

export interface ControlPlane {
  readonly api: Api;
  readonly kubeconfig: string;
  /** Certificate of the API server, which signs itself. */
  readonly certificate: string;
  /** Its data lie in `etcd` below the folder: copied while it is stopped, they can be put back later. */
  readonly etcd: Stoppable;
  /** Its flags may be others at the next start. */
  readonly apiServer: Stoppable;
  /** Resolves once the API server says that it is ready. */
  untilReady(): Promise<void>;
}

/** A program that a test takes away for a while. */
export interface Stoppable {
  /** Lets it finish for the grace (milliseconds, 5,000), then kills it; the API server waits for its watchers. */
  stop(grace?: number): Promise<void>;
  /** Resolves once it serves; the API server needs some more time to notice that its database is back. */
  start(flags?: readonly string[]): Promise<void>;
}

/** Resolves once the API server is ready; the controllers may still be starting. All of it ends with the run. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { sandbox, folder, socketFolder } = options;
  const token = writeCredentials(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const certificate = join(folder, 'certs/apiserver.crt');
  writeFileSync(kubeconfig, toKubeconfig({ certificate, token }));
  const socket = join(socketFolder, 'api.sock');
  const api = createApi(socket);

  function launch(name: string, argv: readonly string[]): Running {
    return start(toArgv(sandbox, argv), { name, logFile: toLog(name) });
  }

  function toLog(name: string): string {
    return join(folder, 'logs', `${name}.log`);
  }

  async function launchApiServer(flags: readonly string[]): Promise<Running> {
    const running = launch('kube-apiserver', withFlags(toApiServerArgv(folder), flags));
    await whileRunning(running, { logFile: toLog('kube-apiserver'), promise: untilReady() });
    return running;
  }

  async function untilReady(): Promise<void> {
    await until('the API server to be ready', () => isReady(api), { within: 60_000 });
  }

  async function launchProxy(): Promise<void> {
    // The API server makes its certificate at its first start, and the key after it.
    await until(
      'the certificate of the API server',
      () => existsSync(join(folder, 'certs/apiserver.key')) || undefined,
    );
    const kubectl = toBinary('kube', 'kubectl');
    launch('kubectl-proxy', [kubectl, 'proxy', `--unix-socket=${socket}`, `--kubeconfig=${kubeconfig}`]);
  }

  // The API server waits for its database by itself.
  let etcd = launch('etcd', toEtcdArgv({ folder, generation: options.etcd }));
  let [apiServer] = await Promise.all([launchApiServer(options.apiServerFlags), launchProxy()]);
  launch('kube-controller-manager', toControllerArgv({ folder, kubeconfig, certificate }));

  return {
    api,
    kubeconfig,
    certificate,
    etcd: {
      async stop(grace) {
        await etcd.stop(grace);
      },
      async start(flags = []) {
        etcd = launch('etcd', [...toEtcdArgv({ folder, generation: options.etcd }), ...flags]);
        const healthy = until('etcd to serve', () => isHealthy(sandbox));
        await whileRunning(etcd, { logFile: toLog('etcd'), promise: healthy });
      },
    },
    apiServer: {
      async stop(grace) {
        await apiServer.stop(grace);
      },
      async start(flags = options.apiServerFlags) {
        apiServer = await launchApiServer(flags);
      },
    },
    untilReady,
  };
}

async function isReady(api: Api): Promise<true | undefined> {
  const answer = await api.open('/readyz');
  answer.resume();
  return answer.statusCode === 200 ? true : undefined;
}

async function isHealthy({ namespace }: Sandbox): Promise<true | undefined> {
  const { status } = await fetchIn(namespace, `${ETCD}/health`);
  return status === 200 ? true : undefined;
}
