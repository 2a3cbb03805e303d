/** The rights that the manifests give, used with the accounts' own tokens: enough for corespan, and for nothing else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RIGHTS, VERBS } from '../../src/install/rights.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import { fetchIn } from './doors.ts';
import type { RealPod } from './kubelet.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { asUser } from './sandbox.ts';
import { until } from './until.ts';

/** What nobody who reads logs should be able to do. */
const FORBIDDEN = [
  ['get', 'secrets'],
  ['list', 'secrets'],
  ['list', 'configmaps'],
  ['create', 'pods'],
  ['delete', 'pods'],
  ['patch', 'pods'],
  ['create', 'pods/exec'],
  ['get', 'pods/log'],
  ['update', 'services'],
  ['impersonate', 'users'],
  ['create', 'clusterrolebindings'],
  ['patch', 'deployments.apps'],
] as const;

const ACCOUNTS = [
  { namespace: 'kube-system', name: 'coredns', isOurs: false },
  { namespace: 'kube-system', name: 'node-local-dns', isOurs: true },
  { namespace: 'corespan', name: 'corespan', isOurs: true },
] as const;

describeRealStack('the rights of corespan', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('install-rights'), log: () => {} });
    for (const name of ['reader', 'node-local-dns-rbac']) {
      await cluster.kubectl(['apply', '-k', `manifests/examples/${name}`]);
    }
  });
  afterAll(() => cluster?.stop());

  describe.each(ACCOUNTS)('of $namespace/$name', ({ namespace, name, isOurs }) => {
    let token: string;

    beforeAll(async () => {
      token = (await cluster.kubectl(['-n', namespace, 'create', 'token', name])).trim();
    });

    /** `kubectl auth can-i` says no with exit code 1. */
    async function can(verb: string, resource: string): Promise<boolean> {
      const argv = ['--token', token, 'auth', 'can-i', verb, resource, '-A'];
      return await cluster.kubectl(argv).then(
        (said) => said.trim() === 'yes',
        (error: Error) => {
          if (/exited with 1: (?:Warning:.*\n)?\s*no/.test(error.message)) return false;
          throw error;
        },
      );
    }

    test('everything that corespan asks for is allowed; nodes are no need', async () => {
      for (const { apiGroup, resource, isOptional } of RIGHTS) {
        const full = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
        for (const verb of VERBS)
          expect([verb, full, await can(verb, full)]).toEqual([verb, full, isOurs || !isOptional]);
      }
    });

    test('nothing else is', async () => {
      for (const [verb, resource] of FORBIDDEN) {
        expect([verb, resource, await can(verb, resource)]).toEqual([verb, resource, false]);
      }
    });

    test('the server keeps to what it says', async () => {
      expect(await cluster.kubectl(['--token', token, 'get', '--raw', '/api/v1/pods?limit=1'])).toContain(
        'PodList',
      );
      const secrets = cluster.kubectl(['--token', token, 'get', '--raw', '/api/v1/secrets']);
      await expect(secrets).rejects.toThrow('secrets is forbidden');
    });
  });

  describe('corespan itself, as a pod', () => {
    const needed = RIGHTS.filter(({ isOptional }) => !isOptional).map(({ resource }) => resource);
    test.each([
      ['k8s-app=kube-dns', 'coredns', needed],
      ['k8s-app=node-local-dns', 'node-local-dns', [...needed, 'nodes']],
    ] as const)('with %s has a complete view of the cluster', async (selector, name, complete) => {
      if (name === 'coredns')
        await cluster.kubectl(['-n', 'kube-system', 'scale', 'deployment', 'coredns', '--replicas=1']);
      const pod = await bindNext(selector);
      const port = name === 'coredns' ? 9464 : 9465;
      const nodeName = name === 'coredns' ? [] : ['--node-name', pod.node];
      const argv = [
        process.execPath,
        'bin/corespan.js',
        'run',
        '--log-dir',
        cluster.podLogs,
        '--listen',
        `:${port}`,
      ];
      const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
      const running = cluster.startIn(
        pod.sandbox,
        asUser({ user: 65_532, group: 0 }, [...argv, ...nodeName]),
        {
          name: `corespan-${name}`,
          env,
        },
      );
      const url = `http://${pod.address}:${port}`;
      // Not /readyz: that waits for a log, and no DNS server writes one here.
      const synced = await until('every watch that is allowed', async () => {
        const { body } = await fetchIn(cluster.sandboxes.node1.namespace, `${url}/metrics`);
        const lines = body.matchAll(/^corespan_watch_synced\{resource="(\w+)"\} 1$/gm);
        const found = [...lines].map(([, resource = '']) => resource).filter((one) => one !== 'node_caches');
        return found.length >= complete.length ? found : undefined;
      });
      expect(new Set(synced)).toEqual(new Set<string>(complete));
      await running.stop();
    });
  });

  async function bindNext(labelSelector: string): Promise<RealPod> {
    const pending = await until('the pod', async () =>
      (await cluster.api.list('/api/v1/namespaces/kube-system/pods', { labelSelector })).find(
        ({ spec }) => spec.nodeName === undefined && isFor('node1', spec),
      ),
    );
    return await cluster.bindPod(pending, { node: 'node1', dns: { resolvConf: 'nameserver 192.0.2.1\n' } });
  }
});

/** A DaemonSet's pod says in its affinity where it belongs. */
function isFor(node: string, spec: { readonly affinity?: object }): boolean {
  return spec.affinity === undefined || JSON.stringify(spec.affinity).includes(`"${node}"`);
}
