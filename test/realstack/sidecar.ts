/** corespan as it is shipped, beside a DNS server in its pod: the built bundle, unprivileged, on the log volume. */
import { chownSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readMemory } from '../support/procfs.ts';
import { SHIPPED_ENVIRONMENT, toShippedFlags } from '../support/shipped.ts';
import { API_SERVICE } from './addresses.ts';
import { prepareBundle } from './bundle.ts';
import type { RealCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { type Answer, fetchIn } from './doors.ts';
import type { RealPod } from './kubelet.ts';
import type { MemoryLimit } from './memoryLimit.ts';
import { type Ending, whileRunning } from './processes.ts';
import { asUser, type Mount } from './sandbox.ts';
import { grantRights } from './sidecarRights.ts';
import { until } from './until.ts';

export interface SidecarOptions {
  /** After `run --source volume --listen :9464`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the container may use: a limit of its own, which goes with it. */
  readonly memory?: MemoryLimit | undefined;
  /** Where it serves; another one for a second sidecar of the same network. */
  readonly port?: number;
  /**
   * What is mounted as /var/log/pods: the node's folder with only the own pod in it, so that the path tells which
   * pod it is; or the pod's own folder, as `subPathExpr` does.
   */
  readonly volume?: 'node' | 'pod';
}

export interface Sidecar {
  /** Whose log it reads. */
  readonly pod: RealPod;
  readonly pid: number;
  /** What it says on stdout and stderr. */
  readonly logFile: string;
  /** The folder that it may write to, as the test sees it; the next sidecar of the pod gets the same. */
  readonly stateFolder: string;
  /** Resolves once /readyz says 200. */
  ready(): Promise<void>;
  /** The exposition: text, or OpenMetrics with exemplars. */
  metrics(format?: 'text' | 'openmetrics'): Promise<string>;
  /** Any page of it. */
  get(path: string): Promise<Answer>;
  /** Resident set size in bytes. */
  rss(): number;
  /** Processes of it that the kernel killed for want of memory; 0 without a limit. */
  memoryKills(): number;
  isRunning(): boolean;
  /** SIGTERM, or another signal; SIGKILL after the grace (milliseconds). Idempotent. */
  stop(signal?: NodeJS.Signals, grace?: number): Promise<Ending>;
  kill(): Promise<Ending>;
  /** It stands still, and keeps what it has open. */
  pause(): void;
  resume(): void;
}

/** The image's user; its log files belong to root and may be read by group 0. */
const USER = { user: 65_532, group: 0 };
/** Where a checkpoint may lie: an emptyDir in a cluster. */
export const STATE_FOLDER = '/run/corespan/state';
const LOG_FOLDER = '/var/log/pods';

/** Resolves once it serves; see `ready` for the rest. */
export async function startSidecar(
  cluster: RealCluster,
  server: DnsServer,
  options: SidecarOptions = {},
): Promise<Sidecar> {
  const { pod } = server;
  const { args = [], env = {}, memory, port = 9464, volume = 'node' } = options;
  const [bundle] = await Promise.all([prepareBundle(), grantRights(cluster.api)]);

  const name = `sidecar-${pod.name}${port === 9464 ? '' : `-${port}`}`;
  const folder = join(cluster.runFolder, 'sidecars', name);
  const logFile = join(cluster.runFolder, 'logs', `${name}.log`);
  const stateFolder = makeStateFolder(folder);
  const mounts = [...pod.sandbox.mounts, ...toMounts(server, { folder, bundle, volume })];
  const running = cluster.startIn(
    { ...pod.sandbox, mounts },
    asUser(USER, [
      // Nothing of the environment of whoever runs the tests.
      ...['env', '-i', ...toEnvironment(pod, env)],
      ...[
        '/run/corespan/node',
        ...toShippedFlags(memory?.bytes.toString()),
        '/run/corespan/dist/corespan.cjs',
      ],
      ...['run', '--source', 'volume', '--listen', `:${port}`],
      ...(pod.network === undefined ? ['--node-name', pod.node] : []),
      ...args,
    ]),
    { name },
  );
  memory?.hold(running.pid);
  if (memory !== undefined) void running.ended.then(() => memory.remove());

  const get = (path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
    fetchIn(pod.sandbox.namespace, `http://127.0.0.1:${port}${path}`, { ...(headers && { headers }) });

  async function untilOk(path: string): Promise<void> {
    const answered = until(`${path} of ${name}`, async () => {
      const { status, body } = await get(path);
      if (status !== 200) throw new Error(`${status} ${body}`);
      return true;
    });
    await whileRunning(running, { logFile, promise: answered });
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM', grace = 20_000): Promise<Ending> {
    if (!running.isRunning()) return await running.ended;
    running.child.kill(signal);
    const deadline = setTimeout(() => running.child.kill('SIGKILL'), grace);
    try {
      return await running.ended;
    } finally {
      clearTimeout(deadline);
      await memory?.remove();
    }
  }

  try {
    await untilOk('/healthz');
  } catch (error) {
    // Nobody else could end it, and its port would be taken.
    await stop('SIGKILL');
    throw error;
  }
  return {
    pod,
    pid: running.pid,
    logFile,
    stateFolder,
    ready: () => untilOk('/readyz'),
    async metrics(format = 'text') {
      const accept = format === 'text' ? 'text/plain' : 'application/openmetrics-text; version=1.0.0';
      const { status, body } = await get('/metrics', { accept });
      if (status !== 200) throw new Error(`/metrics of ${name}: ${status} ${body}`);
      return body;
    },
    get,
    rss: () => readMemory(running.pid).rss,
    memoryKills: () => memory?.kills() ?? 0,
    isRunning: running.isRunning,
    stop,
    kill: () => stop('SIGKILL'),
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
  };
}

function toMounts(
  server: DnsServer,
  place: { readonly folder: string; readonly bundle: string; readonly volume: 'node' | 'pod' },
): Mount[] {
  const { folder, bundle, volume } = place;
  const podFolder = dirname(server.logFolder);
  const volumeFolder = join(folder, 'volume');
  mkdirSync(join(volumeFolder, basename(podFolder)), { recursive: true });
  const isReadOnly = true;
  const logs =
    volume === 'pod'
      ? [{ source: podFolder, target: LOG_FOLDER, isReadOnly }]
      : [
          { source: volumeFolder, target: LOG_FOLDER, isReadOnly },
          { source: podFolder, target: join(LOG_FOLDER, basename(podFolder)), isReadOnly },
        ];
  return [
    ...logs,
    // Wherever the repository lies, its user might not be let through to it.
    { source: bundle, target: '/run/corespan/dist', isReadOnly },
    { source: process.execPath, target: '/run/corespan/node', isReadOnly },
    { source: join(folder, 'state'), target: STATE_FOLDER },
  ];
}

function makeStateFolder(folder: string): string {
  const stateFolder = join(folder, 'state');
  mkdirSync(stateFolder, { recursive: true });
  chownSync(stateFolder, USER.user, USER.group);
  return stateFolder;
}

function toEnvironment(pod: RealPod, env: Readonly<Record<string, string>>): string[] {
  const own = {
    PATH: '/usr/bin:/bin',
    ...SHIPPED_ENVIRONMENT,
    HOSTNAME: pod.network === undefined ? pod.node : pod.name,
    KUBERNETES_SERVICE_HOST: API_SERVICE,
    KUBERNETES_SERVICE_PORT: '443',
    ...env,
  };
  return Object.entries(own).map(([key, value]) => `${key}=${value}`);
}
