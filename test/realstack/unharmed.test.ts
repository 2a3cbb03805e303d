/**
 * DNS is unharmed, whatever becomes of corespan: the same load gets the same answers beside a corespan that is
 * absent, healthy, killed, stopped, out of disk, without its OTLP endpoint, without its API server, out of memory.
 *
 * The conditions take turns, round after round, so that a slow moment of the machine hits all of them. Answers and
 * errors must be equal; latency is printed, and guarded against more than the noise of the rounds without a corespan.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { CONTROL_PLANE, DNS_SERVICE } from './addresses.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import { type LoadResult, putLoad } from './dnsperf.ts';
import type { DnsServer } from './dnsServer.ts';
import { openDoor } from './doors.ts';
import type { RealPod } from './kubelet.ts';
import { canLimitMemory, limitMemory } from './memoryLimit.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { type Sidecar, STATE_FOLDER, startSidecar } from './sidecar.ts';
import { tell } from './tell.ts';
import { until } from './until.ts';

const NEEDS = { ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'dnsperf'] } as const;
const ROUNDS = 3;
const RATE = 1_000;
/**
 * Too little to live and too much to die at once: what counts is memory of its own, not Node's file. Idle and without a
 * cluster corespan has 23 MiB of that; with 22 it is killed before it serves.
 */
const MEMORY = 24 * 2 ** 20;
const OTLP_PORT = 4318;

/** Successes, denials, failures, Services; each round asks for all of them. */
const NAMES = Array.from({ length: 1_000 }, (_, n) => {
  const kinds = [
    `n${n}.example.org`,
    'api.pay.svc.cluster.local',
    `x${n}.nowhere.test`,
    `f${n}.servfail.test`,
    `no${n}.pay.svc.cluster.local`,
  ];
  return kinds[n % kinds.length] ?? '';
});

interface Condition {
  readonly name: string;
  /** Puts corespan into its state and says how it was seen to be in it, once the load has passed. */
  begin(): Promise<() => Promise<unknown>>;
}

describeRealStack('DNS is unharmed', NEEDS, () => {
  let cluster: RealCluster;
  let coreDns: DnsServer;
  let web: RealPod;
  let hanging: { readonly server: Server; readonly sockets: Set<Socket> };
  let sidecar: Sidecar | undefined;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('unharmed'), log: () => {} });
    await Promise.all(['shop', 'pay'].map((name) => cluster.addNamespace(name)));
    await cluster.addService({ namespace: 'pay', name: 'api', clusterIP: '10.96.0.20' });
    coreDns = await cluster.startCoreDns();
    const pods = await cluster.deploy('Deployment', { namespace: 'shop', name: 'web' }, [{ node: 'node1' }]);
    web = pods[0] as RealPod;
    hanging = await startHanging(cluster);
  });
  afterAll(async () => {
    await sidecar?.kill();
    await cluster?.stop();
    for (const socket of hanging?.sockets ?? []) socket.destroy();
    hanging?.server.close();
  });

  async function start(options: Parameters<typeof startSidecar>[2] = {}): Promise<Sidecar> {
    sidecar = await startSidecar(cluster, coreDns, options);
    return sidecar;
  }

  const CONDITIONS: readonly Condition[] = [
    { name: 'absent', begin: () => Promise.resolve(() => Promise.resolve(expect(sidecar).toBeUndefined())) },
    {
      name: 'healthy',
      async begin() {
        const { ready, metrics } = await start();
        await ready();
        return () =>
          until('the load to be counted', async () =>
            isAtLeast(NAMES.length, sumOf(parseExposition(await metrics()), 'corespan_lines_read_total')),
          );
      },
    },
    {
      name: 'killed',
      async begin() {
        const { ready, kill, isRunning } = await start();
        await ready();
        await kill();
        return () => Promise.resolve(expect(isRunning()).toBe(false));
      },
    },
    {
      name: 'stopped',
      async begin() {
        const { ready, pause, pid } = await start();
        await ready();
        pause();
        return () =>
          Promise.resolve(expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tT/m));
      },
    },
    {
      name: 'disk full',
      async begin() {
        const { metrics, stateFolder, ready } = await start({
          args: ['--checkpoint', `${STATE_FOLDER}/checkpoint`],
        });
        await ready();
        // Whoever writes there is told by the kernel that there is no space.
        mkdirSync(stateFolder, { recursive: true });
        rmSync(join(stateFolder, 'checkpoint.tmp'), { force: true });
        symlinkSync('/dev/full', join(stateFolder, 'checkpoint.tmp'));
        return () =>
          until('a checkpoint that failed', async () =>
            isAtLeast(
              1,
              sumOf(parseExposition(await metrics()), 'corespan_checkpoints_total', {
                result: 'save_failed',
              }),
            ),
          );
      },
    },
    {
      name: 'OTLP hangs',
      async begin() {
        for (const socket of hanging.sockets) socket.destroy();
        hanging.sockets.clear();
        const { ready } = await start({
          args: ['--otlp-endpoint', `http://${CONTROL_PLANE}:${OTLP_PORT}`, '--sample-ratio', '1'],
        });
        await ready();
        return () => until('somebody to hang', () => isAtLeast(1, hanging.sockets.size));
      },
    },
    {
      name: 'API gone',
      async begin() {
        const { ready, metrics } = await start();
        await ready();
        await cluster.controlPlane.apiServer.stop(0);
        return async () => {
          await until('the watch to be refused', async () =>
            isAtLeast(1, sumOf(parseExposition(await metrics()), 'corespan_watch_restarts_total')),
          );
          await expect(cluster.api.list('/api/v1/nodes')).rejects.toThrow();
          await cluster.controlPlane.apiServer.start();
        };
      },
    },
    {
      name: 'out of memory',
      async begin() {
        const memory = limitMemory(MEMORY);
        // It may be killed at once, or later: that is what is wanted.
        await start({ memory }).catch((error: unknown) => {
          if (!String(error).includes('ended with SIGKILL before it was ready')) throw error;
        });
        return () => until('the limit to be hit', () => isAtLeast(1, memory.hits()));
      },
    },
  ];
  const usable = CONDITIONS.filter(({ name }) => name !== 'out of memory' || canLimitMemory());
  const results = new Map<string, LoadResult[]>(usable.map(({ name }) => [name, []]));

  test('the same answers, beside any corespan', async () => {
    const load = { server: DNS_SERVICE, names: NAMES, rate: RATE, patience: 20 };
    // What is cached is answered otherwise: everybody finds it cached.
    await putLoad(cluster, web.sandbox, load);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, begin } of usable) {
        const seen = await begin();
        results.get(name)?.push(await putLoad(cluster, web.sandbox, load));
        expect([name, await digAll(cluster, web)]).toEqual([name, ANSWERS]);
        await seen();
        sidecar?.resume();
        await sidecar?.kill();
        sidecar = undefined;
      }
    }
    tellLatencies(results);
    const baseline = toOutcome(results.get('absent')?.[0]);
    expect(baseline).toMatchObject({
      sent: NAMES.length,
      completed: NAMES.length,
      lost: 0,
      codes: { NOERROR: 400, NXDOMAIN: 400, SERVFAIL: 200 },
    });
    const slowest = toSlowest(results);
    for (const [name, rounds] of results) {
      expect(rounds).toHaveLength(ROUNDS);
      for (const one of rounds) expect([name, toOutcome(one)]).toEqual([name, baseline]);
      expect(medianOf(rounds), name).toBeLessThan(slowest);
    }
  }, 400_000);

  test.skipIf(!canLimitMemory())('beside one that is out of memory too: that takes control groups', () => {
    expect(results.get('out of memory')).toHaveLength(ROUNDS);
  });

  test('lost answers would be noticed (twin)', async () => {
    const names = NAMES.slice(0, 20);
    const { lost, completed } = await putLoad(cluster, web.sandbox, {
      server: DNS_SERVICE,
      port: 54,
      names,
      rate: RATE,
      patience: 1,
    });
    expect({ lost, completed }).toEqual({ lost: 20, completed: 0 });
  });

  test('CoreDNS has lost no line of its log, and was never restarted', async () => {
    expect(await coreDns.stop()).toMatchObject({ code: 0, lost: 0 });
    expect(coreDns.endings).toHaveLength(1);
  });
});

