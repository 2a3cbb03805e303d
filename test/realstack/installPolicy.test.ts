/** The admission policy, in the real API server: DNS pods get corespan as they are made, and are made in any case. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from './api.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import { expectDescribed, type PodSpec, toOurPart } from './installing.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { until } from './until.ts';

const PODS = '/api/v1/namespaces/kube-system/pods';
const FOLDER = 'manifests/examples/admission-policy';

describeRealStack('the admission policy', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;

  beforeAll(async () => {
    // As in a real cluster, where ServiceAccount admission mounts the token.
    const apiServerFlags = ['--disable-admission-plugins=DefaultTolerationSeconds'];
    cluster = await startCluster({ runFolder: toRunFolder('install-policy'), log: () => {}, apiServerFlags });
    await until('the accounts of pods', () =>
      cluster.api.get('/api/v1/namespaces/kube-system/serviceaccounts/default'),
    );
    await until('the certificate for pods', () =>
      cluster.api.get('/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt'),
    );
    await cluster.kubectl(['apply', '-k', FOLDER, '--validate=strict']);
    // Each policy on its own: the server takes them up one after the other.
    for (const pod of [toPod(), toPod(CACHE)]) {
      await until('the policy to be in force', async () => (await dryRun(pod)) !== undefined || undefined);
    }
  });
  afterAll(() => cluster?.stop());

  async function make(pod: object, query = ''): Promise<KubeObject> {
    return await cluster.api.create(`${PODS}${query}`, pod);
  }

  /** corespan's part of the pod, if it were made. */
  async function dryRun(pod: object): Promise<ReturnType<typeof toOurPart>> {
    return toOurPart((await make(pod, '?dryRun=All'))['spec'] as PodSpec);
  }

  test('the server compiles every expression before it takes a policy (twin)', async () => {
    const [policy = ''] = readFileSync('manifests/components/admission-policy/coredns.yaml', 'utf8').split(
      '---\n',
    );
    const taken = await cluster.kubectl(['apply', '-f', '-', '--dry-run=server'], { input: policy });
    expect(taken).toContain('mutatingadmissionpolicy.admissionregistration.k8s.io/corespan-coredns');
    for (const [right, wrong] of [
      ['JSONPatch{op:', 'JSONPatch{opp:'],
      ['containers.exists(', 'containers.exist('],
      ['params.data.filter(', 'params.data.filtered('],
    ] as const) {
      expect(policy).toContain(right);
      const input = policy.replaceAll(right, wrong);
      await expect(cluster.kubectl(['apply', '-f', '-', '--dry-run=server'], { input })).rejects.toThrow(
        / is invalid: [\s\S]*expression: Invalid value/,
      );
    }
  });

  test('the next pod that the ReplicaSet controller makes has the container of the description, and the token', async () => {
    await cluster.kubectl(['-n', 'kube-system', 'scale', 'deployment', 'coredns', '--replicas=1']);
    const pod = await untilPod('k8s-app=kube-dns');
    const spec = pod['spec'] as PodSpec;
    expectDescribed(spec, 'coredns');
    expect(spec.containers.map(({ name }) => name)).toEqual(['coredns', 'corespan']);
    const mounts = spec.containers.map(
      ({ volumeMounts = [] }) => volumeMounts.filter(({ name }) => name.startsWith('kube-api-access')).length,
    );
    expect(mounts).toEqual([1, 1]);
  });

  test('so has that of a NodeLocal DNSCache, with its own settings', async () => {
    await cluster.kubectl([
      '-n',
      'kube-system',
      'delete',
      'pods',
      '-l',
      'k8s-app=node-local-dns',
      '--force',
      '--grace-period=0',
    ]);
    const pod = await until('a new pod of the cache', async () =>
      (await cluster.api.list(PODS, { labelSelector: 'k8s-app=node-local-dns' })).find(({ spec }) =>
        toOurPart(spec as PodSpec),
      ),
    );
    expectDescribed(pod['spec'] as PodSpec, 'node-local-dns');
  });

  test.each([
    ['another app', { labels: { 'k8s-app': 'metrics-server' } }],
    ['the old kube-dns', { container: 'kubedns' }],
    ['one that does not want it', { annotations: { 'corespan/inject': 'false' } }],
    ['one that does not want it, in other words', { annotations: { 'corespan/inject': 'No' } }],
    ['one with resources as a whole', { resources: { requests: { memory: '64Mi' } } }],
    ['one with a volume of our name', { volumes: [{ name: 'corespan-state', emptyDir: {} }] }],
    ['one that begins with a container of our name', { initContainers: [{ name: 'corespan', image: 'x' }] }],
    ['one for Windows', { os: { name: 'windows' } }],
    ['one for nodes with Windows', { nodeSelector: { 'kubernetes.io/os': 'windows' } }],
    ["one on the host network, where our port would be the node's", { hostNetwork: true }],
  ])('a pod is left alone: %s', async (_name, change) => {
    expect(await dryRun(toPod(change))).toBeUndefined();
    expect(await dryRun(toPod())).toBeDefined();
  });

  test.each(['baseline', 'restricted'])(
    'a namespace that forbids our volume has its pods made: %s',
    async (level) => {
      const label = 'pod-security.kubernetes.io/enforce';
      const labelled = (value: string | null): Promise<unknown> =>
        cluster.api.patch('/api/v1/namespaces/kube-system', { metadata: { labels: { [label]: value } } });
      expect(await dryRun(toPod())).toBeDefined();
      await labelled(level);
      const { securityContext, automountServiceAccountToken } = MODEST;
      const modest = {
        ...toPod(),
        spec: {
          automountServiceAccountToken,
          containers: [{ name: 'coredns', image: 'x', securityContext }],
        },
      };
      await until('the level to be seen', async () =>
        (await dryRun(modest)) === undefined ? true : undefined,
      );
      await labelled(null);
      await until('the level to be forgotten', () => dryRun(modest));
    },
  );

  test('a pod that has corespan already gets no second one, and one without volumes gets them', async () => {
    const made = (await make(toPod(), '?dryRun=All'))['spec'] as PodSpec;
    const again = await make({ ...toPod(), spec: made }, '?dryRun=All');
    expect((again['spec'] as PodSpec).containers.map(({ name }) => name)).toEqual(['coredns', 'corespan']);
    const bare = toPod({ automountServiceAccountToken: false });
    expect((await dryRun(bare))?.volumes.map(({ name }) => name)).toEqual([
      'corespan-logs',
      'corespan-state',
    ]);
  });

  test('its ConfigMap brings the image and variables', async () => {
    await patchConfig({
      CORESPAN_OTLP_ENDPOINT: 'http://192.0.2.9:4318',
      // With these the container would end again and again, and the DNS pod never be ready.
      CORESPAN_LISTEN: 'none',
      CORESPAN_STRICT: 'true',
      unrelated: 'x',
      image: 'example.org/other',
    });
    const ours = await until('the change to be seen', async () => {
      const found = await dryRun(toPod());
      return found?.container.image === 'example.org/other' ? found : undefined;
    });
    const given = ours.container.env.filter(({ name }) => /OTLP|LISTEN|STRICT|unrelated/.test(name));
    expect(given).toEqual([{ name: 'CORESPAN_OTLP_ENDPOINT', value: 'http://192.0.2.9:4318' }]);
  });

  test.each([
    ['empty', ''],
    ['no reference', 'R/C:!!'],
    ['with a line end, as a block of YAML has one', 'example.org/other\n'],
    ['missing', null],
  ])('an image that is %s: DNS pods are made as before', async (_name, image) => {
    await patchConfig({ image: 'example.org/other' });
    await until('the image to be seen', async () => await dryRun(toPod()));
    await patchConfig({ image });
    await until('the image to be forgotten', async () =>
      (await dryRun(toPod())) === undefined ? true : undefined,
    );
  });

  test('without its ConfigMap DNS pods are made as before', async () => {
    await patchConfig({ image: 'example.org/other' });
    await until('the image to be seen', async () => await dryRun(toPod()));
    await cluster.kubectl(['-n', 'kube-system', 'delete', 'configmap', 'corespan-policy']);
    await until('the ConfigMap to be forgotten', async () =>
      (await dryRun(toPod())) === undefined ? true : undefined,
    );
    expect((await make(toPod(), '?dryRun=All'))['spec'].containers).toHaveLength(1);
  });

  test('one command takes it away', async () => {
    await cluster.kubectl(['apply', '-k', FOLDER]);
    await until('the policy to be in force again', async () => (await dryRun(toPod())) ?? undefined);
    await cluster.kubectl(['delete', '-k', FOLDER]);
    await until('the policy to be gone', async () =>
      (await dryRun(toPod())) === undefined ? true : undefined,
    );
  });

  async function untilPod(labelSelector: string): Promise<KubeObject> {
    return await until('the pod', async () => (await cluster.api.list(PODS, { labelSelector }))[0]);
  }

  async function patchConfig(data: Readonly<Record<string, string | null>>): Promise<void> {
    await cluster.api.patch('/api/v1/namespaces/kube-system/configmaps/corespan-policy', { data });
  }
});

interface Change {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly resources?: object;
  readonly volumes?: readonly object[];
  readonly initContainers?: readonly object[];
  readonly os?: object;
  readonly nodeSelector?: object;
}

/** What the level restricted takes. */
const MODEST = {
  automountServiceAccountToken: false,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

const CACHE: Change = { labels: { 'k8s-app': 'node-local-dns' }, container: 'node-cache' };

function toPod({
  labels = { 'k8s-app': 'kube-dns' },
  container = 'coredns',
  annotations,
  ...spec
}: Change = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'kube-system', name: 'one', labels, ...(annotations && { annotations }) },
    spec: { ...spec, containers: [{ name: container, image: 'example.org/dns' }] },
  };
}
