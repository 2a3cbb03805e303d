/** corespan runs beside CoreDNS as its image would: unprivileged, within its memory, and it reads every line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import { type RealCluster, startCluster } from './cluster.ts';
import type { DnsServer } from './dnsServer.ts';
import type { RealPod } from './kubelet.ts';
import { canLimitMemory, limitMemory } from './memoryLimit.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { type Sidecar, STATE_FOLDER, startSidecar } from './sidecar.ts';
import { tellEach } from './tell.ts';
import { until } from './until.ts';

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('the sidecar', CLUSTER_NEEDS, () => {
  let cluster: RealCluster;
  let servers: DnsServer[];
  let sidecars: Sidecar[];
  let web: RealPod | undefined;

  beforeAll(async () => {
    cluster = await startCluster({ runFolder: toRunFolder('sidecar'), log: () => {} });
    await cluster.addNamespace('shop');
    servers = await Promise.all([cluster.startCoreDns(), cluster.startNodeCache('node1')]);
    [web] = await cluster.deploy('Deployment', { namespace: 'shop', name: 'web' }, [
      { node: 'node1', dns: 'node-local' },
    ]);
    const args = ['--checkpoint', `${STATE_FOLDER}/positions.json`];
    const start = (server: DnsServer): Promise<Sidecar> => {
      const memory = canLimitMemory() ? limitMemory(192 << 20) : undefined;
      return startSidecar(cluster, server, { memory, args });
    };
    sidecars = await Promise.all(servers.map(start));
  });

  afterAll(() => cluster?.stop());
  tellEach(() => `${sidecars.length} sidecars`);

  test('is ready, names the client that asked, and accounts for every line', async () => {
    await Promise.all(sidecars.map((sidecar) => sidecar.ready()));
    if (web === undefined) throw new Error('no pod');
    await cluster.runIn(web.sandbox, ['getent', 'ahosts', 'www.example.org.']);
    const [, cache] = sidecars;
    if (cache === undefined) throw new Error('no sidecar');
    await until('the edge of shop/web', async () => {
      const text = await cache.metrics('openmetrics');
      expect(findImbalances(text)).toEqual([]);
      const labels = { client: 'web', client_service_namespace: 'shop', server: 'example.org' };
      return sumOf(parseExposition(text), 'traces_service_graph_request_total', labels) === 1 || undefined;
    });
  });

  test('runs as nobody, without a right', () => {
    for (const { pid } of sidecars) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
      expect(status).toMatch(/^CapEff:\t0+$/m);
    }
  });

  test.skipIf(!canLimitMemory())('stays within its memory', () => {
    for (const sidecar of sidecars) {
      expect(readFileSync(`/proc/${sidecar.pid}/cgroup`, 'utf8')).toMatch(/corespan-realstack-/);
      expect(sidecar.rss()).toBeGreaterThan(20 << 20);
      expect(sidecar.rss()).toBeLessThan(192 << 20);
      expect(sidecar.memoryKills()).toBe(0);
    }
  });

  test('ends when told to, and leaves its positions behind', async () => {
    const endings = await Promise.all(sidecars.map((sidecar) => sidecar.stop()));
    expect(endings).toEqual(endings.map(() => ({ code: 0, signal: undefined })));
    for (const { stateFolder } of sidecars) {
      expect(readFileSync(join(stateFolder, 'positions.json'), 'utf8')).toContain('0.log');
    }
  });
});