const ANSWERS = ['198.51.100.7\n', '10.96.0.20\n', '', ''];

async function digAll(cluster: RealCluster, { sandbox }: RealPod): Promise<string[]> {
  const names = ['n0.example.org', 'api.pay.svc.cluster.local', 'x.nowhere.test', 'no.pay.svc.cluster.local'];
  return await Promise.all(
    names.map((name) => cluster.runIn(sandbox, ['dig', '+short', '+timeout=10', name])),
  );
}

/** Everything that must not differ. */
function toOutcome(result: LoadResult | undefined): object {
  const { latency: _, ...outcome } = result ?? {};
  return outcome;
}

/**
 * Milliseconds. Where no corespan runs, the slowest round shows what the machine does to latency by itself; thrice that
 * and the time slice or two by which a process more moves two cores is no harm yet. A corespan in the way of DNS would
 * be slower in most of its rounds, so it is their median that has to stay below: one slow round is noise.
 */
function toSlowest(results: ReadonlyMap<string, readonly LoadResult[]>): number {
  const alone = ['absent', 'killed'].flatMap((name) => results.get(name) ?? []);
  return Math.max(...alone.map(({ latency }) => latency)) * 3 + 5;
}

function medianOf(rounds: readonly LoadResult[]): number {
  return rounds.map(({ latency }) => latency).toSorted((a, b) => a - b)[rounds.length >> 1] ?? Number.NaN;
}

function tellLatencies(results: ReadonlyMap<string, readonly LoadResult[]>): void {
  for (const [name, rounds] of results) {
    const all = rounds.map(({ latency }) => latency.toFixed(2)).join(', ');
    tell(`${name.padEnd(14)} median of means ${medianOf(rounds).toFixed(2)} ms (${all})`);
  }
}

/** Takes connections and never answers. */
async function startHanging(cluster: RealCluster): Promise<{ server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  const socketPath = join(cluster.socketFolder, 'hanging.sock');
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
  const logFile = join(cluster.runFolder, 'logs/door.log');
  openDoor(cluster.network.controlPlane, { port: OTLP_PORT, socketPath, logFile });
  return { server, sockets };
}

function isAtLeast(wanted: number, is: number): true | undefined {
  return is >= wanted ? true : undefined;
}
