/**
 * Looks into a running corespan from within: how late its timers are, what its heap holds.
 *
 * Loaded before the bundle (`--require`, see sidecar.ts) as plain JavaScript, so it imports nothing. Until it is asked it
 * costs a closed channel; how late timers are is only watched between `watchLoop` and `readLoop`.
 */
import type { Question, Reply } from './answering.ts';

export interface LoopDelay {
  /** Milliseconds by which a timer came too late, of which the process itself was busy. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly samples: number;
}

export interface HeapReading {
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

const v8 = process.getBuiltinModule('node:v8');
const fs = process.getBuiltinModule('node:fs');

redirectServiceAccount(process.env['BENCH_SERVICE_ACCOUNT']);

const EVERY = 10;
let late: number[] = [];
let timer: NodeJS.Timeout | undefined;

const answers: Readonly<Record<string, (argument: unknown) => unknown>> = {
  ready: () => true,
  watchLoop() {
    clearTimeout(timer);
    late = [];
    watch();
  },
  readLoop(): LoopDelay {
    clearTimeout(timer);
    const sorted = Float64Array.from(late).sort();
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: at(1), samples: sorted.length };
  },
  heap(): HeapReading {
    const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    return { heapUsed, heapTotal, external, arrayBuffers };
  },
  snapshot: (path) => v8.writeHeapSnapshot(String(path)),
  cpu: () => process.cpuUsage(),
};

process.on('message', ({ id, question, argument }: Question) => {
  void Promise.resolve(answers[question]?.(argument)).then(
    (answer) => process.send?.({ id, answer } satisfies Reply),
    (error: unknown) => process.send?.({ id, failed: String(error) } satisfies Reply),
  );
});
// The channel keeps nobody alive; a benchmark that is gone takes what it started with it.
process.on('disconnect', () => process.exit(0));
process.channel?.unref();

/** On a machine that does other things a timer is also late because somebody else ran: that does not count. */
function watch(): void {
  const begin = performance.now();
  const cpu = process.threadCpuUsage();
  timer = setTimeout(() => {
    const { user, system } = process.threadCpuUsage(cpu);
    late.push(Math.max(0, Math.min(performance.now() - begin - EVERY, (user + system) / 1000)));
    watch();
  }, EVERY);
}

/** Kubernetes puts the files of the service account into one place, where only root could put ours. */
function redirectServiceAccount(folder: string | undefined): void {
  if (folder === undefined) return;
  const place = '/var/run/secrets/kubernetes.io/serviceaccount';
  const { readFileSync } = fs;
  fs.readFileSync = ((path: string, ...rest: []) =>
    readFileSync(
      typeof path === 'string' && path.startsWith(place) ? folder + path.slice(place.length) : path,
      ...rest,
    )) as typeof readFileSync;
}
