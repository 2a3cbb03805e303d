/** What a test of the reflector does to the control plane: take it away, bring it back, make it an older one. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type ClusterOptions, type RealCluster, startCluster } from './cluster.ts';
import { ETCD } from './controlPlaneFlags.ts';
import { fetchIn } from './doors.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';

const NEEDS = { ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'etcd-server'] } as const;
const NAMESPACES = '/api/v1/namespaces';
const WATCH_LIST = `${NAMESPACES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`;

describeRealStack('the control plane', NEEDS, () => {
  let cluster: RealCluster;

  afterEach(() => cluster?.stop());

  async function start(options: Partial<ClusterOptions> = {}): Promise<RealCluster> {
    cluster = await startCluster({ runFolder: toRunFolder('control-plane'), log: () => {}, ...options });
    return cluster;
  }

  test('the API server goes and comes back, with other features', async () => {
    const { api, controlPlane } = await start();
    expect(await watchNamespaces(cluster)).toEqual({
      status: 200,
      types: expect.arrayContaining(['ADDED', 'BOOKMARK']),
    });

    await controlPlane.apiServer.stop(0);
    await expect(api.list(NAMESPACES)).rejects.toThrow('connection refused');

    await controlPlane.apiServer.start(['--feature-gates=WatchList=false']);
    expect(await watchNamespaces(cluster)).toEqual({ status: 422, types: [] });
    expect((await api.list(NAMESPACES)).map(({ metadata }) => metadata.name)).toContain('kube-system');
  });

  test('with etcd 3.4.23 the same watch fails inside of a 200', async () => {
    await start({ etcd: 'debian' });
    expect(await watchNamespaces(cluster)).toEqual({ status: 200, types: expect.arrayContaining(['ERROR']) });
  });

  test('a database put back to an older state: what came later is gone', async () => {
    const { controlPlane } = await start();
    const data = join(cluster.runFolder, 'control-plane/etcd');
    await cluster.addNamespace('before');
    await controlPlane.etcd.stop();
    cpSync(data, `${data}.copy`, { recursive: true });
    await controlPlane.etcd.start();
    await controlPlane.untilReady();
    await cluster.addNamespace('after');
    expect(await listNames(cluster)).toEqual(expect.arrayContaining(['before', 'after']));

    await controlPlane.apiServer.stop(0);
    await controlPlane.etcd.stop(0);
    rmSync(data, { recursive: true });
    cpSync(`${data}.copy`, data, { recursive: true });
    await controlPlane.etcd.start();
    await controlPlane.apiServer.start();
    const names = await listNames(cluster);
    expect(names).toContain('before');
    expect(names).not.toContain('after');
  });

  test('the database can be compacted', async () => {
    await start();
    const post = { method: 'POST', body: JSON.stringify({ revision: '1' }) };
    const { status } = await fetchIn(cluster.network.controlPlane, `${ETCD}/v3/kv/compaction`, post);
    expect(status).toBe(200);
  });
});

async function watchNamespaces({
  api,
}: RealCluster): Promise<{ status: number | undefined; types: string[] }> {
  const answer = await api.open(WATCH_LIST);
  const lines = (await answer.setEncoding('utf8').toArray()).join('').split('\n').filter(Boolean);
  const types = lines.map((line) => (JSON.parse(line) as { readonly type?: string }).type);
  return { status: answer.statusCode, types: types.filter((type) => type !== undefined) };
}

async function listNames({ api }: RealCluster): Promise<string[]> {
  return (await api.list(NAMESPACES)).map(({ metadata }) => metadata.name);
}
