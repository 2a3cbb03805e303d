/** SIGTERM: what is written is read, what is open closes, what waits leaves batch by batch, and the exit code is 0. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/run.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { type Running, startRunning } from '../support/running.ts';
import { toFoundLookups } from '../support/truth.ts';
import { createTestWorld } from '../support/world.ts';

let folder: string;
let log: string;
let server: OtlpServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-sigterm-'));
  const container = join(folder, 'pods', 'kube-system_coredns-1_0b7a', 'coredns');
  mkdirSync(container, { recursive: true });
  log = join(container, '0.log');
  server = await startOtlpServer();
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const LOOKUPS = 2_000;

function writeLog(): void {
  writeFileSync(log, toQueryLog(LOOKUPS, { start: Date.now() - 5_000, step: 2 }));
}

async function startRun(timeout: string): Promise<Running> {
  const options = ['--log-dir', join(folder, 'pods'), '--checkpoint', join(folder, 'checkpoint.json')];
  const rates = ['--sample-ratio', '1', '--span-rate', '100000', '--shutdown-timeout', timeout];
  const running = startRunning([
    ...['run', '--cluster', 'none', '--listen', 'none', '--otlp-endpoint', server.url],
    ...options,
    ...rates,
  ]);
  await server.until(() => server.requests > 0);
  return running;
}

describe('SIGTERM', () => {
  it('lets every span out that is there', async () => {
    writeLog();
    const running = await startRun('4s');
    expect(await running.stop()).toBe(0);
    const found = toFoundLookups(server.spans);
    expect(new Set(found.map(({ name }) => name)).size).toBe(LOOKUPS);
    expect(found).toHaveLength(LOOKUPS);
  });

  it('reads what was written just before', async () => {
    writeLog();
    const running = await startRun('4s');
    await server.until(() => server.spans.length === LOOKUPS);
    appendFileSync(log, toQueryLog(2, { start: Date.now(), first: LOOKUPS }));
    expect(await running.stop()).toBe(0);
    expect(toFoundLookups(server.spans)).toHaveLength(LOOKUPS + 2);
    const { files } = JSON.parse(readFileSync(join(folder, 'checkpoint.json'), 'utf8'));
    expect(files).toMatchObject([{ offset: statSync(log).size }]);
  });

  it('keeps to its deadline and says what it dropped if the endpoint hangs', async () => {
    server.behave('hang');
    writeLog();
    const running = await startRun('1s');
    const asked = performance.now();
    expect(await running.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(9_000);
    expect(running.stderr()).toMatch(/"Spans were dropped","reason":"shutdown","spans":\d+/);
  });

  it.each([
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('%s and then %s end the process as it stands', async (first, second) => {
    server.behave('hang');
    writeLog();
    const running = await startRun('10m');
    const ended = new Promise((resolve) => {
      running.child.on('close', resolve);
    });
    running.child.kill(first);
    running.child.kill(second);
    expect(await ended).toBe(1);
  });

  it('is heard while the cluster is not complete yet, and nothing is read then', async () => {
    writeLog();
    const silent = await startOtlpServer();
    silent.behave('hang');
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, toKubeconfig(silent.url));
    const world = createTestWorld([
      ...['--log-dir', join(folder, 'pods'), '--checkpoint', join(folder, 'checkpoint.json')],
      ...['--kubeconfig', kubeconfig, '--listen', 'none', '--log-level', 'debug'],
    ]);
    const code = run.run(world);
    await world.says(/Following the log/);
    world.stop();
    expect(await code).toBe(0);
    await silent.stop();
    expect(world.stderr()).not.toMatch(/The cluster is not complete|A log is read/);
    expect(() => statSync(join(folder, 'checkpoint.json'))).toThrow('ENOENT');
  });
});

function toKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'silent', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'silent', context: { cluster: 'silent', user: 'nobody' } }],
    'current-context': 'silent',
  });
}
