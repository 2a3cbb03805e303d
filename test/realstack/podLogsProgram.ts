/** The built corespan as somebody runs it beside a cluster: `run --source kube`, with a kubeconfig and nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { prepareBundle } from './bundle.ts';
import type { RealCluster } from './cluster.ts';
import { toKubeconfig } from './credentials.ts';
import type { DnsServer } from './dnsServer.ts';
import { fetchIn } from './doors.ts';
import { type Ending, whileRunning } from './processes.ts';
import { until } from './until.ts';

export interface KubeProgram {
  metrics(): Promise<string>;
  /** Lines of a server that it has read. */
  linesOf(server: DnsServer): Promise<number>;
  countQueries(type: string): Promise<number>;
  /** SIGTERM. */
  stop(): Promise<Ending>;
}

/** As the account whose token lies where `createAccount` has written it; resolves once it serves. */
export async function startKubeProgram(cluster: RealCluster, account: string): Promise<KubeProgram> {
  const { controlPlane, runFolder, sandboxes } = cluster;
  const token = readFileSync(join(runFolder, `account-${account}`, 'token'), 'utf8');
  const kubeconfig = join(runFolder, `kubeconfig-${account}`);
  writeFileSync(kubeconfig, toKubeconfig({ certificate: controlPlane.certificate, token }), { mode: 0o600 });
  const program = join(await prepareBundle(), 'corespan.cjs');
  const name = `corespan-${account}`;
  const running = cluster.startIn(
    sandboxes.controlPlane,
    [
      ...[process.execPath, program, 'run', '--source', 'kube', '--kubeconfig', kubeconfig],
      ...['--cluster', 'none', '--otlp-endpoint', 'none', '--listen', '127.0.0.1:9464'],
    ],
    { name },
  );

  async function metrics(): Promise<string> {
    const url = 'http://127.0.0.1:9464/metrics';
    const { status, body } = await fetchIn(sandboxes.controlPlane.namespace, url);
    if (status !== 200) throw new Error(`/metrics of ${name}: ${status} ${body}`);
    return body;
  }

  const logFile = join(runFolder, 'logs', `${name}.log`);
  await whileRunning(running, { logFile, promise: until(`${name} to serve`, metrics) });
  return {
    metrics,
    async linesOf({ pod }) {
      const labels = { dns_pod: `${pod.namespace}/${pod.name}` };
      return sumOf(parseExposition(await metrics()), 'corespan_lines_read_total', labels);
    },
    async countQueries(qtype) {
      return sumOf(parseExposition(await metrics()), 'corespan_queries_total', { qtype });
    },
    stop: () => running.stop(20_000),
  };
}
