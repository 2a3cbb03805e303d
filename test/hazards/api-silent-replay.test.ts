/** A replay asks an API server that tells nothing: it says that it waits, for what, and what that cost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NOBODY } from '../../src/commands/cluster.ts';
import { replay } from '../../src/commands/replay.ts';
import { waitForCluster } from '../../src/commands/waitForCluster.ts';
import { createLog } from '../../src/self/log.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { createTestWorld, type TestWorld } from '../support/world.ts';

describe('the wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A cluster that is complete, or given up, when the test says so. */
  function startWaiting(isTerminal: boolean) {
    const world = createTestWorld([], { isTerminal });
    const log = createLog({ level: 'info', isTerminal, write: world.err, now: world.now });
    const synced = Promise.withResolvers<boolean>();
    const cluster = { ...NOBODY, synced: () => synced.promise, waitingFor: () => ['pods', 'nodes'] };
    const missing = waitForCluster({ world, self: { log }, cluster, timeout: 30_000 });
    return { world, missing, end: synced.resolve };
  }

  it('is told on a terminal each second, and wiped away', async () => {
    const { world, missing, end } = startWaiting(true);
    await vi.advanceTimersByTimeAsync(2_000);
    end(true);
    expect(await missing).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    const line = (seconds: number): string =>
      `\rwaiting for the API server (pods, nodes): ${seconds} of 30 s\u001b[K`;
    expect(world.stderr()).toBe(`${line(1)}${line(2)}\r\u001b[K`);
  });

  it('is told elsewhere once, and what is missing at its end', async () => {
    const { world, missing, end } = startWaiting(false);
    await vi.advanceTimersByTimeAsync(30_000);
    end(false);
    expect(await missing).toEqual(['pods', 'nodes']);
    expect(world.stderr().match(/"message":"[^"]*"/g)).toEqual([
      '"message":"Waiting for the API server"',
      '"message":"The cluster is not complete yet, some clients stay unnamed"',
    ]);
  });

  it('is not told where it is short (twin)', async () => {
    const { world, missing, end } = startWaiting(true);
    await vi.advanceTimersByTimeAsync(900);
    end(true);
    expect([await missing, world.stderr()]).toEqual([[], '']);
  });
});

describe('an API server that does not answer', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corespan-silent-'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  /** Nobody listens at port 1. */
  const KUBECONFIG = JSON.stringify({
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 't' } }],
  });

  function createReplay(): TestWorld & { readonly metrics: string } {
    const [log, kubeconfig, out] = ['dns.log', 'kubeconfig', 'metrics.txt'].map((name) => join(folder, name));
    if (log === undefined || kubeconfig === undefined || out === undefined) throw new Error('no paths');
    writeFileSync(log, toQueryLog(10));
    writeFileSync(kubeconfig, KUBECONFIG);
    writeFileSync(out, 'a diary');
    return { ...createTestWorld([log, '--kubeconfig', kubeconfig, '--metrics-out', out]), metrics: out };
  }

  it('costs the names of clients, which is said at the end', async () => {
    const world = createReplay();
    let code: number | undefined;
    void replay.run(world).then((end) => {
      code = end;
    });
    while (code === undefined) {
      await vi.advanceTimersByTimeAsync(1_000);
      await nextTurn();
    }
    expect(code).toBe(0);
    expect(world.stderr()).toContain(
      '\ncorespan: clients could not be named (10 cold): the API server had not told of pods, node_caches, services, endpointslices, nodes\n',
    );
    expect(readFileSync(world.metrics, 'utf8')).toContain('corespan_lines_read_total');
  });

  it('need not be waited for: whoever stops then keeps what stood in the outputs', async () => {
    const world = createReplay();
    world.stop();
    expect(await replay.run(world)).toBe(1);
    expect(world.stderr()).toContain(
      '\ncorespan: stopped before anything was read: the outputs are what they were\n',
    );
    expect(readFileSync(world.metrics, 'utf8')).toBe('a diary');
  });
});
