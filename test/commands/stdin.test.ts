/** `corespan run --source stdin`: reads what comes, and ends with it; inside a pod it stays. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { startRunning } from '../support/running.ts';
import { toFoundLookups } from '../support/truth.ts';

let server: OtlpServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.stop());

/** Bare lines, as `kubectl logs` prints them. */
function toLines(count: number): string {
  return Array.from(
    { length: count },
    (_, n) =>
      `[INFO] 10.244.1.7:${10_000 + n} - ${n + 1} "A IN n${n}.example.org. udp 40 false 1232" NOERROR qr,rd,ra 80 0.0002s\n`,
  ).join('');
}

const OPTIONS = [
  'run',
  '--source',
  'stdin',
  '--cluster',
  'none',
  '--sample-ratio',
  '1',
  '--span-rate',
  '1000000',
];

describe('--source stdin', () => {
  it('closes and delivers everything at the end of the input, says so, and exits with 0', async () => {
    const { code, stderr } = await runCorespan(
      [...OPTIONS, '--listen', 'none', '--otlp-endpoint', server.url],
      { input: toLines(1_000) },
    );
    expect({ code, says: stderr.includes('The input has ended') }).toEqual({ code: 0, says: true });
    expect(new Set(toFoundLookups(server.spans).map(({ name }) => name)).size).toBe(1_000);
  });

  it('stays inside a pod, where an end would restart it for ever', async () => {
    const running = startRunning([...OPTIONS, '--listen', '127.0.0.1:0'], {
      KUBERNETES_SERVICE_HOST: '192.0.2.1',
    });
    const [, url = ''] = await running.says(/"url":"([^"]+)"/);
    running.child.stdin?.end(toLines(20));
    await running.says(/The input has ended/);
    const series = parseExposition(await (await fetch(`${url}/metrics`)).text());
    expect(sumOf(series, 'corespan_lines_read_total', { dns_pod: 'stdin' })).toBe(20);
    expect(await running.stop()).toBe(0);
  });
});
