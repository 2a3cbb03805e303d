/** `corespan doctor` without a cluster: what it finds in files, what it prints, and its exit codes. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/install/doctor/cluster.ts';
import { examine, type Patient } from '../../src/install/doctor/examine.ts';
import { examineLog, isWithoutDnsPod } from '../../src/install/doctor/log.ts';
import { examineMemory, readMemoryLimit } from '../../src/install/doctor/memory.ts';
import { examineOtlp } from '../../src/install/doctor/otlp.ts';
import type { Examination } from '../../src/install/doctor/rules.ts';
import { RULES, toWorst } from '../../src/install/doctor/rules.ts';
import { runCorespan } from '../support/cli.ts';
import { listen } from '../support/listen.ts';

const folder = mkdtempSync(join(tmpdir(), 'corespan-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const logging = write('Corefile.logging', '.:53 {\n log\n}\n');
const silent = write('Corefile.silent', 'a.test:53 {\n log\n}\n.:53 {\n errors\n}\n');
const partial = write('Corefile.partial', '. {\n log . {\n  class error\n }\n}\n');
const broken = write('Corefile.broken', '. {\n log\n');
write('pods/kube-system_coredns-1_u-1/coredns/0.log', '2026-11-21T12:00:00Z stdout F .:53\n');
write('quiet/coredns/0.log', '');
write('beside-a-file/kube-system_coredns-1_u-1/coredns/0.log', 'x');
write('beside-a-file/a_stray_file', 'x');
const kubeconfig = write(
  'kubeconfig',
  JSON.stringify({
    kind: 'Config',
    clusters: [{ name: 'a', cluster: { server: 'https://192.0.2.1' } }],
    users: [{ name: 'a', user: {} }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
  }),
);
const ALONE = ['--cluster', 'none', '--log-dir', join(folder, 'pods')];

describe('corespan doctor', () => {
  it.each([
    [0, 'nothing', logging, 'none'],
    [3, 'a warning', partial, 'warning'],
    [4, 'an error', silent, 'error'],
    [4, 'a Corefile that CoreDNS refuses', broken, 'error'],
  ])('ends with %i for %s', async (code, _what, corefile, worst) => {
    const args = ['doctor', '--corefile', corefile, ...ALONE, '--json'];
    const result = await runCorespan(args, { env: { CORESPAN_OTLP_ENDPOINT: 'none' } });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: '' });
    const report = JSON.parse(result.stdout) as {
      readonly worst: string;
      readonly examinations: { name: string; result: string }[];
    };
    // That spans are off is a note.
    expect(report.worst).toBe(worst === 'none' ? 'note' : worst);
    expect(report.examinations.map(({ name, result: one }) => [name, one])).toEqual([
      ['corefile', worst === 'none' ? 'ok' : worst],
      ['log', 'ok'],
      ['rights', 'skipped'],
      ['watch', 'skipped'],
      ['otlp', 'note'],
      ['memory', 'skipped'],
    ]);
  });

  it.each([
    [['--kubeconfig', 'no/such'], '--kubeconfig: there is no file no/such'],
    [['--kubeconfig', kubeconfig, '--context', 'nope'], '--context: there is no context nope, only a'],
    [['--cluster', 'none', '--log-dir', 'no/such'], 'there was nothing to look at'],
    [
      ['--cluster', '/nope'],
      '--cluster: got "/nope", wants auto, none or a recording that exists; there is nothing of that name',
    ],
  ])('ends with 2 where it could look at nothing: %j', async (args, said) => {
    const { code, stderr } = await runCorespan(['doctor', ...args], { env: { HOME: folder } });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  });

  it('of a log line that is there already it says that it has to be replaced', async () => {
    const { stdout } = await runCorespan(['doctor', '--corefile', partial, ...ALONE, '--platform', 'aks']);
    expect(stdout).toContain('      replace the log lines of the block by one line "log"');
    expect(stdout).not.toContain('corespan.override');
  });

  it('names the block, and how its platform does it', async () => {
    const { stdout } = await runCorespan(['doctor', '--corefile', silent, ...ALONE, '--platform', 'aks']);
    expect(stdout).toContain(
      `✖ ${silent}:4 no-query-log: block .:53 has no log: its queries leave no line\n`,
    );
    expect(stdout).toContain('      corespan.override: |');
    expect(stdout).toContain('rollout restart deployment coredns');
    expect(stdout).not.toContain('a.test');
  });

  it.each(['eks', 'rke2'])('does not have a Corefile replaced on %s without a word', async (platform) => {
    const { stdout } = await runCorespan(['doctor', '--corefile', silent, ...ALONE, '--platform', platform]);
    expect(stdout).toContain('      # This is a whole Corefile: put `log` into yours;');
    const page = readFileSync(`docs/install/platforms/${platform}.md`, 'utf8');
    expect(page).toContain('**This is a whole Corefile: put `log` into yours;');
  });

  it('is advised in the pod of a reader, and not beside DNS, where memory is short', async () => {
    const { stdout } = await runCorespan(['help', 'doctor']);
    for (const text of [stdout, readFileSync('docs/install/README.md', 'utf8')]) {
      expect(text.match(/ exec .*/g)?.filter((line) => line.includes('corespan doctor'))).toHaveLength(1);
      expect(text).not.toContain('ds/corespan');
      expect(text).not.toMatch(/ exec .*(coredns|node-local-dns)/);
    }
  });

  it('does not ask another cluster than the recording that was named', async () => {
    const args = ['doctor', '--cluster', 'examples/shop/cluster', '--corefile', logging, '--json'];
    const env = { KUBECONFIG: kubeconfig, HOME: folder, CORESPAN_OTLP_ENDPOINT: 'none' };
    const { code, stdout } = await runCorespan([...args, '--log-dir', join(folder, 'pods')], { env });
    const { examinations } = JSON.parse(stdout) as { examinations: { result: string; looked: string }[] };
    const missing = '--cluster examples/shop/cluster: a recording has no API server to ask';
    expect({ code, looked: examinations.map(({ result, looked }) => [result, looked]) }).toEqual({
      code: 0,
      looked: [
        ['ok', logging],
        ['ok', join(folder, 'pods')],
        ['skipped', missing],
        ['skipped', missing],
        ['note', 'spans are off'],
        ['skipped', 'corespan is in no DNS pod'],
      ],
    });
  });

  it('prints no control character of a Corefile', async () => {
    const hostile = write('Corefile.hostile', '\u001b[31mred {\n errors\n}\n');
    const { stdout } = await runCorespan(['doctor', '--corefile', hostile, ...ALONE]);
    expect(stdout).toContain('block ?[31mred has no log');
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    [['--corefile', 'no/such'], '--corefile: cannot be read'],
    [['--platform', 'mars'], '--platform: got "mars", wants one of kubeadm'],
    [['x'], 'x: doctor takes no path, see --corefile'],
  ])('refuses %j', async (args, said) => {
    const { code, stdout, stderr } = await runCorespan(['doctor', ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });
});

