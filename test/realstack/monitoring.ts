/** Where programs that watch the cluster run: in the control plane's network, each with a port and a folder. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_PLANE } from './addresses.ts';
import { type Answer, fetchIn, type Question } from './doors.ts';
import { type Running, start, whileRunning } from './processes.ts';
import { type Sandbox, toArgv } from './sandbox.ts';
import { until } from './until.ts';

/** A running cluster is one. */
export interface MonitoringPlace {
  readonly sandboxes: { readonly controlPlane: Sandbox };
  readonly runFolder: string;
}

export interface BackendOptions {
  readonly name: string;
  readonly argv: readonly string[];
  /** Where its API listens, at the control plane's address. */
  readonly port: number;
  /** A path that answers 200 once it works. */
  readonly readyPath: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Backend {
  readonly name: string;
  /** Base of its API, for programs of the cluster. */
  readonly url: string;
  /** How long it took until it was ready, in seconds. */
  readonly startSeconds: number;
  /** The most memory it had so far. */
  peakMebibytes(): number;
  fetch(path: string, question?: Question): Promise<Answer>;
  /** What a GET answers as JSON; rejects unless that is a 200. Parameters that are undefined are left out. */
  getJson(path: string, parameters?: Parameters): Promise<unknown>;
  stop(): Promise<void>;
}

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** A folder of the run for configuration and database. */
export function makeBackendFolder({ runFolder }: MonitoringPlace, name: string): string {
  const folder = join(runFolder, 'monitoring', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Resolves once it is ready; it ends with the cluster if nobody stops it. */
export async function startBackend(
  place: MonitoringPlace,
  { name, argv, port, readyPath, env = {} }: BackendOptions,
): Promise<Backend> {
  const { controlPlane } = place.sandboxes;
  const url = toBackendUrl(port);
  const logFile = join(place.runFolder, 'logs', `${name}.log`);
  const begin = performance.now();
  const running = start(toArgv(controlPlane, argv), { name, logFile, env });
  const fetchFrom = (path: string, question?: Question): Promise<Answer> =>
    fetchIn(controlPlane.namespace, `${url}${path}`, question);
  const ready = until(
    `${name} to be ready`,
    async () => ((await fetchFrom(readyPath)).status === 200 ? true : undefined),
    // An asking costs a process, and Tempo needs 15 s.
    { within: 120_000, every: 100 },
  );
  await whileRunning(running, { logFile, promise: ready });
  return {
    name,
    url,
    startSeconds: (performance.now() - begin) / 1000,
    peakMebibytes: () => readPeak(running),
    fetch: fetchFrom,
    async getJson(path, parameters = {}) {
      const asked = `${path}${toSearch(parameters)}`;
      const { status, body } = await fetchFrom(asked);
      if (status !== 200) throw new Error(`${name}: GET ${asked} answered ${status}: ${body.slice(0, 500)}`);
      return JSON.parse(body);
    },
    async stop() {
      await running.stop();
    },
  };
}

export function toBackendUrl(port: number): string {
  return `http://${CONTROL_PLANE}:${port}`;
}

function toSearch(parameters: Parameters): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** From the kernel, since a program's own metrics leave out what it did not ask for itself. */
function readPeak({ pid, isRunning }: Running): number {
  if (!isRunning()) return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
}
