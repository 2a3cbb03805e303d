/** The doctor against a real cluster: from outside with a kubeconfig, and inside a DNS pod with its own account. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealCluster, startCluster } from './cluster.ts';
import type { Outcome } from './commands.ts';
import type { DnsServer } from './dnsServer.ts';
import { injectText, readFixture } from './installing.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { asUser, type Sandbox } from './sandbox.ts';
import { until } from './until.ts';

interface Report {
  readonly worst: string;
  readonly examinations: readonly {
    readonly name: string;
    readonly result: string;
    readonly findings: readonly {
      readonly rule: string;
      readonly where: string;
      readonly message: string;
      readonly fix?: string;
    }[];
  }[];
}

const ALL_RESOURCES = '--resource=pods,services,nodes,endpointslices.discovery.k8s.io';

describeRealStack('corespan doctor', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;
  let coreDns: DnsServer;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('install-doctor'), log: () => {} });
    coreDns = await cluster.startCoreDns();
    // The Deployment of the stack mounts no ConfigMap; kubeadm's does.
    await cluster.kubectl(['apply', '-f', '-'], { input: await injectText(readFixture('kubeadm.yaml')) });
    await cluster.kubectl([
      '-n',
      'kube-system',
      'wait',
      '--for=jsonpath={.status.updatedReplicas}=2',
      'deployment/coredns',
      '--timeout=30s',
    ]);
    await cluster.kubectl(['label', 'node', 'node1', 'corespan-test=1']);
  });
  afterAll(() => cluster?.stop());

  async function ask(
    sandbox: Sandbox,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<[Outcome, Report]> {
    const argv = [process.execPath, 'bin/corespan.js', 'doctor', '--json', ...args];
    const outcome = await cluster.attemptIn(sandbox, asUser({ user: 65_532, group: 0 }, argv), { env });
    expect(outcome.stderr).toBe('');
    return [outcome, JSON.parse(outcome.stdout) as Report];
  }

  const outside = (...args: string[]): Promise<[Outcome, Report]> =>
    ask(cluster.sandboxes.controlPlane, ['--kubeconfig', cluster.controlPlane.kubeconfig, ...args], {});

  const results = ({ examinations }: Report): [string, string][] =>
    examinations.map(({ name, result }) => [name, result]);

  test('from outside: Corefile, the rights of the accounts, the watch, the memory of the pods', async () => {
    const [{ code }, report] = await outside();
    // The account of the cache has no rights yet.
    expect(results(report)).toEqual([
      ['corefile', 'ok'],
      ['log', 'skipped'],
      ['rights', 'error'],
      ['watch', 'ok'],
      ['otlp', 'note'],
      ['memory', 'ok'],
    ]);
    const missing = report.examinations[2]?.findings.filter(({ rule }) => rule === 'missing-right') ?? [];
    expect(new Set(missing.map(({ where }) => where))).toEqual(
      new Set(['account kube-system/node-local-dns']),
    );
    expect({ code, worst: report.worst }).toEqual({ code: 4, worst: 'error' });
  });

  test('labels that no pod has are a warning', async () => {
    const [{ code }, report] = await outside('--selector', 'app=none');
    expect({ code, worst: report.worst }).toEqual({ code: 3, worst: 'warning' });
    expect(report.examinations[0]?.findings.map(({ rule }) => rule)).toEqual(['no-dns-pods']);
  });

  test('rights that the account has through its groups count', async () => {
    const group = 'system:serviceaccounts:kube-system';
    await cluster.kubectl(['create', 'clusterrole', 'of-all', '--verb=list,watch', ALL_RESOURCES]);
    await cluster.kubectl([
      'create',
      'clusterrolebinding',
      'of-all',
      '--clusterrole=of-all',
      `--group=${group}`,
    ]);
    await until('the rights of both accounts', async () => {
      const [, { examinations }] = await outside();
      return examinations.find(({ name, result }) => name === 'rights' && result === 'ok');
    });
    await cluster.kubectl(['delete', 'clusterrolebinding/of-all', 'clusterrole/of-all']);
  });

  test('to list without to watch is not enough, and its advice helps', async () => {
    const account = '--serviceaccount=kube-system:node-local-dns';
    await cluster.kubectl(['create', 'clusterrole', 'list-only', '--verb=list', ALL_RESOURCES]);
    await cluster.kubectl(['create', 'clusterrolebinding', 'list-only', '--clusterrole=list-only', account]);
    const [, before] = await until('the role to be in force', async () => {
      const asked = await outside();
      const findings = asked[1].examinations[2]?.findings ?? [];
      return findings.filter(({ message }) => message.includes('may not watch')).length === 4
        ? asked
        : undefined;
    });
    const findings = before.examinations[2]?.findings.filter(({ rule }) => rule === 'missing-right') ?? [];
    expect(findings.map(({ message }) => message)).toEqual([
      'may not watch pods',
      'may not watch services',
      'may not watch endpointslices',
    ]);
    const [, input = ''] = /<<'EOF'\n([\s\S]*)EOF$/.exec(findings[0]?.fix ?? '') ?? [];
    await cluster.kubectl(['apply', '-f', '-', '--validate=strict'], { input });
    const code = await until('its advice to be in force', async () => {
      const [outcome, { examinations }] = await outside();
      return examinations[2]?.result === 'note' ? outcome.code : undefined;
    });
    expect(code).toBe(0);
  });

  test('a Corefile without log is found in the ConfigMap that the pods mount', async () => {
    const silent = readFixture('kubeadm.yaml').split('---\n')[0]?.replace('        log\n', '') ?? '';
    await cluster.kubectl(['apply', '-f', '-'], { input: silent });
    const [{ code }, report] = await outside('--platform', 'kubeadm');
    expect(report.examinations[0]?.findings).toMatchObject([
      {
        rule: 'no-query-log',
        where: 'ConfigMap coredns:1',
        fix: expect.stringContaining('kubectl -n kube-system edit configmap coredns'),
      },
    ]);
    expect(code).toBe(4);
  });

  test('from outside: the endpoint is that of the containers in the DNS pods', async () => {
    const input = await injectText(
      readFixture('kubeadm.yaml'),
      '--otlp-endpoint=http://tempo.example.org:4318',
    );
    await cluster.kubectl(['apply', '-f', '-'], { input });
    const otlp = await until('the new pods', async () => {
      const [, { examinations }] = await outside();
      return examinations.find(({ name, result }) => name === 'otlp' && result === 'warning');
    });
    // It is not tried from here: what leads there from a node may not from a laptop.
    expect(otlp.findings).toMatchObject([{ rule: 'otlp-needs-dns', where: 'http://tempo.example.org:4318' }]);
  });

  test('in the pod: the log, the rights of its own account, the watch', async () => {
    const logs = { source: dirname(coreDns.logFolder), target: '/var/log/pods', isReadOnly: true };
    const sandbox = { ...coreDns.pod.sandbox, mounts: [...coreDns.pod.sandbox.mounts, logs] };
    const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const [, report] = await ask(sandbox, ['--otlp-endpoint', 'http://kubernetes.default.svc:443'], env);
    // CoreDNS's account may not read ConfigMaps; the endpoint is a Service, found without DNS.
    expect(results(report).slice(0, 5)).toEqual([
      ['corefile', 'skipped'],
      ['log', 'ok'],
      ['rights', 'note'],
      ['watch', 'ok'],
      ['otlp', 'ok'],
    ]);
  });

  test('without its token it says so', async () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const [, report] = await ask(cluster.sandboxes.node1, [], env);
    expect(results(report)).toContainEqual(['watch', 'skipped']);
    expect(JSON.stringify(report)).toContain("the pod's service account cannot be read");
  });
});
