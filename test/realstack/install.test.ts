/** Everything that installs corespan, taken by the real API server: strict fields, admission, Pod Security, Helm. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHeapMegabytes } from '../../src/install/heap.ts';
import { toResources } from '../../src/install/settings.ts';
import { runCorespan } from '../support/cli.ts';
import { readDashboards } from '../support/dashboards.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import { expectDescribed, helm, IMAGE, injectText, type PodSpec, readFixture, STRICT } from './installing.ts';
import { MONITOR_CRDS } from './monitorCrds.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { until } from './until.ts';

const NEEDS = { ...CLUSTER_NEEDS, programs: [...CLUSTER_NEEDS.programs, 'helm'] } as const;
const CHART = 'manifests/chart/corespan';
const IMAGE_VALUES = ['--set', 'image.repository=registry.example.org/corespan'];

describeRealStack('installing corespan', NEEDS, () => {
  let cluster: RealCluster;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('install'), log: () => {} });
    await Promise.all(['dns', 'charted'].map((name) => cluster.addNamespace(name)));
    // The kubelet's own label, which nobody gives the nodes here.
    await cluster.kubectl(['label', 'nodes', '--all', 'kubernetes.io/os=linux']);
    await apply(MONITOR_CRDS);
    await until('the monitors to be served', () =>
      cluster.kubectl(['get', 'podmonitors,servicemonitors,prometheusrules']),
    );
  });
  afterAll(() => cluster?.stop());

  function apply(input: string, ...args: string[]): Promise<string> {
    return cluster.kubectl(['apply', '-f', '-', ...args], { input });
  }

  async function podSpecOf(kind: string, name: string, namespace = 'kube-system'): Promise<PodSpec> {
    const { spec } = await cluster.api.get(`/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
    return spec.template.spec as PodSpec;
  }

  /** The controller has made a revision of it, to which a roll-out can be undone. */
  async function untilObserved(kind: string, name: string): Promise<PodSpec> {
    return await until(`${name} to be observed`, async () => {
      const { metadata, status, spec } = await cluster.api.get(
        `/apis/apps/v1/namespaces/kube-system/${kind}/${name}`,
      );
      if (status?.observedGeneration !== metadata['generation']) return undefined;
      return spec.template.spec as PodSpec;
    });
  }

  async function generationOf(kind: string, name: string): Promise<unknown> {
    const { metadata } = await cluster.api.get(`/apis/apps/v1/namespaces/kube-system/${kind}/${name}`);
    return metadata['generation'];
  }

  test('strict field checking is on: a misspelt field is refused (twin)', async () => {
    const wrong = readFixture('bare.injected.yaml').replace('subPathExpr:', 'subPathExp:');
    await expect(apply(wrong, ...STRICT)).rejects.toThrow(
      'unknown field "spec.template.spec.containers[1].volumeMounts[0].subPathExp"',
    );
  });

  test.each([
    'kubeadm.yaml',
    'coredns-chart.yaml',
    'rke2.yaml',
    'node-local-dns.yaml',
    'bare.yaml',
    'deployment.json',
  ])('inject: %s is taken as it is written', async (name) => {
    const injected = await injectText(readFixture(name));
    // What a cluster printed cannot be made a second time under the same uid.
    const text = injected.replaceAll(/^ +(resourceVersion|uid): .*\n/gm, '');
    const said = await apply(text, ...STRICT);
    expect(said).toMatch(
      /(deployment|daemonset)\.apps\/\S+ (created|configured|unchanged) \(server dry run\)/,
    );
  });

  /** What the cluster prints goes back to it. Controllers write in between, as in any cluster: then it is printed anew. */
  async function applyPrinted(option: string): Promise<void> {
    await until('the printed Deployment to be taken', async () => {
      const get = ['-n', 'kube-system', 'get', 'deployment', 'coredns', '-o', 'yaml'];
      await apply(await injectText(await cluster.kubectl(get), option), '--validate=strict');
      return true;
    });
  }

  test('inject, apply, inject what the cluster prints, take it out, apply: the Deployment is what it was', async () => {
    await apply(readFixture('kubeadm.yaml'));
    const before = await podSpecOf('deployments', 'coredns');
    await apply(await injectText(readFixture('kubeadm.yaml')), '--validate=strict');
    expectDescribed(await podSpecOf('deployments', 'coredns'), 'coredns');

    await applyPrinted('--sample-ratio=0.5');
    expectDescribed(await podSpecOf('deployments', 'coredns'), 'coredns', {
      options: { sampleRatio: '0.5' },
    });

    await applyPrinted('--uninject');
    expect(await podSpecOf('deployments', 'coredns')).toEqual(before);
  });

  test.each([
    ['coredns', 'deployment', 'coredns'],
    ['node-local-dns', 'daemonset', 'node-local-dns'],
  ] as const)('kubectl patch: %s, and undone by kubectl rollout undo', async (app, kind, name) => {
    await apply(readFixture(app === 'coredns' ? 'kubeadm.yaml' : 'node-local-dns.yaml'));
    const before = await untilObserved(`${kind}s`, name);
    const patch = readFileSync(`manifests/components/${app}-sidecar/patch.yaml`, 'utf8').replace(
      /image: .*/,
      `image: ${IMAGE}`,
    );
    const patched = ['-n', 'kube-system', 'patch', kind, name, '--patch', patch];
    await cluster.kubectl(patched);
    const after = await podSpecOf(`${kind}s`, name);
    expectDescribed(after, app);
    // kubectl logs looks at the first.
    expect(after.containers.map(({ name: container }) => container)).toEqual([
      ...before.containers.map(({ name: container }) => container),
      'corespan',
    ]);
    // Once more changes nothing. What kubectl says of it depends on whether a controller writes the status meanwhile.
    const generation = await generationOf(`${kind}s`, name);
    await cluster.kubectl(patched);
    expect(await generationOf(`${kind}s`, name)).toBe(generation);
    await untilObserved(`${kind}s`, name);
    await cluster.kubectl(['-n', 'kube-system', 'rollout', 'undo', `${kind}/${name}`]);
    expect(await podSpecOf(`${kind}s`, name)).toEqual(before);
  });

  test.each(['coredns', 'node-local-dns'] as const)(
    'kustomize: the component beside %s yields the description',
    async (app) => {
      const built = await buildKustomization(cluster, {
        resource: readFixture(app === 'coredns' ? 'kubeadm.yaml' : 'node-local-dns.yaml'),
        component: `${app}-sidecar`,
      });
      expect(await apply(built, ...STRICT)).toContain('(server dry run)');
      const workload =
        built.split('\n---\n').find((text) => /^kind: (Deployment|DaemonSet)$/m.test(text)) ?? '';
      const printed = await apply(workload, ...STRICT, '-o', 'json');
      const { spec } = JSON.parse(printed) as {
        readonly spec: { readonly template: { readonly spec: PodSpec } };
      };
      expectDescribed(spec.template.spec, app);
      expect(spec.template.spec.containers.map(({ name }) => name).at(-1)).toBe('corespan');
    },
  );

  test('the reader: its DaemonSet makes pods that are what the description says', async () => {
    await cluster.kubectl(['apply', '-k', 'manifests/examples/reader', '--validate=strict']);
    expectDescribed(await podSpecOf('daemonsets', 'corespan', 'corespan'), 'reader');
    const pods = await until('a pod on each node', async () => {
      const found = await cluster.api.list('/api/v1/namespaces/corespan/pods');
      return found.length === 2 ? found : undefined;
    });
    for (const pod of pods) expectDescribed(pod['spec'] as PodSpec, 'reader');
  });

  test.each(
    readdirSync('manifests/examples').filter((name) =>
      readdirSync(`manifests/examples/${name}`).includes('kustomization.yaml'),
    ),
  )('example %s is taken', async (name) => {
    const said = await cluster.kubectl(['apply', '-k', `manifests/examples/${name}`, ...STRICT]);
    expect(said).toMatch(/ \(server dry run\)$/m);
  });

  test('a misspelt field of the rules is refused, and a sidecar finds each dashboard by its label (twin)', async () => {
    const rules = await cluster.kubectl(['kustomize', 'manifests/examples/prometheus-rules']);
    await expect(apply(rules.replaceAll('annotations:', 'annotation:'), ...STRICT)).rejects.toThrow(
      'unknown field "spec.groups[0]',
    );
    await cluster.addNamespace('shown');
    const place = ['-n', 'shown'];
    await cluster.kubectl(['apply', ...place, '-k', 'manifests/examples/grafana-dashboards']);
    const found = await cluster.kubectl([
      'get',
      'configmaps',
      ...place,
      '-l',
      'grafana_dashboard=1',
      '-o',
      'json',
    ]);
    const { items } = JSON.parse(found) as {
      readonly items: readonly { readonly data: Readonly<Record<string, string>> }[];
    };
    const files = items.flatMap(({ data }) => Object.entries(data));
    expect(files.map(([file, text]) => ({ file, ...(JSON.parse(text) as object) }))).toEqual(
      readDashboards(),
    );
  });

  test.each(['k3s', 'aks', 'doks'])('the ConfigMap for %s is taken', async (name) => {
    const said = await cluster.kubectl([
      'apply',
      '-f',
      `manifests/examples/${name}/coredns-custom.yaml`,
      ...STRICT,
    ]);
    expect(said).toContain('configmap/coredns-custom created (server dry run)');
  });

  describe('Pod Security', () => {
    const namespaces = { restricted: 'secure', baseline: 'base', privileged: 'free' } as const;

    beforeAll(async () => {
      for (const [level, name] of Object.entries(namespaces)) {
        await cluster.addNamespace(name);
        await cluster.kubectl(['label', 'namespace', name, `pod-security.kubernetes.io/enforce=${level}`]);
      }
    });

    async function pod(namespace: string, hasLogs: boolean): Promise<string> {
      const { spec } = JSON.parse(
        await apply(readFixture('bare.injected.yaml'), ...STRICT, '-o', 'json'),
      ) as { readonly spec: { readonly template: { readonly spec: PodSpec } } };
      const { containers, volumes = [] } = spec.template.spec;
      const own = containers.filter(({ name }) => name === 'corespan');
      const keeps = ({ name }: { readonly name: string }): boolean => hasLogs || name !== 'corespan-logs';
      const spared = own.map((one) => ({ ...one, volumeMounts: one.volumeMounts?.filter(keeps) }));
      const made = { containers: spared, volumes: volumes.filter(keeps) };
      return await apply(
        JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'p' }, spec: made }),
        ...STRICT,
      );
    }

    test.each(['restricted', 'baseline'] as const)(
      '%s forbids the log volume, and nothing else of ours',
      async (level) => {
        await expect(pod(namespaces[level], true)).rejects.toThrow(
          /violates PodSecurity .*: hostPath volumes|hostPath/,
        );
        const refused = await pod(namespaces[level], true).catch((error: Error) => error.message);
        expect(refused).not.toMatch(/runAsNonRoot|capabilities|seccomp|allowPrivilegeEscalation/);
        expect(await pod(namespaces[level], false)).toContain('pod/p created');
      },
    );

    test('privileged takes it whole', async () => {
      expect(await pod(namespaces.privileged, true)).toContain('pod/p created');
    });

    test('inject says so beforehand, from the namespace that the cluster prints', async () => {
      const namespace = await cluster.kubectl(['get', 'namespace', 'secure', '-o', 'yaml']);
      const deployment = readFixture('bare.yaml').replace('namespace: dns', 'namespace: secure');
      const refused = await runCorespan(['inject', '--image', IMAGE], {
        input: `${namespace}---\n${deployment}`,
      });
      expect(refused.stderr).toContain('enforces the Pod Security level restricted');
    });
  });

  describe('the chart', () => {
    const policy = ['--set', 'mode=policy,nodeLocalDns.enabled=true'];

    test('passes helm lint, strictly', async () => {
      for (const values of [[], policy]) {
        const { code, stdout } = await helm(cluster, ['lint', '--strict', CHART, ...IMAGE_VALUES, ...values]);
        expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('0 chart(s) failed') });
      }
    });

    // First: a server that has lost its last policy with a ConfigMap does not see the next one's (policy.md).
    test.each([
      ['reader', [], 'reader'],
      ['policy', policy, 'coredns'],
    ] as const)(
      'in mode %s a Secret with headers and a node with Docker are those of the description',
      async (mode, more, vantage) => {
        const name = `${mode}-whole`;
        const given =
          'otlpHeadersSecret=tempo,logSource=docker,resources.limits.cpu=1,imagePullSecrets[0].name=pull';
        const place = [name, CHART, '-n', 'charted', ...IMAGE_VALUES, ...more, '--set', given];
        expect(await helm(cluster, ['install', ...place])).toMatchObject({ code: 0, stderr: '' });
        const spec =
          mode === 'reader' ? await podSpecOf('daemonsets', 'corespan', 'charted') : await untilChanged();
        const { requests, limits } = toResources('reader');
        expectDescribed(spec, vantage, {
          otlpHeadersSecret: 'tempo',
          logSource: 'docker',
          resources: { requests, limits: { ...limits, cpu: '1' } },
        });
        expect(await helm(cluster, ['uninstall', name, '-n', 'charted'])).toMatchObject({ code: 0 });
      },
    );

    /** What the API server makes of a DNS pod. */
    async function untilChanged(): Promise<PodSpec> {
      const metadata = { name: 'one', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
      const containers = [{ name: 'coredns', image: 'example.org/dns' }];
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } };
      return await until('the policy to be in force', async () => {
        const made = await cluster.api.create('/api/v1/namespaces/kube-system/pods?dryRun=All', pod);
        const spec = made['spec'] as PodSpec;
        return spec.containers.length === 2 ? spec : undefined;
      });
    }

    test('is installed as a reader, upgraded to a policy, and uninstalled', async () => {
      // Helm takes nothing over that others made, and the reader and the rights of the cache are there already.
      for (const name of ['reader', 'node-local-dns-rbac']) {
        await cluster.kubectl(['apply', '-k', `manifests/examples/${name}`]);
      }
      const place = ['corespan', CHART, '-n', 'charted', ...IMAGE_VALUES];
      const extras = ['--set', 'podMonitor.enabled=true,networkPolicy.enabled=true'];
      expect(await helm(cluster, ['install', ...place, ...extras])).toMatchObject({ code: 0, stderr: '' });
      expectDescribed(await podSpecOf('daemonsets', 'corespan', 'charted'), 'reader');
      const listed = await cluster.kubectl([
        '-n',
        'charted',
        'get',
        'daemonsets,networkpolicies,podmonitors',
        '-o',
        'name',
      ]);
      expect(listed.trim().split('\n')).toHaveLength(3);

      expect(await helm(cluster, ['upgrade', ...place, ...policy])).toMatchObject({ code: 0 });
      const policies = await cluster.kubectl(['get', 'mutatingadmissionpolicies', '-o', 'name']);
      expect(policies.trim().split('\n')).toHaveLength(2);
      expect(await cluster.kubectl(['-n', 'charted', 'get', 'daemonsets', '-o', 'name'])).toBe('');

      expect(await helm(cluster, ['uninstall', 'corespan', '-n', 'charted'])).toMatchObject({ code: 0 });
      expect(await cluster.kubectl(['get', 'mutatingadmissionpolicies', '-o', 'name'])).toBe('');
    });

    test('in mode policy it renders what kustomize has', async () => {
      const values = [...IMAGE_VALUES, ...policy];
      const { stdout } = await helm(cluster, ['template', 'corespan', CHART, '-n', 'corespan', ...values]);
      const built = await cluster.kubectl(['kustomize', 'manifests/examples/admission-policy']);
      const [ours, theirs] = [built, stdout].map((text) => toExpressions(text));
      expect(ours).toHaveLength(2);
      expect(theirs).toEqual(ours);
    });

    test.each(['96Mi', '100Mi', '160Mi', '256Mi', '1Gi'])(
      'sizes the heap for a limit of %s as the description does',
      async (limit) => {
        const values = [
          ...IMAGE_VALUES,
          '--set',
          `resources.limits.memory=${limit},resources.requests.memory=64Mi`,
        ];
        const { stdout } = await helm(cluster, ['template', 'corespan', CHART, ...values]);
        expect(stdout).toContain(`--max-old-space-size=${toHeapMegabytes(limit)}\n`);
      },
    );

    test('its values become options, typed as in YAML', async () => {
      const config =
        'config.sampleRatio=0.05,config.maxEdges=100000,config.otlpEndpoint=http://192.0.2.9:4318';
      const values = [...IMAGE_VALUES, '--set', config, '--set', 'config.clusterDomain={a.test,b.test}'];
      const { stdout } = await helm(cluster, [
        'template',
        'corespan',
        CHART,
        ...values,
        '-s',
        'templates/reader.yaml',
      ]);
      for (const [name, value] of [
        ['CLUSTER_DOMAIN', 'a.test,b.test'],
        ['MAX_EDGES', '100000'],
        ['OTLP_ENDPOINT', 'http://192.0.2.9:4318'],
        ['SAMPLE_RATIO', '0.05'],
      ]) {
        expect(stdout).toMatch(new RegExp(`- name: CORESPAN_${name}\\n +value: "?${value}"?\\n`));
      }
    });

    test('takes a default back where a value is null', async () => {
      const nulls = ['--set', 'nodeSelector=null,tolerations=null'];
      const { code, stdout } = await helm(cluster, [
        'template',
        'corespan',
        CHART,
        ...IMAGE_VALUES,
        ...nulls,
      ]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/nodeSelector:\n +\{\}\n +tolerations:\n +\[\]\n/);
    });

    test.each([
      ['mode=sidecar', "at '/mode': value must be one of 'reader', 'policy'"],
      ['config.sampleRate=1', "additional properties 'sampleRate' not allowed"],
      ['config.maxEdges=0', "at '/config/maxEdges': minimum: got 0, want 1"],
      ['config.otlpEndpoint=tempo:4318', "at '/config/otlpEndpoint': 'tempo:4318' does not match pattern"],
      ['config.targetLabel=pod', "at '/config/targetLabel': value must be one of 'service', 'workload'"],
      ['resources.limits.memory=lots', "at '/resources/limits/memory': 'lots' does not match pattern"],
      ['imagee.tag=x', "additional properties 'imagee' not allowed"],
      ['resources.limits.memory=100Mi', 'resources.requests.memory: 128Mi is more than the limit of 100Mi'],
      ['resources.limits.memory=1Mi', 'resources.limits.memory: 1Mi ends corespan again and again'],
      ['resources.limits.cpu=0.02', 'resources.requests.cpu: 25m is more than the limit of 0.02'],
      ['resources.limits.cpu=fast', "at '/resources/limits/cpu': 'fast' does not match pattern"],
      ['resources.requests=null', "at '/resources': missing property 'requests'"],
      ['image.repository=UPPER', "at '/image/repository': 'UPPER' does not match pattern"],
      ['image.tag=!!', "at '/image/tag': '!!' does not match pattern"],
      ['image.repository=', 'image.repository: set it to where every node can pull corespan from'],
    ])('refuses %s', async (value, said) => {
      for (const values of [IMAGE_VALUES, [...IMAGE_VALUES, ...policy]]) {
        const { code, stderr } = await helm(cluster, ['template', CHART, ...values, '--set', value]);
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) });
      }
    });
  });
});

