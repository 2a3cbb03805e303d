/** `corespan inject` as it is typed: what it prints, what it refuses, and with which exit code. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Finished, runCorespan } from '../support/cli.ts';

const FIXTURES = resolve('test/fixtures/install');
const read = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'corespan-inject-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KUBEADM = join(FIXTURES, 'kubeadm.yaml');
const IMAGE = ['--image', 'registry.example.org/corespan:0.1.0'];

/** Said wherever it holds: kubectl brings the Namespace only if it is asked to. */
const toUnseen = (namespace: string): string =>
  `its Namespace was not given, so nobody checked that its Pod Security level allows a hostPath volume; give it too, as in kubectl get namespace/${namespace}\n`;
const UNSEEN = toUnseen('kube-system');

describe('corespan inject', () => {
  it('reads standard input, writes the manifest, and says what it did on standard error', async () => {
    const { code, stdout, stderr } = await runCorespan(['inject', ...IMAGE], { input: read('kubeadm.yaml') });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: read('kubeadm.injected.yaml'),
      stderr: `corespan: put into Deployment kube-system/coredns\ncorespan: Deployment kube-system/coredns: ${UNSEEN}`,
    });
  });

  it('takes corespan out again', async () => {
    const { code, stdout, stderr } = await runCorespan(['inject', '--uninject'], {
      input: read('kubeadm.injected.yaml'),
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: read('kubeadm.yaml'),
      stderr: 'corespan: taken out of Deployment kube-system/coredns\n',
    });
  });

  it('takes it out wherever it is, whatever selector it was put in with', async () => {
    const input = read('kubeadm.yaml').replaceAll('coredns', 'dns').replaceAll('kube-dns', 'mine');
    const own = ['--selector=k8s-app=mine', '--containers=dns', '--corefile=none'];
    const put = await runCorespan(['inject', ...IMAGE, ...own], { input });
    expect(put.stdout).toContain('- name: corespan');
    const { code, stdout } = await runCorespan(['inject', '--uninject'], { input: put.stdout });
    expect({ code, stdout }).toEqual({ code: 0, stdout: input });
    // But from no other pods than those that were named.
    const other = await runCorespan(['inject', '--uninject', '--selector=k8s-app=other'], {
      input: put.stdout,
    });
    expect(other).toMatchObject({
      stdout: put.stdout,
      stderr: 'corespan: there was no corespan to take out\n',
    });
  });

  it('does not take a reader for what was put in', async () => {
    const reader = readFileSync('manifests/components/reader/daemonset.yaml', 'utf8');
    expect((await runCorespan(['inject', '--uninject'], { input: reader })).stdout).toBe(reader);
  });

  it('gives a byte order mark back', async () => {
    const input = `\uFEFF${read('kubeadm.yaml')}`;
    const put = await runCorespan(['inject', ...IMAGE], { input });
    expect(put.stdout).toBe(`\uFEFF${read('kubeadm.injected.yaml')}`);
    expect((await runCorespan(['inject', '--uninject'], { input: put.stdout })).stdout).toBe(input);
  });

  it('prints no control character of a name', async () => {
    const input = read('kubeadm.yaml').replace(
      'kind: Deployment\nmetadata:\n  name: coredns',
      'kind: Deployment\nmetadata:\n  name: "coredns\\u001b[31m\\nx"',
    );
    const { stderr } = await runCorespan(['inject', ...IMAGE], { input });
    expect(stderr).toContain('put into Deployment kube-system/coredns?[31m?x\n');
  });

  it('tells a class of service that is lost, and how to keep it', async () => {
    const input = read('kubeadm.yaml').replace(
      /limits:\n( +)memory: 170Mi/,
      'limits:\n$1cpu: 100m\n$1memory: 70Mi',
    );
    const lost = 'its pods are Guaranteed and will be Burstable';
    expect((await runCorespan(['inject', ...IMAGE], { input })).stderr).toContain(lost);
    const keep = ['--cpu-request=250m', '--cpu-limit=250m', '--memory-request=256Mi', '--memory-limit=256Mi'];
    expect((await runCorespan(['inject', ...IMAGE, ...keep], { input })).stderr).not.toContain(lost);
    expect((await runCorespan(['inject', ...IMAGE], { input: read('kubeadm.yaml') })).stderr).not.toContain(
      lost,
    );
  });

  it('shows the change instead, for people to review', async () => {
    const { code, stdout } = await runCorespan(['inject', KUBEADM, ...IMAGE, '--diff']);
    expect(code).toBe(0);
    const changed = stdout.split('\n').filter((line) => /^[-+]/.test(line));
    expect(changed.slice(0, 3)).toEqual([
      `--- ${KUBEADM}`,
      `+++ ${KUBEADM} with corespan`,
      '+      - name: corespan',
    ]);
    expect(changed.slice(2).every((line) => line.startsWith('+'))).toBe(true);
    expect((await runCorespan(['inject', KUBEADM, '--uninject', '--diff'])).stdout).toBe('');
  });

  it('reads several files as one input', async () => {
    const paths = ['kubeadm.yaml', 'node-local-dns.yaml'].map((name) => join(FIXTURES, name));
    const { code, stdout, stderr } = await runCorespan(['inject', ...paths, ...IMAGE]);
    expect(code).toBe(0);
    expect(parseAllDocuments(stdout)).toHaveLength(5);
    expect(stderr.split('\n')).toEqual([
      'corespan: put into Deployment kube-system/coredns',
      'corespan: put into DaemonSet kube-system/node-local-dns',
      `corespan: Deployment kube-system/coredns: ${UNSEEN.trim()}`,
      `corespan: DaemonSet kube-system/node-local-dns: ${UNSEEN.trim()}`,
      expect.stringContaining('port 9464 has to be free on every node'),
      expect.stringContaining('its account has no rights of its own: kubectl apply -k manifests/'),
      '',
    ]);
  });

  it('makes variables of the options of run, and sizes the heap', async () => {
    const options = [
      '--otlp-endpoint=http://192.0.2.9:4318',
      '--sample-ratio=0.5',
      '--cluster-domain=a.test,b.test',
    ];
    const own = [
      '--memory-limit=512Mi',
      '--cpu-limit=none',
      '--listen=:9999',
      '--shutdown-timeout=2s',
      '--max-edges=2000',
    ];
    const { stdout } = await runCorespan(['inject', KUBEADM, ...IMAGE, ...options, ...own]);
    const container = toContainer(stdout);
    expect(container.env.filter(({ value }) => value !== undefined)).toEqual([
      { name: 'CORESPAN_CHECKPOINT', value: '/var/lib/corespan/checkpoint.json' },
      { name: 'CORESPAN_CLUSTER_DOMAIN', value: 'a.test,b.test' },
      { name: 'CORESPAN_LISTEN', value: ':9999' },
      { name: 'CORESPAN_MAX_EDGES', value: '2000' },
      { name: 'CORESPAN_OTLP_ENDPOINT', value: 'http://192.0.2.9:4318' },
      { name: 'CORESPAN_SAMPLE_RATIO', value: '0.5' },
      { name: 'CORESPAN_SHUTDOWN_TIMEOUT', value: '2000ms' },
      { name: 'NODE_OPTIONS', value: '--max-old-space-size=317' },
    ]);
    expect(container.ports).toEqual([{ name: 'corespan', containerPort: 9999, protocol: 'TCP' }]);
    expect(container.resources).toEqual({
      requests: { cpu: '25m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    });
  });

  it.each([
    ['nothing', [], {}, '2s'],
    ['a flag with the default of run', ['--shutdown-timeout=10s'], {}, '10000ms'],
    ['a variable with the default of run', [], { CORESPAN_SHUTDOWN_TIMEOUT: '10s' }, '10000ms'],
  ])('lets what was given beat the default of a cache: %s', async (_name, args, env, expected) => {
    const path = join(FIXTURES, 'node-local-dns.yaml');
    const { stdout } = await runCorespan(['inject', path, ...IMAGE, ...args], { env });
    const name = 'CORESPAN_SHUTDOWN_TIMEOUT';
    expect(toContainer(stdout).env.filter((one) => one.name === name)).toEqual([{ name, value: expected }]);
  });

  it('takes headers for the endpoint from a Secret, which may be missing', async () => {
    const { stdout } = await runCorespan(['inject', KUBEADM, ...IMAGE, '--otlp-headers-secret=tempo']);
    const name = 'OTEL_EXPORTER_OTLP_HEADERS';
    expect(toContainer(stdout).env.find((variable) => variable.name === name)).toEqual({
      name,
      valueFrom: { secretKeyRef: { name: 'tempo', key: name, optional: true } },
    });
  });

  it('refuses an address to listen on, which is the business of the pod', async () => {
    const { code, stderr } = await runCorespan(['inject', KUBEADM, ...IMAGE, '--listen=127.0.0.1:9464']);
    const said = '--listen: got the host 127.0.0.1, wants :PORT or none, as the address is that of the pod';
    expect({ code, stderr }).toEqual({ code: 2, stderr: `corespan: ${said}\n` });
  });

  it('leaves out what is switched off', async () => {
    const off = ['--listen=none', '--checkpoint-volume=none'];
    const container = toContainer((await runCorespan(['inject', KUBEADM, ...IMAGE, ...off])).stdout);
    expect(container).not.toHaveProperty('ports');
    expect(container).not.toHaveProperty('livenessProbe');
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(['corespan-logs']);
  });

  it("mounts Docker's folder where the kubelet's logs are links", async () => {
    const container = toContainer(
      (await runCorespan(['inject', KUBEADM, ...IMAGE, '--log-source=docker'])).stdout,
    );
    expect(container.volumeMounts).toContainEqual({
      name: 'corespan-docker',
      mountPath: '/var/lib/docker/containers',
      readOnly: true,
    });
  });
});

describe('what cannot work is refused with the reason, and nothing is printed', () => {
  const kubeadm = read('kubeadm.yaml');
  const nodeLocal = read('node-local-dns.yaml');
  const namespace = (level: string): string =>
    `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: kube-system\n  labels: {pod-security.kubernetes.io/enforce: ${level}}\n---\n`;

  it.each([
    {
      name: 'no log in the Corefile given along',
      input: kubeadm.replace('        log\n', ''),
      said: 'Deployment kube-system/coredns: ConfigMap coredns:1: block .:53 has no log: its queries leave no line',
    },
    {
      name: 'no log in one block of four',
      input: nodeLocal.replace(
        'in-addr.arpa:53 {\n        errors\n        log\n',
        'in-addr.arpa:53 {\n        errors\n',
      ),
      said: 'ConfigMap node-local-dns:17: block in-addr.arpa:53 has no log',
    },
    {
      name: 'a broken Corefile',
      input: kubeadm.replace('        loadbalance\n    }\n', '        loadbalance\n'),
      said: 'is not closed',
    },
    {
      name: 'restricted namespace',
      input: namespace('restricted') + kubeadm,
      said: 'enforces the Pod Security level restricted, which forbids the hostPath volume',
    },
    {
      name: 'baseline namespace',
      input: namespace('baseline') + kubeadm,
      said: 'Pod Security level baseline',
    },
    {
      name: 'a port of the pod',
      input: kubeadm,
      args: ['--listen=:9153'],
      said: 'port 9153 is taken in this pod; choose another one with --listen',
    },
    {
      name: 'a port of the host',
      input: nodeLocal,
      args: ['--listen=:8080'],
      said: 'port 8080 is taken on the host network',
    },
    {
      name: 'a limit below the request',
      input: kubeadm,
      args: ['--memory-limit=100Mi'],
      said: 'it requests more memory (128Mi) than its limit (100Mi)',
    },
    {
      name: 'a limit on CPU below the request',
      input: kubeadm,
      args: ['--cpu-limit=10m'],
      said: 'it requests more CPU (25m) than its limit (10m)',
    },
    {
      name: 'resources of the pod as a whole that leave nothing',
      input: kubeadm.replace(
        '      containers:\n',
        '      resources: {requests: {memory: 100Mi}}\n      containers:\n',
      ),
      said: 'its pods have memory as a whole (spec.resources), and too little',
    },
    {
      name: 'an init container of our name',
      input: kubeadm.replace(
        '      containers:\n',
        '      initContainers: [{name: corespan, image: x}]\n      containers:\n',
      ),
      said: 'one of its init containers is named corespan already',
    },
    {
      name: 'volumes that are nothing',
      input: kubeadm.replace(/ {6}volumes:\n[\s\S]*$/, '      volumes:\n'),
      args: ['--corefile=none'],
      said: 'and volumes without a list as volumes: []',
    },
    {
      name: 'aliases that grow without end',
      input: `a: &a [${'x,'.repeat(9)}]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h']
        .map((key, at) => `${key}: &${key} [${`*${'abcdefg'[at]},`.repeat(9)}]\n`)
        .join('')}`,
      said: 'no YAML that can be read: ',
    },
    {
      name: 'no container that is read',
      input: kubeadm.replace('- name: coredns\n', '- name: dnsmasq\n'),
      args: ['--selector=k8s-app=kube-dns'],
      said: 'none of its containers (dnsmasq) is one whose log corespan reads',
    },
    {
      name: 'kube-dns of old',
      input: kubeadm
        .replace('- name: coredns\n', '- name: kubedns\n')
        .replace(
          'name: coredns\n  namespace: kube-system\n  labels',
          'name: kube-dns\n  namespace: kube-system\n  labels',
        ),
      said: 'there is no Deployment or DaemonSet of DNS pods',
    },
    {
      name: 'no DNS at all',
      input: kubeadm,
      args: ['--selector=app=other'],
      said: 'no pod template has the labels app=other',
    },
    { name: 'no Kubernetes', input: 'hello', said: 'there is no Kubernetes object in the input' },
    { name: 'no YAML', input: 'a: [', said: 'no YAML: ' },
    { name: 'Windows', input: kubeadm.replace('os: linux', 'os: windows'), said: 'run on Windows' },
  ])('$name', async ({ input, args = [], said }) => {
    const refused = await runCorespan(['inject', ...IMAGE, ...args], { input });
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(said);
    expect(refused.stderr).not.toMatch(/^\s+at /m);
  });

  it('without an image, since one that cannot be pulled makes DNS pods unready', async () => {
    const { code, stdout, stderr } = await runCorespan(['inject', KUBEADM]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--image: got nothing, wants an image of corespan that every node can pull');
  });

  it.each([
    ['--image=a b', '--image: got "a b", wants a reference'],
    ['--image=UPPER:x', '--image: got "UPPER:x", wants a reference'],
    ['--otlp-headers-secret=A_b', '--otlp-headers-secret: got "A_b", wants the name of a Secret'],
    ['--listen=:0', '--listen: got port 0'],
    ['--cpu-limit=0', '--cpu-limit: got "0", wants a quantity'],
    ['--cpu-request=fast', '--cpu-request: got "fast", wants a quantity'],
    ['--memory-limit=64Mi', '--memory-limit: got "64Mi", wants a quantity of 96Mi at least'],
    ['--memory-request=much', '--memory-request: got "much", wants a quantity'],
  ])('wrong usage: %s', async (arg, said) => {
    const { code, stdout, stderr } = await runCorespan(['inject', KUBEADM, ...IMAGE, arg]);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });

  it.each([['no/such.yaml'], [KUBEADM, '--corefile', 'no/such']])(
    'a file that is not there: %s %s',
    async (...args) => {
      const { code, stderr } = await runCorespan(['inject', ...args, ...IMAGE]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('no/such')]);
    },
  );
});

describe('the Corefile', () => {
  const corefile = (text: string): string => {
    const path = join(folder, 'Corefile');
    writeFileSync(path, text);
    return path;
  };
  const injectWith = (...args: string[]): Promise<Finished> =>
    runCorespan(['inject', join(FIXTURES, 'bare.yaml'), ...IMAGE, ...args]);

  it('nobody has seen is mentioned', async () => {
    expect((await injectWith()).stderr).toContain(
      'its Corefile was not given, so nobody checked that it says log',
    );
    expect((await injectWith('--corefile=none')).stderr).toBe(
      `corespan: put into Deployment dns/coredns\ncorespan: Deployment dns/coredns: ${toUnseen('dns')}`,
    );
  });

  it('may be named', async () => {
    expect(await injectWith('--corefile', corefile('. {\n log\n}'))).toMatchObject({ code: 0 });
    expect(await injectWith('--corefile', corefile('. {\n errors\n}'))).toMatchObject({ code: 1 });
  });

  it('may be a ConfigMap with what it imports', async () => {
    const maps = (override: string): string => `apiVersion: v1
kind: List
items:
- kind: ConfigMap
  metadata: {name: coredns}
  data: {Corefile: ".:53 {\\n import custom/*.override\\n}\\n"}
- kind: ConfigMap
  metadata: {name: coredns-custom}
  data: {${override}: "log"}
`;
    expect(await injectWith('--corefile', corefile(maps('log.override')))).toMatchObject({ code: 0 });
    expect(await injectWith('--corefile', corefile(maps('log.server')))).toMatchObject({ code: 1 });
  });

  it('that logs a part is a note', async () => {
    const { code, stderr } = await injectWith('--corefile', corefile('. {\n log . {\n  class error\n }\n}'));
    expect([code, stderr]).toEqual([0, expect.stringContaining('logs only answers of class error')]);
  });
});

interface Written {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: unknown;
  readonly resources: unknown;
  readonly volumeMounts: readonly { readonly name: string }[];
}

function toContainer(text: string): Written {
  for (const document of parseAllDocuments(text)) {
    const containers = document.getIn(['spec', 'template', 'spec', 'containers'], true);
    const all = (containers as { toJS?(from: unknown): (Written & { name: string })[] } | undefined)?.toJS?.(
      document,
    );
    const found = all?.find(({ name }) => name === 'corespan');
    if (found !== undefined) return found;
  }
  throw new Error('no container named corespan');
}
