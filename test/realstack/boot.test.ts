/** The small cluster comes up, answers, logs as a real one does, and goes without a trace. */
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CONTROL_PLANE, NODES } from './addresses.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import { fetchIn, openDoor } from './doors.ts';
import type { RealPod } from './kubelet.ts';
import { listNamespaces, listProcesses } from './namespaces.ts';
import { readNetworkState } from './networkState.ts';
import { type LoggedQuery, untilQueried } from './queryLog.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { asUser } from './sandbox.ts';
import { tell, toSeconds } from './tell.ts';
import { until } from './until.ts';

const WEB = { namespace: 'shop', name: 'web' };

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('the small cluster', CLUSTER_NEEDS, () => {
  let machineBefore: string[];
  let cluster: RealCluster;
  let coreDns: DnsServer;
  let nodeCache: DnsServer;
  let web: RealPod;
  let cached: RealPod;
  let far: RealPod;

  beforeAll(async () => {
    machineBefore = await readNetworkState();
    const begin = performance.now();
    cluster = await startCluster({ runFolder: toRunFolder('boot'), log: tell });
    await Promise.all(['shop', 'pay'].map((name) => cluster.addNamespace(name)));
    const placements = {
      web: { node: 'node1', address: '10.244.1.7' },
      cached: { node: 'node1', address: '10.244.1.8', dns: 'node-local' },
      far: { node: 'node2', address: '10.244.2.5' },
    } as const;
    [coreDns, nodeCache, web, cached, far] = await Promise.all([
      cluster.startCoreDns({ address: '10.244.1.2' }),
      cluster.startNodeCache('node1'),
      cluster.deploy('Deployment', WEB, [placements.web]).then(only),
      cluster.deploy('StatefulSet', { namespace: 'pay', name: 'cached' }, [placements.cached]).then(only),
      cluster.deploy('CronJob', { namespace: 'shop', name: 'far' }, [placements.far]).then(only),
      cluster.addService({ namespace: 'pay', name: 'api', clusterIP: '10.96.0.20' }),
    ]);
    tell(`everything: ${toSeconds(begin)} s`);
  });

  afterAll(() => cluster?.stop());

  test('a pod resolves a Service by the search path, and CoreDNS sees the address of the pod', async () => {
    expect(await resolve(cluster, web, 'api.pay')).toBe('10.96.0.20');
    const asked = { client: '10.244.1.7', protocol: 'udp' };
    const walk = [
      { name: 'api.pay.shop.svc.cluster.local.', rcode: 'NXDOMAIN' },
      { name: 'api.pay.svc.cluster.local.', rcode: 'NOERROR' },
    ];
    for (const { name, rcode } of walk) {
      expect(await untilPair(coreDns, name)).toMatchObject(toPair({ ...asked, name, rcode }));
    }
  });

  test('behind a node-local cache CoreDNS sees the node, by TCP; the cache sees the pod', async () => {
    const name = 'cached-0.pay.svc.cluster.local.';
    expect((await cluster.attemptIn(cached.sandbox, ['getent', 'ahosts', name])).code).toBe(2);
    const asked = { name, rcode: 'NXDOMAIN' };
    expect(await untilPair(nodeCache, name)).toMatchObject(
      toPair({ ...asked, client: '10.244.1.8', protocol: 'udp' }),
    );
    expect(await untilPair(coreDns, name)).toMatchObject(
      toPair({ ...asked, client: NODES.node1.address, protocol: 'tcp' }),
    );
  });

  test.each([
    ['node1', NODES.node1.address],
    ['node2', NODES.node2.address],
  ] as const)("from the host network of %s CoreDNS sees the node's own address", async (node, address) => {
    const name = `${node}.example.org.`;
    expect(await cluster.runIn(cluster.sandboxes[node], ['dig', '+short', '@10.96.0.10', name])).toBe(
      '198.51.100.7\n',
    );
    expect(await untilQueried(coreDns.logFolder, name, 1)).toMatchObject([
      { client: address, type: 'A', name, protocol: 'udp', rcode: 'NOERROR' },
    ]);
  });

  test('of a pod that leaves its node translated CoreDNS sees an address that no pod has', async () => {
    const name = 'translated.example.org.';
    expect(await resolve(cluster, far, name)).toBe('198.51.100.7');
    expect(await untilPair(coreDns, name)).toMatchObject(
      toPair({ client: '10.244.2.0', name, protocol: 'udp', rcode: 'NOERROR' }),
    );
  });

  test('the server outside fails and falls silent when told', async () => {
    const dig = (name: string, seconds = 15) =>
      cluster.attemptIn(web.sandbox, ['dig', '+tries=1', `+timeout=${seconds}`, '+noall', '+comments', name]);
    await cluster.upstream.become('servfail');
    expect((await dig('failing.example.org')).stdout).toContain('status: SERVFAIL');
    await cluster.upstream.become('silent');
    expect((await dig('silent.example.org', 1)).stdout).toContain('no servers could be reached');
    await cluster.upstream.become('normal');
    expect((await dig('back.example.org')).stdout).toContain('status: NOERROR');
  });

  test('what a controller makes in place of a deleted pod can have its address within 200 ms', async () => {
    const idle: number[] = [];
    // A machine that is busy elsewhere takes longer now and then.
    while (idle.length < 20 && Math.min(...idle) > 200) {
      await cluster.deletePod(web, { grace: 1 });
      const next = await cluster.placeNext(WEB, { node: 'node1', address: web.address });
      expect(next).toMatchObject({ namespace: 'shop', address: web.address });
      expect(next.uid).not.toBe(web.uid);
      web = next;
      idle.push(next.network?.idle ?? Number.NaN);
    }
    tell(`address used again after ${idle.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    expect(Math.min(...idle)).toBeLessThan(200);
    expect(await resolve(cluster, web, 'api.pay')).toBe('10.96.0.20');
  });

  test('a log that is rotated goes on under its name, and the renamed one stays beside it', async () => {
    const rotated = await coreDns.rotate();
    expect(basename(rotated)).toMatch(/^0\.log\.\d{8}-\d{6}$/);
    await resolve(cluster, web, 'rotated.example.org.');
    await untilQueried(coreDns.logFolder, 'rotated.example.org.', 2);
    expect(readdirSync(coreDns.logFolder).toSorted()).toEqual(['0.log', basename(rotated)]);
  });

  test('a restarted CoreDNS answers again and writes 1.log', async () => {
    await coreDns.restart();
    expect(basename(coreDns.logPath())).toBe('1.log');
    expect(await resolve(cluster, web, 'restarted.example.org.')).toBe('198.51.100.7');
    expect(coreDns.endings).toEqual([{ code: 0, lines: expect.any(Number), lost: 0 }]);
  });

  test('a second replica takes part of the queries, and goes again', async () => {
    const second = await cluster.startCoreDns({ program: 'coredns-prev', node: 'node2', logFormat: 'text' });
    for (let n = 0; n < 4; n++) await resolve(cluster, web, `n${n}.example.org.`);
    const shares = [coreDns, second].map(async ({ pod }) => {
      const { body } = await fetchIn(cluster.sandboxes.node1.namespace, `http://${pod.address}:9153/metrics`);
      return /coredns_dns_requests_total\{.*proto="udp".*type="A"/.test(body);
    });
    expect(await Promise.all(shares)).toEqual([true, true]);
    await cluster.removeCoreDns(second);
    expect(await resolve(cluster, web, 'one.example.org.')).toBe('198.51.100.7');
    expect(existsSync(dirname(second.logFolder))).toBe(false);
  });

  test('a program of a pod reaches a server of the test through a door', async () => {
    const server = createServer((asked, answer) => answer.end(`${asked.method} ${asked.url}`));
    const socketPath = join(cluster.socketFolder, 'sink.sock');
    await once(server.listen(socketPath), 'listening');
    const door = openDoor(cluster.network.controlPlane, {
      port: 4318,
      socketPath,
      logFile: `${cluster.runFolder}/door.log`,
    });
    const { body } = await until('the door to open', () =>
      fetchIn(web.sandbox.namespace, `http://${CONTROL_PLANE}:4318/v1/traces`, {
        method: 'POST',
        body: '{}',
      }),
    );
    expect(body).toBe('POST /v1/traces');
    await door.stop();
    server.close();
  });

  test('a program runs beside CoreDNS as another user, reads its log, and cannot write there', async () => {
    const logs = { source: dirname(coreDns.logFolder), target: '/var/log/pods/own', isReadOnly: true };
    const sandbox = { ...coreDns.pod.sandbox, mounts: [...coreDns.pod.sandbox.mounts, logs] };
    const script =
      'id -u; head -c 4 /var/log/pods/own/coredns/1.log; ls /var/run/secrets/kubernetes.io/serviceaccount';
    const argv = asUser({ user: 65_532, group: 0 }, ['sh', '-c', `${script}; touch /var/log/pods/own/x`]);
    expect(await cluster.attemptIn(sandbox, argv)).toEqual({
      stdout: `65532\n${new Date().getFullYear()}ca.crt\nnamespace\ntoken\n`,
      stderr: expect.stringContaining('Read-only file system'),
      code: 1,
    });
  });

  test('the API server agrees with what was placed', async () => {
    const listed = await cluster.kubectl([
      'get',
      'pods',
      '-A',
      '-o',
      'jsonpath={range .items[*]}{.status.podIP}{"\\n"}{end}',
    ]);
    const addresses = [coreDns, nodeCache].map(({ pod }) => pod.address);
    expect(listed.split('\n')).toEqual(
      expect.arrayContaining([...addresses, web.address, cached.address, far.address]),
    );
    expect(await cluster.kubectl(['get', '--raw=/readyz'])).toBe('ok');
  });

  test('the machine sees nothing of it while it runs, and nothing is left afterwards', async () => {
    // The look is a sharp one: it sees every interface of a node, of which one pod more makes one more.
    const links = (await readNetworkState(cluster.network.nodes.node1)).filter((line) =>
      line.includes(' veth '),
    );
    expect(links.length).toBeGreaterThan(4);
    expect(await readNetworkState()).toEqual(machineBefore);

    const prefix = cluster.network.controlPlane.replace(/cp$/, '');
    const namespaces = await listNamespaces(prefix);
    const processes = (await Promise.all(namespaces.map(listProcesses))).flat();
    expect(namespaces.length).toBeGreaterThan(6);
    expect(processes.length).toBeGreaterThan(7);

    await cluster.stop();
    expect({ namespaces: await listNamespaces(prefix), machine: await readNetworkState() }).toEqual({
      namespaces: [],
      machine: machineBefore,
    });
    // Those that lost their parent are taken off the list by the machine's first process, when it has time.
    await until(
      'the end of every process',
      () => !processes.some((pid) => existsSync(`/proc/${pid}`)) || undefined,
    );
  });
});

function only(pods: readonly RealPod[]): RealPod {
  const [pod] = pods;
  if (pod === undefined || pods.length > 1) throw new Error(`expected one pod, got ${pods.length}`);
  return pod;
}

/** By glibc; the first address. */
async function resolve(cluster: RealCluster, pod: RealPod, name: string): Promise<string> {
  const found = await cluster.runIn(pod.sandbox, ['getent', 'ahosts', name]);
  return found.split(' ')[0] ?? '';
}

/** glibc asks for both types at once, and CoreDNS logs first what it has answered first. */
async function untilPair(server: DnsServer, name: string): Promise<LoggedQuery[]> {
  const found = await untilQueried(server.logFolder, name, 2);
  return found.toSorted((a, b) => a.type.length - b.type.length);
}

function toPair(query: Omit<LoggedQuery, 'type' | 'end' | 'seconds'>): object[] {
  return ['A', 'AAAA'].map((type) => ({ ...query, type }));
}
