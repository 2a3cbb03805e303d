/** A CoreDNS that runs as a container: started, restarted, reloaded, its log rotated, as a cluster would do it. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { API_SERVICE } from './addresses.ts';
import { untilReloaded, untilServing } from './coreDnsLog.ts';
import {
  type Container,
  type ContainerEnding,
  type Rotation,
  startContainer,
  toLogPath,
} from './criwriter.ts';
import type { RealPod } from './kubelet.ts';
import { toBinary } from './programs.ts';

/** coredns: 1.15.0; coredns-prev: 1.13.1, which logs failures differently. */
export type CoreDnsProgram = 'coredns' | 'coredns-prev';

export interface DnsServerOptions {
  readonly program: CoreDnsProgram;
  readonly container: string;
  readonly corefile: string;
  readonly logFormat: 'text' | 'json';
  readonly rotation: Rotation;
}

export interface DnsServerFiles {
  /** Root of the pod logs. */
  readonly podLogs: string;
  /** For the Corefile, and what criwriter complains of. */
  readonly folder: string;
}

export interface DnsServer {
  readonly pod: RealPod;
  /** `<ns>_<pod>_<uid>/<container>` */
  readonly logFolder: string;
  /** Of the container that runs now, or ran last. */
  logPath(): string;
  /** Of the process that runs now, and of the one that writes its log. */
  pids(): { readonly server: number; readonly writer: number };
  /** Of the containers that have ended, in order. */
  readonly endings: readonly ContainerEnding[];
  /** Rotates the log now; resolves to the name that the file got. */
  rotate(): Promise<string>;
  /** The new configuration serves when this resolves. */
  reload(corefile: string): Promise<void>;
  /** Ends the container, if it runs, and starts the next one of the pod: its log is `<n + 1>.log`. */
  restart(how?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The pod stays; `restart` brings the server back. Idempotent. */
  stop(how?: 'SIGTERM' | 'SIGKILL'): Promise<ContainerEnding>;
}

/** Resolves once it answers. */
export async function startDnsServer(
  pod: RealPod,
  options: DnsServerOptions,
  { podLogs, folder }: DnsServerFiles,
): Promise<DnsServer> {
  const corefilePath = join(folder, `Corefile.${pod.name}`);
  const endings: ContainerEnding[] = [];
  let restart = 0;
  writeFileSync(corefilePath, options.corefile);
  let container = await launch();

  function toPath(n: number): string {
    return toLogPath(podLogs, pod, { container: options.container, restart: n });
  }

  async function launch(): Promise<Container> {
    const logPath = toPath(restart);
    const launched = await startContainer({
      name: `${options.container} of ${pod.name}`,
      sandbox: pod.sandbox,
      argv: [
        toBinary(options.program, 'coredns'),
        `-conf=${corefilePath}`,
        ...(options.logFormat === 'json' ? ['-log-format=json'] : []),
      ],
      env: { KUBERNETES_SERVICE_HOST: API_SERVICE, KUBERNETES_SERVICE_PORT: '443' },
      logPath,
      rotation: options.rotation,
      complaints: join(folder, `logs/${pod.name}.criwriter.log`),
    });
    const failed = launched.ended.then(({ code }) => {
      throw new Error(`CoreDNS of ${pod.name} ended with ${code} before it served; see ${logPath}`);
    });
    await Promise.race([untilServing(logPath), failed]);
    return launched;
  }

  /** The kubelet keeps one dead container of each pod, and its logs. */
  function removeLogs(n: number): void {
    const logs = readdirSync(dirname(toPath(n))).filter((name) => name.startsWith(`${n}.log`));
    for (const name of logs) rmSync(join(dirname(toPath(n)), name));
  }

  async function end(how: 'SIGTERM' | 'SIGKILL'): Promise<ContainerEnding> {
    container.signal(how);
    const ending = await container.stop(10_000);
    endings[restart] = ending;
    return ending;
  }

  return {
    pod,
    logFolder: dirname(toPath(0)),
    logPath: () => toPath(restart),
    pids: () => ({ server: container.pid, writer: container.writerPid }),
    endings,
    rotate: () => container.rotate(),

    async reload(corefile) {
      writeFileSync(corefilePath, corefile);
      await untilReloaded(toPath(restart), () => container.signal('SIGUSR1'));
    },

    async restart(how = 'SIGTERM') {
      await end(how);
      restart++;
      removeLogs(restart - 2);
      container = await launch();
    },

    stop: (how = 'SIGTERM') => end(how),
  };
}
