/** `corespan run --source stdin`: reads what comes, and ends with it; inside a pod it stays. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { startRunning } from '../support/running.ts';
import { toFoundLookups } from '../support/truth.ts';

let server: OtlpServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.stop());

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
    const options = [...OPTIONS, '--listen', 'none', '--otlp-endpoint', server.url];
    const { code, stderr } = await runCorespan(options, { input: toQueryLog(1_000) });
    expect({ code, says: stderr.includes('The input has ended') }).toEqual({ code: 0, says: true });
    expect(new Set(toFoundLookups(server.spans).map(({ name }) => name)).size).toBe(1_000);
  });

  it('stays inside a pod, where an end would restart it for ever', async () => {
    const running = startRunning([...OPTIONS, '--listen', '127.0.0.1:0'], {
      KUBERNETES_SERVICE_HOST: '192.0.2.1',
    });
    const [, url = ''] = await running.says(/"url":"([^"]+)"/);
    running.child.stdin?.end(toQueryLog(20));
    await running.says(/The input has ended/);
    const series = parseExposition(await (await fetch(`${url}/metrics`)).text());
    expect(sumOf(series, 'corespan_lines_read_total', { dns_pod: 'stdin' })).toBe(20);
    expect(await running.stop()).toBe(0);
  });

  it('says of options of the volume that they do nothing', async () => {
    const { code, stderr } = await runCorespan([...OPTIONS, '--checkpoint', 'x', '--log-dir', '.']);
    expect([code, stderr]).toEqual([
      2,
      'corespan: --checkpoint: does nothing with --source stdin, wants --source volume\n' +
        'corespan: --log-dir: does nothing with --source stdin, wants --source volume\n',
    ]);
  });
});
