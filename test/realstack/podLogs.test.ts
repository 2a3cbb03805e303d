/**
 * The source `kube` against the real API server, which fetches the logs of real CoreDNS pods from a stand-in for the
 * kubelet: every line once and in order, whatever breaks on the way; what cannot be had is counted.
 */
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { readBlocks } from '../support/documents.ts';
import { findImbalances } from '../support/exposition.ts';
import { NODE_LOCAL, NODES } from './addresses.ts';
import type { KubeObject } from './api.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { connectIn } from './doors.ts';
import {
  createKubeletCertificates,
  KUBELET_PORT,
  type KubeletCertificates,
  type KubeletStandIn,
  startKubeletStandIn,
} from './kubeletStandIn.ts';
import { compareWithLogs, type Following, startFollowing } from './podLogsFollowing.ts';
import { startKubeProgram } from './podLogsProgram.ts';
import { untilQueried } from './queryLog.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { createAccount } from './reflectorAccount.ts';
import { toRunFolder } from './runs.ts';
import { tellEach } from './tell.ts';
import { until } from './until.ts';

const KUBE_SYSTEM = '/api/v1/namespaces/kube-system';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system';

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('logs that are followed through the API', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;
  let certificates: KubeletCertificates;
  let kubelet: KubeletStandIn;
  let following: Following;
  let coreDns: DnsServer;
  let nodeCache: DnsServer;

  beforeAll(async () => {
    const runFolder = toRunFolder('pod-logs');
    certificates = createKubeletCertificates(runFolder);
    cluster = await startCluster({ runFolder, log: () => {}, apiServerFlags: certificates.apiServerFlags });
    kubelet = await startKubeletStandIn(cluster, certificates);
    await cluster.api.create(`${KUBE_SYSTEM}/serviceaccounts`, {
      metadata: { namespace: 'kube-system', name: 'corespan' },
    });
    const account = await createAccount(cluster, 'corespan');
    following = await startFollowing(cluster.network.controlPlane, account);
  });

  afterAll(async () => {
    await following?.stop();
    await kubelet?.stop();
    await cluster?.stop();
  });

  tellEach(
    () => `${following.toldOf(coreDns).length} + ${following.toldOf(nodeCache).length} lines compared`,
  );

  /** Some queries of that name, from the node to CoreDNS. */
  async function ask(name: string, count = 10): Promise<void> {
    await askAt({ address: '10.96.0.10', server: coreDns }, name, count);
  }

  async function askAt(
    { address, server }: { readonly address: string; readonly server: DnsServer },
    name: string,
    count: number,
  ): Promise<void> {
    const names = Array.from({ length: count }, (_, n) => `${name}-${n}.example.org`);
    await cluster.runIn(cluster.sandboxes.node1, ['dig', '+short', `@${address}`, ...names]);
    await untilQueried(server.logFolder, `${name}-${count - 1}.example.org.`, 1);
  }

  test('without the right to list pods: said; with the rights that the README names: every line', async () => {
    const { self } = following;
    await until('the refusal', () => self.count('corespan_source_errors_total', 'list') > 0 || undefined);
    expect(self.messages.join()).toContain('cannot list resource');
    await giveRights(cluster);
    [coreDns, nodeCache] = await Promise.all([cluster.startCoreDns(), cluster.startNodeCache('node1')]);
    await ask('live', 50);
    await following.untilWhole(coreDns);
    await following.untilWhole(nodeCache);
    expect(following.toldOf(coreDns).filter((text) => text.includes('live-')).length).toBeGreaterThanOrEqual(
      50,
    );
    expect(
      kubelet.calls.some((call) => call.includes('follow=true') && call.includes('timestamps=true')),
    ).toBe(true);

    // The comparison sees a line that is missing, and one that came twice.
    const told = following.toldOf(coreDns);
    expect(compareWithLogs(told.toSpliced(told.length - 2, 1), coreDns)).toBeDefined();
    expect(compareWithLogs([...told, ...told.slice(-1)], coreDns)).toBeDefined();
  });

  test('the program itself, with these rights: every query once', async () => {
    const program = await startKubeProgram(cluster, 'corespan');
    try {
      // It goes on from when it began to follow, which shows by what it has read.
      await until('the log to be followed', async () => {
        await ask('begun', 1);
        return (await program.linesOf(coreDns)) > 0 || undefined;
      });
      // Of a type that nobody else asks for.
      const names = Array.from({ length: 50 }, (_, n) => [`program-${n}.example.org`, 'TXT']);
      await cluster.runIn(cluster.sandboxes.node1, ['dig', '+short', '@10.96.0.10', ...names.flat()]);
      await until('its queries', async () => (await program.countQueries('TXT')) >= 50 || undefined);
      expect(await program.countQueries('TXT')).toBe(50);
      expect(findImbalances(await program.metrics())).toEqual([]);
    } finally {
      expect(await program.stop()).toEqual({ code: 0, signal: undefined });
    }
  });

  test('the stand-in answers nobody but the API server', async () => {
    const socket = connectIn(cluster.network.controlPlane, {
      address: NODES.node1.address,
      port: KUBELET_PORT,
    });
    const secured = connect({ socket, rejectUnauthorized: false });
    secured.write(
      'GET /containerLogs/kube-system/x/coredns HTTP/1.1\r\nHost: node1\r\nConnection: close\r\n\r\n',
    );
    expect(await text(secured)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('rotated while it is followed: nothing is missed', async () => {
    for (const name of ['one', 'two', 'three']) {
      await ask(name);
      await coreDns.rotate();
    }
    await ask('four');
    await following.untilWhole(coreDns);
    expect(following.losses()).toEqual({});
  });

  test('cut off again and again under traffic: nothing is missed, nothing comes twice', async () => {
    for (let n = 0; n < 5; n++) {
      const asked = ask(`cut-${n}`, 30);
      following.door.cut();
      await asked;
    }
    await following.untilWhole(coreDns);
    await following.untilWhole(nodeCache);
    expect(following.losses()).toEqual({});
  });

  test('the API server goes and comes back: what was written meanwhile is read then', async () => {
    await cluster.controlPlane.apiServer.stop(0);
    await ask('meanwhile', 30);
    await cluster.controlPlane.apiServer.start();
    await following.untilWhole(coreDns);
    expect(following.losses()).toEqual({});
  });

  test('CoreDNS restarts while nobody listens: the rest of the old log, then the new one', async () => {
    following.door.shut();
    await ask('last-words');
    kubelet.ended.add(coreDns.logPath());
    await coreDns.restart();
    await cluster.api.patch(`${KUBE_SYSTEM}/pods/${coreDns.pod.name}/status`, toRestarted('coredns', 1));
    await ask('again');
    following.door.open();
    await following.untilWhole(coreDns);
    expect(kubelet.calls.some((call) => call.includes('previous=true'))).toBe(true);
    expect(following.losses()).toEqual({});
  });

  test('rotated while nobody listens: exactly what was rotated away is missing, and it is counted', async () => {
    await ask('before');
    await following.untilWhole(coreDns);
    following.door.shut();
    await ask('lost');
    await coreDns.rotate();
    await ask('found');
    following.door.open();
    const isLost = (text: string): boolean => text.includes(' lost-');
    await following.untilWhole(coreDns, isLost);
    expect(following.losses()).toEqual({ missed: 1 });
    // All else was told: without the exception the comparison fails.
    expect(compareWithLogs(following.toldOf(coreDns), coreDns)).toBeDefined();
  });

  test('a replica that comes is followed from its beginning; one that goes is let go', async () => {
    const second = await cluster.startCoreDns({ node: 'node2' });
    await following.untilWhole(second);
    expect(following.toldOf(second).length).toBeGreaterThan(0);
    const before = following.losses();
    // The cache's follower may still wait after the test before: whoever connects later would hide who goes.
    await askAt({ address: NODE_LOCAL, server: nodeCache }, 'connected', 1);
    await following.untilWhole(nodeCache);
    const { connections } = following.door;
    await cluster.removeCoreDns(second);
    // Whoever follows it has one of its own, and gives it up once all is known of the log.
    await until('its follower to go', () => following.door.connections < connections || undefined);
    await ask('alone');
    await following.untilWhole(coreDns, (text) => text.includes(' lost-'));
    expect(following.losses()).toEqual(before);
  });
});

/** The Role of the README, word for word. */
async function giveRights({ api }: RealCluster): Promise<void> {
  const blocks = readBlocks('yaml', ['README.md']).map(({ text }) => parse(text) as KubeObject);
  const role = blocks.find(({ kind }) => kind === 'Role');
  if (role === undefined) throw new Error('the README has no Role');
  const { metadata } = role;
  await api.create(`${RBAC}/roles`, role);
  await api.create(`${RBAC}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'kube-system', name: 'corespan' }],
  });
}

/** What a kubelet reports of a container that runs again. */
function toRestarted(name: string, restartCount: number): object {
  const status = { name, restartCount, ready: true, image: `example.org/${name}`, imageID: 'none' };
  return { status: { containerStatuses: [status] } };
}
