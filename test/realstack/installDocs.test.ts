/** What the pages of docs/install tell people to type, typed: every `sh` block, in order, against the real API server. */
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealCluster, startCluster } from './cluster.ts';
import { attempt, type Outcome } from './commands.ts';
import { type PodSpec, readFixture } from './installing.ts';
import { toBinary } from './programs.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { toArgv } from './sandbox.ts';
import { until } from './until.ts';

const NEEDS = { ...CLUSTER_NEEDS, programs: [...CLUSTER_NEEDS.programs, 'helm'] } as const;

/** Blocks marked `console` are for reading: they need nodes, a registry or a cloud. */
const PAGES = ['reader', 'rollout', 'inject', 'policy', 'helm'] as const;

describeRealStack('the pages of docs/install', NEEDS, () => {
  let cluster: RealCluster;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('install-docs'), log: () => {} });
    const input = [readFixture('kubeadm.yaml'), readFixture('node-local-dns.yaml')].join('---\n');
    await cluster.kubectl(['apply', '-f', '-'], { input });
    folder = createCheckout(cluster.runFolder);
  });
  afterAll(() => cluster?.stop());

  /** As somebody's shell in a checkout: stops at the first command that fails. */
  async function attemptScript(script: string): Promise<Outcome> {
    const argv = [
      'env',
      `PATH=${folder}/bin:${process.env['PATH']}`,
      'bash',
      '-euo',
      'pipefail',
      '-c',
      `cd ${folder}; ${script}`,
    ];
    return await attempt(toArgv(cluster.sandboxes.controlPlane, argv), {
      env: { HOME: cluster.runFolder, KUBECONFIG: cluster.controlPlane.kubeconfig },
      timeout: 120_000,
    });
  }

  async function type(script: string): Promise<string> {
    const { code, stdout, stderr } = await attemptScript(script);
    expect({ script, code, stderr: code === 0 ? '' : stderr }).toEqual({ script, code: 0, stderr: '' });
    return stdout;
  }

  /**
   * A controller may write between what was printed and what was applied. What was printed may lie in a file since an
   * earlier block: people begin the page again.
   */
  async function typePage(blocks: readonly string[], again = 5): Promise<void> {
    for (const block of blocks) {
      const { code, stderr } = await attemptScript(block);
      if (code !== 0 && again > 0 && stderr.includes('(Conflict)')) return await typePage(blocks, again - 1);
      expect({ block, code, stderr: code === 0 ? '' : stderr }).toEqual({ block, code: 0, stderr: '' });
      if (block.includes('maxSurge')) await expectOneNewPod();
      if (block.includes('--uninject')) await expectTakenOut();
    }
  }

  /** What rollout.md promises: one new pod, and every old one is there while the new one is not Ready. */
  async function expectOneNewPod(): Promise<void> {
    const path = '/apis/apps/v1/namespaces/kube-system';
    await until('the new pod', async () => {
      const { metadata, status } = await cluster.api.get(`${path}/deployments/coredns`);
      if (status?.observedGeneration !== metadata['generation']) return undefined;
      return status?.replicas === 3 && status.updatedReplicas === 1 ? true : undefined;
    });
    const sets = await cluster.api.list(`${path}/replicasets`, { labelSelector: 'k8s-app=kube-dns' });
    const count = (isNew: boolean): number =>
      sets
        .filter(({ spec }) => isNew === hasCorespan(spec.template.spec as PodSpec))
        .reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0);
    expect({ new: count(true), old: count(false) }).toEqual({ new: 1, old: 2 });
  }

  async function expectTakenOut(): Promise<void> {
    const path = '/apis/apps/v1/namespaces/kube-system/deployments/coredns';
    const { spec } = await cluster.api.get(path);
    const { containers, volumes = [] } = spec.template.spec as PodSpec;
    expect(
      [...containers, ...volumes].map(({ name }) => name).filter((name) => name.includes('corespan')),
    ).toEqual([]);
  }

  test.each(PAGES)(
    '%s',
    async (page) => {
      const blocks = toBlocks(readFileSync(`docs/install/${page}.md`, 'utf8'), 'sh');
      expect(blocks.length).toBeGreaterThan(1);
      // The page of the reader takes it away without waiting for the end of its namespace.
      await until('the end of the namespace', async () =>
        (await type('kubectl get namespace corespan --ignore-not-found')) === '' ? true : undefined,
      );
      await typePage(blocks);
    },
    240_000,
  );

  test('the README', async () => {
    const section = readFileSync('README.md', 'utf8').split('## Install it')[1]?.split('\n## ')[0] ?? '';
    const [block = ''] = toBlocks(section, 'sh');
    expect(await type(block)).toMatch(/^\+ +- name: corespan$/m);
  });

  test('the kustomization of kustomize.md', async () => {
    const [kustomization = ''] = toBlocks(readFileSync('docs/install/kustomize.md', 'utf8'), 'yaml');
    writeFileSync(join(folder, 'coredns.yaml'), readFixture('kubeadm.yaml'));
    writeFileSync(join(folder, 'kustomization.yaml'), kustomization);
    expect(await type('kubectl kustomize .')).toContain('image: registry.example.org/corespan:0.1.0');
  });

  test('a command that fails would be noticed (twin)', async () => {
    await expect(type('kubectl get nothing-of-that-kind; true')).rejects.toThrow(/deeply equal/);
  });
});

function hasCorespan({ containers }: PodSpec): boolean {
  return containers.some(({ name }) => name === 'corespan');
}

function toBlocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}

/** What a reader has before them: the manifests, and corespan, kubectl and helm on the path. */
function createCheckout(runFolder: string): string {
  const folder = join(runFolder, 'checkout');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  cpSync('manifests', join(folder, 'manifests'), { recursive: true });
  symlinkSync(toBinary('kube', 'kubectl'), join(bin, 'kubectl'));
  symlinkSync(toBinary('helm', 'helm'), join(bin, 'helm'));
  // npx would look for a package in this folder.
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1 $2" = "--no corespan" ] || exit 64\nshift 2\nexec ${process.execPath} ${resolve('bin/corespan.js')} "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  return folder;
}
