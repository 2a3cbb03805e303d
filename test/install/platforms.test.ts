/** What the table of platforms tells people to do makes CoreDNS log every query. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCorefile } from '../../src/install/corefile/blocks.ts';
import { findLogGaps } from '../../src/install/corefile/queryLog.ts';
import { toCorefileSource } from '../../src/install/corefile/source.ts';
import { PLATFORMS, type Platform, toPlatform } from '../../src/install/platforms.ts';

const folder = mkdtempSync(join(tmpdir(), 'corespan-platforms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = (path: string): string => readFileSync(`manifests/examples/${path}`, 'utf8');
const gaps = (text: string, other = ''): string[] => {
  const { text: corefile, findFiles } = toCorefileSource('x', text + other);
  return findLogGaps(parseCorefile(corefile, findFiles)).map(({ kind }) => kind);
};

it('kubeadm: the commands keep what was, let somebody edit, and look at the result', () => {
  const { snippet } = PLATFORMS.kubeadm.logging;
  const silent = readFileSync('test/fixtures/install/node-local-dns.yaml', 'utf8')
    .split('---\n')[1]
    ?.replaceAll('        log\n', '');
  writeFileSync(join(folder, 'coredns.yaml'), silent ?? '');
  // In place of kubectl: `get` prints the ConfigMap, `edit` writes log behind every errors.
  writeFileSync(
    join(folder, 'kubectl'),
    `#!/bin/sh\ncase "$*" in *get*) cat coredns.yaml ;; *edit*) sed -i 's/^ *errors$/&\\n        log/' coredns.yaml ;; esac\n`,
  );
  writeFileSync(
    join(folder, 'npx'),
    `#!/bin/sh\nshift 2\nexec ${process.execPath} ${resolve('bin/corespan.js')} "$@"\n`,
  );
  for (const name of ['kubectl', 'npx']) chmodSync(join(folder, name), 0o755);
  const { status, stdout } = spawnSync('sh', ['-ec', snippet.text], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}` },
  });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining('✔ corefile coredns-after.yaml'),
  });
  expect(gaps(silent ?? '')).toEqual(['no_log', 'no_log', 'no_log', 'no_log']);
  expect(readFileSync(join(folder, 'coredns-before.yaml'), 'utf8')).toBe(silent);
  expect(gaps(readFileSync(join(folder, 'coredns-after.yaml'), 'utf8'))).toEqual([]);
});

it.each(['k3s', 'aks', 'doks'] as const)(
  '%s: the ConfigMap brings log into the block that imports it',
  (name) => {
    const corefile = `kind: ConfigMap
metadata: {name: coredns}
data:
  Corefile: |
    .:53 {
        errors
        import /etc/coredns/custom/*.override
    }
    import /etc/coredns/custom/*.server
`;
    // The block, and the files of blocks.
    expect(gaps(corefile)).toEqual(['unread_import', 'unread_import']);
    expect(gaps(corefile, `---\n${example(`${name}/coredns-custom.yaml`)}`)).toEqual([]);
  },
);

it('EKS: the Corefile of the configuration value logs', () => {
  const { corefile } = JSON.parse(example('eks/configuration-values.json')) as { readonly corefile: string };
  expect(parseCorefile(corefile).problems).toEqual([]);
  expect(gaps(corefile)).toEqual([]);
});

it('RKE2: log is among the plugins', () => {
  const { spec } = parse(example('rke2/helm-chart-config.yaml')) as {
    readonly spec: { readonly valuesContent: string };
  };
  const { servers } = parse(spec.valuesContent) as { readonly servers: { plugins: { name: string }[] }[] };
  expect(servers.map(({ plugins }) => plugins.some(({ name }) => name === 'log'))).toEqual([true]);
});

it.each([
  ['v1.36.3', 'kind://docker/kind/kind-control-plane', 'kubeadm'],
  ['v1.34.1+k3s1', 'k3s://node', 'k3s'],
  ['v1.34.1+rke2r1', 'aws:///eu-west-1a/i-0', 'rke2'],
  ['v1.34.1-eks-3cfe0ce', 'aws:///eu-west-1a/i-0', 'eks'],
  ['v1.33.5-gke.1308000', 'gce://p/z/n', 'gke'],
  ['v1.36.3', 'aws:///eu-west-1a/i-0', undefined],
  ['v1.33.5', 'azure:///subscriptions/s', 'aks'],
  ['v1.33.5', 'digitalocean://1', 'doks'],
  ['v1.36.3', '', undefined],
])('a node with kubelet %s of %s is one of %s', (kubeletVersion, providerId, expected) => {
  expect(toPlatform([{ kubeletVersion, providerId }])).toBe(expected);
});

it('where logging can be switched on there is a way in, and the other way round', () => {
  for (const { logging, ways } of Object.values<Platform>(PLATFORMS)) {
    expect(ways.length > 0).toBe(logging !== undefined);
  }
});

it('a whole Corefile of the chart keeps DNS over TCP, which the chart opens only if told', () => {
  const { text } = PLATFORMS.rke2.logging.snippet;
  expect(text).toContain('- zone: .\n        use_tcp: true\n');
});