/** A user's own kustomization: the DNS manifest, our component, the image where it lies. */
async function buildKustomization(
  cluster: RealCluster,
  { resource, component }: { readonly resource: string; readonly component: string },
): Promise<string> {
  const folder = `${cluster.runFolder}/kustomize-${component}`;
  mkdirSync(folder, { recursive: true });
  cpSync('manifests/components', `${folder}/components`, { recursive: true });
  writeFileSync(`${folder}/dns.yaml`, resource);
  const kustomization = {
    resources: ['dns.yaml'],
    components: [`components/${component}`],
    images: [{ name: 'corespan', newName: 'registry.example.org/corespan' }],
  };
  writeFileSync(`${folder}/kustomization.yaml`, JSON.stringify(kustomization));
  return await cluster.kubectl(['kustomize', folder]);
}

/** What the policies do, without blanks. */
function toExpressions(text: string): string[] {
  const found = [
    ...text.matchAll(
      /expression: \|-?\n([\s\S]*?)\n\s*patchType: JSONPatch|patchType: JSONPatch\n\s*jsonPatch:\n\s*expression: \|-?\n([\s\S]*?)\n---/g,
    ),
  ];
  return found.map(([, a = '', b = '']) => (a + b).replaceAll(/\s/g, '')).toSorted();
}