describe('the log', () => {
  const rules = (dir: string): string[] => examineLog(join(folder, dir), ['coredns']).map(({ rule }) => rule);

  it.each([
    ['pods', []],
    ['pods/kube-system_coredns-1_u-1', []],
    ['quiet', ['log-empty']],
    ['beside-a-file', []],
    ['nowhere', ['log-missing']],
    ['pods/kube-system_coredns-1_u-1/coredns', ['log-missing']],
  ])('in %s: %j', (dir, expected) => {
    expect(rules(dir)).toEqual(expected);
  });

  it.each([
    ['on a node without a DNS pod', 'other', ['coredns-1'], true],
    ['on the node of one, whose container has another name', 'renamed', ['coredns-0', 'coredns-1'], false],
    ['where nobody knows the DNS pods', 'other', [], false],
    ['that is not mounted', 'nowhere', ['coredns-1'], false],
    ['in the own folder of a DNS pod', 'own', ['coredns-1'], false],
  ])('that is missing %s', (_name, dir, names, isExcused) => {
    write('other/shop_web-1_u-2/web/0.log', 'x');
    write('other/kube-system_coredns-10_u-3/sidecar/0.log', 'x');
    write('renamed/kube-system_coredns-1_u-1/my-dns/0.log', 'x');
    write('own/corespan/0.log', 'x');
    expect(rules(dir)).toEqual(['log-missing']);
    const pods = names.map((name) => ({ metadata: { namespace: 'kube-system', name, uid: name } }));
    expect(isWithoutDnsPod(join(folder, dir), pods)).toBe(isExcused);
  });

  it('of another node is nothing to find in a reader, and of its own an error', async () => {
    write('another/shop_web-1_u-2/web/0.log', 'x');
    write('renamed/kube-system_coredns-1_u-1/my-dns/0.log', 'x');
    const ask = async (dir: string): Promise<Examination> => {
      const metadata = { namespace: 'kube-system', name: 'coredns-1', uid: 'u-1' };
      const reader = {
        dnsPods: () => Promise.resolve([{ metadata, spec: { containers: [] } }]),
      } as Partial<ClusterReader> as ClusterReader;
      const patient = { cluster: { reader }, isInPod: true, corefile: 'none' } as Partial<Patient>;
      const own = { logDir: join(folder, dir), containers: ['coredns'] };
      for await (const one of examine({ ...patient, ...own } as Patient)) if (one.name === 'log') return one;
      throw new Error('nobody looked at the log');
    };
    expect(await ask('another')).toEqual({
      name: 'log',
      looked:
        'no DNS pod is on this node; run the doctor in the reader of a node that has one (kubectl get pods -o wide)',
      isSkipped: true,
      findings: [],
    });
    expect(await ask('renamed')).toMatchObject({ isSkipped: false, findings: [{ rule: 'log-missing' }] });
  });

  it('that may not be read', async () => {
    const path = write('secret/coredns/0.log', 'x');
    chmodSync(path, 0o000);
    chmodSync(join(folder, 'secret'), 0o755);
    chmodSync(folder, 0o755);
    // Root reads everything, so somebody else has to look.
    const child = `import('${join(process.cwd(), 'src/install/doctor/log.ts')}').then((m) => process.stdout.write(JSON.stringify(m.examineLog('${join(folder, 'secret')}', ['coredns']))))`;
    const { spawnSync } = await import('node:child_process');
    const isRoot = process.getuid?.() === 0;
    const { stdout } = spawnSync(process.execPath, ['-e', child], {
      encoding: 'utf8',
      ...(isRoot && { uid: 65_532, gid: 65_532 }),
    });
    expect(JSON.parse(stdout)).toEqual([
      {
        rule: 'log-unreadable',
        where: path,
        message: 'cannot be read (EACCES)',
        fix: expect.stringContaining('runAsUser: 0'),
      },
    ]);
  });
});

