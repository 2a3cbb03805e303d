/** The admission policy, in the real API server: DNS pods get corespan as they are made, and are made in any case. */
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
    await until('the policy to be in force', async () => (await dryRun(toPod())) !== undefined || undefined);
  });
  afterAll(() => cluster?.stop());

  async function make(pod: object, query = ''): Promise<KubeObject> {
    return await cluster.api.create(`${PODS}${query}`, pod);
  }

  /** corespan's part of the pod, if it were made. */
  async function dryRun(pod: object): Promise<ReturnType<typeof toOurPart>> {
    return toOurPart((await make(pod, '?dryRun=All'))['spec'] as PodSpec);
  }

  test('no policy was found wrong by the type checker', async () => {
    const policies = await cluster.api.list(
      '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
    );
    expect(policies).toHaveLength(2);
    for (const { status } of policies) expect(status?.typeChecking?.expressionWarnings ?? []).toEqual([]);
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
  ])('a pod is left alone: %s', async (_name, change) => {
    expect(await dryRun(toPod(change))).toBeUndefined();
    expect(await dryRun(toPod())).toBeDefined();
  });

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
      unrelated: 'x',
      image: 'example.org/other',
    });
    const ours = await until('the change to be seen', async () => {
      const found = await dryRun(toPod());
      return found?.container.image === 'example.org/other' ? found : undefined;
    });
    expect(ours.container.env.filter(({ name }) => /OTLP|unrelated/.test(name))).toEqual([
      { name: 'CORESPAN_OTLP_ENDPOINT', value: 'http://192.0.2.9:4318' },
    ]);
  });

  test('without its ConfigMap, or with one without an image, DNS pods are made as before', async () => {
    await patchConfig({ image: null });
    await until('the image to be forgotten', async () =>
      (await dryRun(toPod())) === undefined ? true : undefined,
    );
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
}

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
