/** SIGTERM: reading stops, what is open closes, what waits leaves one batch after another, and the exit code is 0. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { startRunning } from '../support/running.ts';
import { toFoundLookups } from '../support/truth.ts';

let folder: string;
let server: OtlpServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-sigterm-'));
  server = await startOtlpServer();
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const LOOKUPS = 2_000;

/** Each query is a lookup: other names, other ports. */
function writeLog(): void {
  const pod = join(folder, 'kube-system_coredns-1_0b7a', 'coredns');
  mkdirSync(pod, { recursive: true });
  const start = Date.now() - 5_000;
  const lines = Array.from({ length: LOOKUPS }, (_, n) => {
    const time = new Date(start + n * 2).toISOString();
    return `${time} stdout F [INFO] 10.244.1.7:${10_000 + n} - ${n + 1} "A IN n${n}.example.org. udp 40 false 1232" NOERROR qr,rd,ra 80 0.0002s\n`;
  });
  writeFileSync(join(pod, '0.log'), lines.join(''));
}

function startRun() {
  const options = ['--log-dir', folder, '--cluster', 'none', '--listen', 'none', '--sample-ratio', '1'];
  return startRunning([
    'run',
    ...options,
    '--span-rate',
    '100000',
    '--otlp-endpoint',
    server.url,
    '--shutdown-timeout',
    '4s',
  ]);
}

describe('SIGTERM', () => {
  it('lets every span out that is there', async () => {
    writeLog();
    const running = startRun();
    await running.says(/Following the log/);
    // The first batch has left: everything of the log has been read by then.
    while (server.requests === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await running.stop()).toBe(0);
    const found = toFoundLookups(server.spans);
    expect(new Set(found.map(({ name }) => name)).size).toBe(LOOKUPS);
    expect(found).toHaveLength(LOOKUPS);
  });

  it('keeps to its deadline and says what it dropped if the endpoint hangs', async () => {
    server.behave('hang');
    writeLog();
    const running = startRun();
    await running.says(/Following the log/);
    while (server.requests === 0) await new Promise((resolve) => setImmediate(resolve));
    const asked = performance.now();
    expect(await running.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(9_000);
    expect(running.stderr()).toMatch(/"Spans were dropped","reason":"shutdown","spans":\d+/);
  });
});