describe('the memory', () => {
  const MIB = 2 ** 20;
  const rules = (limit: number | undefined, heap: number | undefined, pods = 10): string[] =>
    examineMemory({ where: 'x', limit, heap, pods }).map(({ rule }) => rule);

  it.each([
    ['as suggested', 256 * MIB, 158 * MIB, 10, []],
    ['without a limit', undefined, undefined, 10, ['memory-too-small']],
    ['below what Node needs', 64 * MIB, 32 * MIB, 10, ['memory-too-small']],
    ['for a large cluster', 128 * MIB, 64 * MIB, 50_000, ['memory-too-small']],
    // 50,000 pods: a peak of 163 MB without a line.
    ['below the peak of a large cluster', 160 * MIB, 96 * MIB, 50_000, ['memory-too-small']],
    ['as suggested, of a large cluster', 256 * MIB, 158 * MIB, 50_000, []],
    ['with a heap of its own choice', 256 * MIB, undefined, 10, ['heap-above-limit']],
    ['with a heap that is too large', 256 * MIB, 256 * MIB, 10, ['heap-above-limit']],
  ])('%s', (_name, limit, heap, pods, expected) => {
    expect(rules(limit, heap, pods)).toEqual(expected);
  });
});

describe('the limit on memory', () => {
  it.each([
    ['v2/memory.max', '268435456\n', 268_435_456],
    ['v2-without/memory.max', 'max\n', 'none'],
    ['v1/memory/memory.limit_in_bytes', '268435456\n', 268_435_456],
    ['v1-without/memory/memory.limit_in_bytes', '9223372036854771712\n', 'none'],
    ['elsewhere/cpu.max', 'max 100000\n', undefined],
  ])('of %s', (path, text, expected) => {
    write(path, text);
    expect(readMemoryLimit(join(folder, path.split('/')[0] ?? ''))).toBe(expected);
  });
});

