/** `corespan run --source kube`: follows the logs of pods through the API server that the kubeconfig names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { type LogServer, startLogServer } from '../support/logServer.ts';
import { startRunning } from '../support/running.ts';

let api: LogServer;
let folder: string;
beforeEach(async () => {
  api = await startLogServer();
  folder = mkdtempSync(join(tmpdir(), 'corespan-test-'));
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const OPTIONS = ['run', '--source', 'kube', '--cluster', 'none', '--otlp-endpoint', 'none'];

function writeKubeconfig(): string {
  const path = join(folder, 'config');
  const cluster = { server: api.url.href, 'insecure-skip-tls-verify': true };
  const config = {
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('--source kube', () => {
  it('counts the queries of the pods that the selector finds in the namespace', async () => {
    api.addPod('dns-default-1', 'dns');
    const selector = 'dns.operator.openshift.io/daemonset-dns=default';
    const given = ['--kubeconfig', writeKubeconfig(), '--dns-namespace', 'openshift-dns'];
    const running = startRunning([
      ...OPTIONS,
      ...given,
      '--dns-selector',
      selector,
      '--listen',
      '127.0.0.1:0',
    ]);
    const [, url = ''] = await running.says(/"url":"([^"]+)"/);
    const lines = Array.from({ length: 20 }, (_, n) => toLine(n));
    const read = async (): Promise<number> =>
      sumOf(parseExposition(await (await fetch(`${url}/metrics`)).text()), 'corespan_lines_read_total', {
        dns_pod: 'kube-system/dns-default-1',
      });
    await expect.poll(() => api.streams, { timeout: 10_000 }).toBe(1);
    api.write('dns-default-1', ...lines);
    await expect.poll(read, { timeout: 10_000 }).toBe(20);
    expect(new Set(api.calls.map((call) => call.split('?')[0]))).toEqual(
      new Set([
        '/api/v1/namespaces/openshift-dns/pods',
        '/api/v1/namespaces/kube-system/pods/dns-default-1/log',
      ]),
    );
    expect(new URL(api.calls[0] ?? '', api.url).searchParams.get('labelSelector')).toBe(selector);
    expect(await running.stop()).toBe(0);
  });

  it('says what is missing if no API server is known', async () => {
    const missing = join(folder, 'none');
    const { code, stderr } = await runCorespan([...OPTIONS, '--kubeconfig', missing]);
    expect([code, stderr]).toEqual([
      2,
      `corespan: --source kube: --kubeconfig: there is no file ${missing}\n`,
    ]);
  });

  it('says of options of the volume that they do nothing', async () => {
    const wrong = await runCorespan([...OPTIONS, '--checkpoint', 'x']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'corespan: --checkpoint: does nothing with --source kube, wants --source volume\n',
    ]);
  });

  it('makes a kubeconfig useful without a watch, which the volume does not', async () => {
    const { code, stderr } = await runCorespan(['run', '--cluster', 'none', '--kubeconfig', 'x']);
    expect([code, stderr]).toEqual([
      2,
      'corespan: --kubeconfig: does nothing with --cluster none and --source volume, wants --cluster auto or --source kube\n',
    ]);
  });
});

function toLine(n: number): string {
  const time = new Date(Date.now() + n).toISOString();
  return `${time} [INFO] 10.244.1.7:40000 - ${n} "A IN api.example.org. udp 41 false 512" NOERROR qr,rd,ra 82 0.0001s`;
}
