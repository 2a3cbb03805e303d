/** corespan as the image ships it, as a process that a benchmark can look into: bundle, flags, service account. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { toResources } from '../../../src/install/settings.ts';
import { prepareBundle } from '../../realstack/bundle.ts';
import { type Memory, readMemory } from '../../support/procfs.ts';
import { SHIPPED_ENVIRONMENT, toShippedFlags } from '../../support/shipped.ts';
import type { ApiReady } from './apiServer.ts';
import { type Child, startChild } from './child.ts';
import type { HeapReading, LoopDelay } from './probe.ts';

export interface SidecarOptions {
  /** For what it needs on disk. */
  readonly folder: string;
  readonly logDir: string;
  /** Undefined: clients stay unnamed. */
  readonly api: ApiReady | undefined;
  /** Undefined: spans are off. */
  readonly otlpEndpoint: string | undefined;
  /** Beyond these. */
  readonly args?: readonly string[];
  /** Instead of `SHIPPED_FLAGS`. */
  readonly nodeFlags?: readonly string[];
}

export interface Sidecar {
  readonly pid: number;
  /** Milliseconds from its start until it was ready. */
  readonly startMs: number;
  memory(): Memory;
  heap(): Promise<HeapReading>;
  /** Seconds of CPU since it started. */
  cpu(): Promise<number>;
  /** How late timers are while `work` goes on. */
  watchLoop(work: () => Promise<void>): Promise<LoopDelay>;
  /** Writes a heap snapshot to `path`. */
  snapshot(path: string): Promise<void>;
  scrape(): Promise<string>;
  /** The exit code; what it has said is thrown if that is not 0. */
  stop(): Promise<void>;
}

/** The image's, with the memory that the manifests allow beside CoreDNS. */
export const SHIPPED_FLAGS = toShippedFlags(toResources('coredns').limits.memory);

/** Milliseconds between two questions whether it is ready. */
const ASK_EVERY = 20;

export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { folder, logDir, api, otlpEndpoint, args = [], nodeFlags = SHIPPED_FLAGS } = options;
  const bundle = await prepareBundle();
  mkdirSync(folder, { recursive: true });
  const probe = writeProbe(folder);
  let output = '';
  const started = performance.now();
  const child = await startChild(
    [
      ...nodeFlags,
      ...['--require', probe, join(bundle, 'corespan.cjs'), 'run', '--log-dir', logDir],
      ...['--listen', '127.0.0.1:0', '--otlp-endpoint', otlpEndpoint ?? 'none'],
      ...(api === undefined ? ['--cluster', 'none'] : []),
      ...args,
    ],
    {
      env: {
        ...SHIPPED_ENVIRONMENT,
        ...(api === undefined ? {} : toEnvironment(api, join(folder, 'serviceaccount'))),
      },
      said: (text) => {
        output += text;
      },
    },
  );
  const url = await untilServing(child, () => output);
  await untilReady(url);
  const startMs = performance.now() - started;

  return {
    pid: child.pid,
    startMs,
    memory: () => readMemory(child.pid),
    heap: () => child.ask('heap'),
    async cpu() {
      const { user, system } = await child.ask<NodeJS.CpuUsage>('cpu');
      return (user + system) / 1e6;
    },
    async watchLoop(work) {
      await child.ask('watchLoop');
      await work();
      return await child.ask('readLoop');
    },
    snapshot: (path) => child.ask('snapshot', path),
    scrape: async () => await (await fetch(`${url}/metrics`)).text(),
    async stop() {
      const code = await child.stop();
      if (code !== 0) throw new Error(`corespan ended with ${code}: ${output}`);
    },
  };
}

/** Node runs it as it is, without what reading TypeScript would add to the memory that is measured. */
function writeProbe(folder: string): string {
  const path = join(folder, 'probe.cjs');
  const source = readFileSync(join(import.meta.dirname, 'probe.ts'), 'utf8');
  writeFileSync(path, stripTypeScriptTypes(source).replaceAll(/^export /gm, ''));
  return path;
}

function toEnvironment({ port, ca }: ApiReady, serviceAccount: string): Record<string, string> {
  mkdirSync(serviceAccount, { recursive: true });
  writeFileSync(join(serviceAccount, 'ca.crt'), ca);
  writeFileSync(join(serviceAccount, 'token'), 'token');
  return {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(port),
    BENCH_SERVICE_ACCOUNT: serviceAccount,
  };
}

/** It listens on a port of its own, and says which. */
async function untilServing(child: Child<unknown>, said: () => string): Promise<string> {
  for (;;) {
    const [, url] = /"url":"([^"]+)"/.exec(said()) ?? [];
    if (url !== undefined) return url;
    if ((await Promise.race([child.ended, pause()])) !== undefined) throw new Error(`it ended: ${said()}`);
  }
}

async function untilReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 200) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ASK_EVERY);
  });
}