describe('the OTLP endpoint', () => {
  const asService = (address: string | undefined) => () => Promise.resolve({ address });
  const ask = async (
    endpoint: string,
    given: Partial<Parameters<typeof examineOtlp>[0]> = {},
  ): Promise<string[]> => {
    const findService = (): Promise<undefined> => Promise.resolve(undefined);
    const findings = await examineOtlp({ endpoint, findService, reach: 'everything', ...given });
    return findings.map(({ rule }) => rule);
  };

  it('that answers, by its address or as a Service', async () => {
    const server = createServer();
    const port = await listen(server);
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual([]);
    expect(await ask(`http://tempo.monitoring:${port}`, { findService: asService('127.0.0.1') })).toEqual([]);
    await once(server.close(), 'close');
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual(['otlp-unreachable']);
  });

  it('that is a Service cannot be tried from outside', async () => {
    const findService = asService('127.0.0.1');
    expect(await ask('http://tempo.monitoring:1', { findService, reach: 'no services' })).toEqual([]);
  });

  it('of somebody else is judged by its name alone', async () => {
    expect(await ask('http://127.0.0.1:1', { reach: 'nothing' })).toEqual([]);
    expect(await ask('http://127.0.0.1:1')).toEqual(['otlp-unreachable']);
    expect(await ask('http://does-not-exist.invalid:1', { reach: 'nothing' })).toEqual(['otlp-needs-dns']);
  });

  it('that is a headless Service has no address', async () => {
    const findService = asService(undefined);
    for (const reach of ['no services', 'nothing'] as const) {
      expect(await ask('http://tempo.monitoring:4318', { findService, reach })).toEqual(['otlp-needs-dns']);
    }
  });

  it.each(['tempo:4318', 'tempo.monitoring', 'grpc://tempo:4317', '://'])(
    '%s is no URL of HTTP',
    async (endpoint) => {
      expect(await ask(endpoint)).toEqual(['otlp-wrong']);
    },
  );

  it('is the one that run takes: of the variables for traces before that for all', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://192.0.2.9:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1',
    };
    const { code, stdout } = await runCorespan(['doctor', '--corefile', logging, ...ALONE], { env });
    expect(stdout).toContain('✖ http://127.0.0.1:1 otlp-unreachable: 127.0.0.1:1: ECONNREFUSED');
    expect(code).toBe(4);
  });

  it('whose name does not resolve', async () => {
    expect(await ask('http://does-not-exist.invalid:4318')).toEqual(['otlp-needs-dns', 'otlp-unreachable']);
  });
});

it('the worst finding decides', () => {
  const at = { where: '', message: '' };
  expect(toWorst([])).toBeUndefined();
  expect(toWorst([{ rule: 'otlp-off', ...at }])).toBe('note');
  expect(
    toWorst([
      { rule: 'otlp-off', ...at },
      { rule: 'log-empty', ...at },
    ]),
  ).toBe('warning');
  expect(
    toWorst([
      { rule: 'no-query-log', ...at },
      { rule: 'log-empty', ...at },
    ]),
  ).toBe('error');
  expect(Object.keys(RULES).length).toBeGreaterThan(10);
});
