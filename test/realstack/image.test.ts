/** The image is built, holds what it should and nothing else, and is the sidecar of a CoreDNS pod. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage, type Image } from '../../scripts/image/build.ts';
import { measureImage } from '../../scripts/image/measure.ts';
import { listFiles } from '../../scripts/listFiles.ts';
import { toAddition } from '../../src/install/container.ts';
import { toSettings } from '../../src/install/settings.ts';
import { VERSION } from '../../src/version.ts';
import { toShippedFlags } from '../support/shipped.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { fetchIn } from './doors.ts';
import type { RealPod } from './kubelet.ts';
import { SERVICE_ACCOUNT_FOLDER } from './podFiles.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import type { Sandbox } from './sandbox.ts';
import { tell } from './tell.ts';
import { until } from './until.ts';

const NEEDS = { ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'buildah', 'debootstrap'] } as const;
const MIB = 2 ** 20;

describeRealStack('the image', NEEDS, () => {
  let image: Image;
  let cluster: RealCluster;
  let coreDns: DnsServer;
  let web: RealPod;

  beforeAll(() => {
    image = buildImage(tell);
  }, 600_000);
  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('image'), log: () => {} });
    await cluster.addNamespace('shop');
    coreDns = await cluster.startCoreDns();
    const pods = await cluster.deploy('Deployment', { namespace: 'shop', name: 'web' }, [{ node: 'node1' }]);
    web = pods[0] as RealPod;
  });
  afterAll(async () => {
    await cluster?.stop();
    image?.release();
  });

  test('holds Node, its libraries, certificates and the bundle; no shell, no package manager', () => {
    const files = listFiles(image.root).map((path) => `/${path}`);
    const others = files.filter((path) => !/^\/app\/[\w-]+\.cjs$|^\/lib(64)?\/.*\.so\.\d+$/.test(path));
    expect(others.toSorted()).toEqual([
      '/app/LICENSE',
      '/etc/ssl/certs/ca-certificates.crt',
      '/usr/local/bin/corespan',
      '/usr/local/bin/node',
    ]);
    expect(files.filter((path) => path.includes('.so.')).length).toBeGreaterThan(4);
    const special = files.filter((path) => (lstatSync(join(image.root, path)).mode & 0o6000) !== 0);
    expect(special).toEqual([]);
  });

  test('runs as nobody unless told otherwise, and says which build it is', () => {
    const { User, Entrypoint, Cmd, Env, Labels } = image.config;
    const { securityContext, args } = toAddition(toSettings('coredns')).container;
    expect({ User, Entrypoint, Cmd }).toEqual({
      User: `${securityContext.runAsUser}:${securityContext.runAsGroup}`,
      Entrypoint: ['corespan'],
      Cmd: args,
    });
    expect(Env).toContain(`NODE_OPTIONS=${toShippedFlags()[1]}`);
    expect(Labels['org.opencontainers.image.version']).toBe(VERSION);
    expect(Labels['org.opencontainers.image.revision']).toMatch(/^[0-9a-f]{40}$/);
  });

  test('costs little', async () => {
    const { bytes, startMs, idleBytes } = await measureImage(image.root);
    tell(
      `${(bytes / MIB).toFixed(1)} MiB, starts in ${startMs.toFixed(0)} ms, idle at ${(idleBytes / MIB).toFixed(1)} MiB`,
    );
    // Guards, no promises: 119.5 and 67 MiB were measured, with Node 26.10 on x64. Of the size nearly all is Node, which
    // grows from one release to the next; resident memory depends on the machine too.
    expect(bytes).toBeLessThan(135 * MIB);
    expect(idleBytes).toBeLessThan(100 * MIB);
  }, 180_000);

  test('beside a CoreDNS that runs, it names who asked', async () => {
    startSidecar();
    await cluster.runIn(web.sandbox, ['dig', '+short', 'example.org']);
    const url = `http://${coreDns.pod.address}:9464`;
    const body = await until('the query to be counted', async () => {
      const answer = await fetchIn(cluster.sandboxes.node1.namespace, `${url}/metrics`);
      return answer.body.includes('client="web"') ? answer.body : undefined;
    });
    expect(body).toContain(
      `corespan_build_info{version="${VERSION}",revision="${image.config.Labels['org.opencontainers.image.revision']}"} 1`,
    );
    expect((await fetchIn(cluster.sandboxes.node1.namespace, `${url}/readyz`)).status).toBe(200);
  });

  /** As the kubelet starts the container of the description. */
  function startSidecar(): void {
    const { container } = toAddition(toSettings('coredns'));
    const inImage = (path: string): string => join(image.root, path);
    const token = coreDns.pod.sandbox.mounts.find(({ target }) => target === SERVICE_ACCOUNT_FOLDER);
    const [logs] = container.volumeMounts;
    const sandbox: Sandbox = {
      ...coreDns.pod.sandbox,
      mounts: [
        { source: '/proc', target: inImage('proc') },
        { source: token?.source ?? '', target: inImage(SERVICE_ACCOUNT_FOLDER), isReadOnly: true },
        { source: join(coreDns.logFolder, '..'), target: inImage(logs?.mountPath ?? ''), isReadOnly: true },
      ],
    };
    const { runAsUser, runAsGroup } = container.securityContext;
    const variables = [
      ...image.config.Env,
      'KUBERNETES_SERVICE_HOST=10.96.0.1',
      'KUBERNETES_SERVICE_PORT=443',
    ];
    const enter = [
      'setpriv',
      '--inh-caps=-all',
      '--no-new-privs',
      'chroot',
      `--userspec=${runAsUser}:${runAsGroup}`,
      '--groups=',
    ];
    const command = ['/usr/local/bin/corespan', ...container.args];
    cluster.startIn(
      sandbox,
      ['env', '-i', ...variables, 'PATH=/usr/sbin:/usr/bin:/bin', ...enter, image.root, ...command],
      {
        name: 'corespan-image',
      },
    );
  }
});
