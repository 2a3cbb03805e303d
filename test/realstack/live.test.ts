/** corespan live beside real DNS servers: every lookup found once, nobody taken for another, nothing lost. */
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import type { OtlpSpan } from '../support/truth.ts';
import {
  compareCounts,
  compareLookups,
  countAttributions,
  countLines,
  type FoundWithQueries,
  toFoundEdges,
  toFoundWithQueries,
  toLoggedQueries,
  toTrueEdges,
  toTrueQueries,
} from './liveAccount.ts';
import {
  askAtOnce,
  askOneByOne,
  churn,
  deleteAndMakeAgain,
  handOver,
  rollOut,
  rotateUnderLoad,
  toOwnWishes,
  UNCACHED_COREFILE,
} from './liveHappenings.ts';
import { askUnreported, askWhenGone, handOverUnread } from './liveLate.ts';
import { type LedgerWatch, readRequests, untilSettled, watchLedger } from './liveLedger.ts';
import {
  compareHops,
  compareSeconds,
  compareTimes,
  countDenied,
  toEdgeSeconds,
  toFoundOutcomes,
  toFoundTypes,
  toLoggedTypes,
  toTrueOutcomes,
} from './liveMeasures.ts';
import { copyWithoutLine, replay } from './liveReplay.ts';
import { CRAWLER, createWorld, SERVICES, type Watched, type World } from './liveWorld.ts';
import { canLimitMemory } from './memoryLimit.ts';
import { type LoggedQuery, readQueries } from './queryLog.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';
import { tell, toSeconds } from './tell.ts';
import type { Client } from './traffic.ts';
import { toServiceWish } from './trafficNames.ts';

const NEEDS = {
  ...CLUSTER_NEEDS,
  packages: [...CLUSTER_NEEDS.packages, 'gcc', 'libc6-dev', 'musl-tools'],
} as const;

/** Programs start five times as slowly beside other loads. */
vi.setConfig({ testTimeout: 240_000 });

describeRealStack('corespan live', NEEDS, () => {
  let world: World;
  let web: Client;
  let crawler: Client;
  let ledger: LedgerWatch;
  let all: Watched[];
  /** By pod: what a DNS server counted, restarts included. */
  const requests = new Map<string, number>();

  beforeAll(async () => {
    world = await createWorld(toRunFolder('live'), tell);
    web = world.clients.web;
    all = [world.coreDns, world.nodeCache];
    ledger = watchLedger(all);
  });

  afterAll(async () => {
    await ledger?.stop().catch(() => {});
    await world?.collector.stop();
    await world?.cluster.stop();
  });

  /** Before a server's counters are lost. */
  async function noteRequests(watched: Watched): Promise<void> {
    const { name } = watched.server.pod;
    requests.set(name, (requests.get(name) ?? 0) + (await readRequests(world, watched)));
  }

  test('the traffic: every kind of lookup, one after another in each pod', async () => {
    await timed('alone', world, () => askOneByOne(world));
  });

  test('the traffic: many lookups of one pod at once, of one name and of many', async () => {
    await timed('overlapping', world, () => askAtOnce(world));
  });

  test('the traffic: an address that passes to another pod', async () => {
    await timed('address reuse', world, async () => {
      crawler = await handOver(world, world.clients.debug, { to: CRAWLER });
      tell(`the address was nobody's for ${crawler.pod?.network?.idle?.toFixed(0)} ms`);
    });
  });

  test('the traffic: a Service that goes and comes back, after a reload', async () => {
    await timed('reload, Service made again', world, async () => {
      await world.coreDns.server.reload(UNCACHED_COREFILE);
      await deleteAndMakeAgain(world, web);
    });
  });

  test('the traffic: pods that come and go, and a new version', async () => {
    await timed('churn and rollout', world, async () => {
      await churn(world, ['10.244.1.31', '10.244.1.32', '10.244.1.32', '10.244.1.33', '10.244.1.31']);
      web = await rollOut(world, web);
    });
  });

  test('the traffic: CoreDNS is restarted, the node-local cache is killed', async () => {
    const { coreDns, nodeCache, traffic, clients, cluster } = world;
    await timed('restarts', world, async () => {
      await noteRequests(coreDns);
      await coreDns.server.restart();
      await Promise.all([
        traffic.ask(web, 'glibc', toOwnWishes('coredns-is-back', 8), 2),
        traffic.ask(clients.payments, 'musl', [toServiceWish(SERVICES.web, 'ns')]),
      ]);
      // Last, since it asks CoreDNS for something as it starts.
      await noteRequests(nodeCache);
      await nodeCache.server.stop('SIGKILL');
      const dig = ['dig', '+tries=1', '+timeout=2', 'www.example.org'];
      expect((await cluster.attemptIn(clients.cart.sandbox, dig)).code).toBe(9);
      await nodeCache.server.restart();
      await traffic.ask(clients.cart, 'glibc', toOwnWishes('cache-is-back', 8), 2);
    });
  });

  test('the traffic: an address that passes on before the log is read, and then goes', async () => {
    await timed('address reuse, read late', world, async () => {
      await askWhenGone(world, await handOverUnread(world, crawler));
    });
  });

  test('the traffic: a pod that asks before it is reported', async () => {
    await timed('reported late', world, () => askUnreported(world));
  });

  test('the traffic: logs that are rotated while they are written', async () => {
    await timed('rotation under load', world, async () => {
      const { cart, payments, db, report } = world.clients;
      const rotations = await rotateUnderLoad(world, [web, cart, payments, db, report], 500);
      tell(`${rotations} rotations`);
      expect(rotations).toBeGreaterThan(1);
    });
  });

  test('the traffic: two replicas share it', async () => {
    await timed('two replicas', world, async () => {
      const replica = await world.addReplica();
      all.push(replica);
      ledger.add(replica);
      await world.traffic.ask(web, 'glibc', toOwnWishes('shared', 40), 4);
      const asked = readQueries(replica.server.logFolder).filter(({ name }) => name.startsWith('shared-'));
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.length).toBeLessThan(80);
    });
  });

  /** What corespan says in the end, and what the DNS servers say. */
  let scrapes: string[];
  let logged: LoggedQuery[];
  let found: FoundWithQueries[];
  let spans: readonly OtlpSpan[];

  test('every line is accounted for, at every scrape', async () => {
    await Promise.all(all.map(noteRequests));
    const endings = await Promise.all(all.map(({ server }) => server.stop()));
    expect(endings.map(({ lost }) => lost)).toEqual(endings.map(() => 0));
    const written = all.map(({ server }) => server.endings.reduce((sum, { lines }) => sum + lines, 0));
    scrapes = await Promise.all(all.map((watched, n) => untilSettled(watched, written[n] ?? 0)));
    await ledger.stop();
    expect(scrapes.map((text) => countLines(text))).toEqual(written);
    expect(ledger.imbalances).toEqual([]);
    expect(ledger.scrapes).toBeGreaterThan(50);
    spans = world.collector.spans;
    found = toFoundWithQueries(spans);
    logged = all.flatMap(({ server }) => readQueries(server.logFolder));
    tell(`${written.join(' + ')} lines, ${ledger.scrapes} scrapes, ${spans.length} spans`);
  });

  test('of a ledger with a line too many that would be noticed (twin)', () => {
    const falsified = scrapes.map((text) =>
      text.replace(
        /^(corespan_lines_read_total\{.*\}) (\d+)$/m,
        (_, name, value) => `${name} ${Number(value) + 1}`,
      ),
    );
    expect(falsified.map((text) => findImbalances(text).length)).toEqual(all.map(() => 1));
  });

  test('as many queries are read as the DNS servers have counted', () => {
    const counted = all.map(({ server }) => requests.get(server.pod.name));
    expect(scrapes.map((text) => countLines(text, 'query'))).toEqual(counted);
  });

  test('the logs hold what was asked, by another reader than ours', () => {
    for (const asks of ['coredns', 'node-cache'] as const) {
      const truth = world.traffic.lookups.filter(({ by }) => by.asks === asks);
      const addresses = new Set(truth.map(({ by }) => by.address));
      const servers = asks === 'coredns' ? [world.coreDns, ...all.slice(2)] : [world.nodeCache];
      const logged = servers.flatMap(({ server }) => readQueries(server.logFolder));
      // What comes from the node by TCP is its cache's.
      const ofClients = toLoggedQueries(
        logged,
        ({ client, protocol }) =>
          addresses.has(client) && !(client === world.clients.host.address && protocol === 'tcp'),
      );
      expect(compareCounts(toTrueQueries(truth), ofClients)).toEqual([]);
      expect(compareCounts(toTrueQueries(truth.slice(1)), ofClients)).not.toEqual([]);
    }
  });

  test('every lookup is found exactly once, and no other', () => {
    expect(compareLookups(world.traffic.lookups, found)).toEqual([]);
  });

  test('a lookup too few, one too many, one of another pod would be noticed (twin)', () => {
    // One that nobody else can be taken for.
    const one = found.find(({ name }) => name === 'before-0.example.org');
    if (one === undefined) throw new Error('before-0.example.org was not found');
    const rest = found.filter((other) => other !== one);
    const kinds = (falsified: readonly FoundWithQueries[]): string[] =>
      compareLookups(world.traffic.lookups, falsified).map(({ kind }) => kind);
    expect(kinds(rest)).toEqual(['missing']);
    expect(kinds([...rest, one, { ...one }])).toEqual(['extra']);
    expect(kinds([...rest, { ...one, client: 'shop/nobody' }])).toEqual(['client']);
    expect(kinds([...rest, { ...one, outcome: 'denial' }])).toEqual(['outcome']);
    expect(kinds([...rest, { ...one, target: 'web' }])).toEqual(['outcome']);
  });

  test('every lookup lasts as long as the log says', () => {
    const { compared, differences } = compareTimes(found, logged);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(0.9 * found.length);
    tell(`${compared} durations compared`);
    const [one] = found;
    if (one === undefined) throw new Error('nothing was found');
    expect(compareTimes([{ ...one, end: one.end + 0.01 }], logged).differences).toHaveLength(1);
  });

  test('nobody is taken for another, and who cannot be named has the right reason', () => {
    const { right, unknown, wrong } = countAttributions(world.traffic.lookups, spans);
    tell(`attributions: ${right} right, ${JSON.stringify(unknown)} unknown, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(Object.keys(unknown).toSorted()).toEqual(['host_network', 'snat', 'stale']);
    expect(right).toBeGreaterThan(1_000);
    // The twin: all of one pod's are given to another one.
    const { identity } = web;
    const falsified = world.traffic.lookups.map((lookup) =>
      lookup.by.identity === identity ? { ...lookup, by: { ...lookup.by, identity: 'shop/nobody' } } : lookup,
    );
    expect(countAttributions(falsified, spans).wrong.length).toBeGreaterThan(50);
  });

  test('the logs and the recorded cluster, replayed, tell the same; without one line they do not (twin)', async () => {
    const { cluster, recording, recordingFolder, traffic } = world;
    await recording.stop();
    // How soon a change of hands was noticed is this process's matter, not the product's.
    const isSteady = (name: string): boolean => !/^(before|after|churn|stale|unreported)-/.test(name);
    const truth = traffic.lookups.filter(({ asked }) => isSteady(asked));
    const compare = (all: readonly FoundWithQueries[]): readonly string[] =>
      compareLookups(
        truth,
        all.filter(({ name }) => isSteady(name)),
      ).map(({ text }) => text);

    const whole = await replay(cluster.podLogs, recordingFolder, join(cluster.runFolder, 'whole.jsonl'));
    // A process of the node may ask for what its cache asks for in the same milliseconds, from the same address: where
    // the cache's line comes late, chance tells which of the two is the hop (docs/adr/002).
    const differences = compare(whole.found);
    const taken = differences.filter((text) => text.startsWith('not found: host_network asked for '));
    expect(differences.filter((text) => !taken.includes(text))).toEqual([]);
    expect(taken.length).toBeLessThanOrEqual(2);
    // Only who reads both logs can put them together.
    const hops = compareHops(logged, whole.spans);
    tell(`${hops.found} of ${hops.logged} hops are in spans`);
    expect(hops.unlogged).toEqual([]);
    expect(hops.taken.length).toBeLessThanOrEqual(2);
    expect(hops.found).toBeGreaterThan(0.95 * hops.logged);
    expect(hops.logged).toBeGreaterThan(50);
    expect(compareHops([], whole.spans).unlogged).not.toEqual([]);
    const copy = join(cluster.runFolder, 'without-a-line');
    const replica = all.at(-1)?.server.logPath() ?? '';
    const file = relative(cluster.podLogs, replica);
    copyWithoutLine(cluster.podLogs, copy, { file, says: '"A IN shared-' });
    const lacking = await replay(copy, recordingFolder, join(cluster.runFolder, 'lacking.jsonl'));
    expect(lacking.lines).toBe(whole.lines - 1);
    expect(compare(lacking.found)).toEqual([...taken, expect.stringContaining(' asked for shared-')]);
  });

  test.skipIf(!canLimitMemory())('every sidecar has stayed within its memory', () => {
    expect(all.map(({ sidecar }) => sidecar.memoryKills())).toEqual(all.map(() => 0));
    tell(`resident: ${all.map(({ sidecar }) => `${(sidecar.rss() / 2 ** 20).toFixed(0)} MiB`).join(', ')}`);
  });

  test('the edges of all replicas together are those of the traffic', () => {
    const edges = toFoundEdges(scrapes);
    const truth = toTrueEdges(world.traffic.lookups);
    expect(compareCounts(truth, edges)).toEqual([]);
    expect(truth.size).toBeGreaterThan(40);
    const [key = '', count = 0] = truth.entries().next().value ?? [];
    expect(compareCounts(new Map([...truth, [key, count + 1]]), edges)).toHaveLength(1);
    expect(compareCounts(truth, toFoundEdges(scrapes.slice(1)))).not.toEqual([]);
    const seconds = toEdgeSeconds(found);
    expect(compareSeconds(truth, seconds, toFoundEdges(scrapes, 'server_seconds_sum'))).toEqual([]);
    expect(compareSeconds(truth, seconds, toFoundEdges(scrapes.slice(1), 'server_seconds_sum'))).not.toEqual(
      [],
    );
    expect(compareCounts(truth, toFoundEdges(scrapes, 'server_seconds_count'))).toEqual([]);
    tell(`${world.traffic.lookups.length} lookups compared, ${truth.size} edges`);
  });

  test('so are the counts of outcomes, of types and of denials', () => {
    const { lookups } = world.traffic;
    expect(compareCounts(toTrueOutcomes(lookups), toFoundOutcomes(scrapes))).toEqual([]);
    expect(compareCounts(toTrueOutcomes(lookups.slice(1)), toFoundOutcomes(scrapes))).toHaveLength(1);
    expect(compareCounts(toLoggedTypes(logged), toFoundTypes(scrapes))).toEqual([]);
    expect(compareCounts(toLoggedTypes(logged.slice(0, -1)), toFoundTypes(scrapes))).toHaveLength(1);
    const denied = countDenied(logged);
    const told = scrapes.flatMap(parseExposition);
    expect(denied).toBeGreaterThan(100);
    expect(sumOf(told, 'corespan_nxdomain_total')).toBe(denied);
    tell(`${logged.length} queries by type, ${denied} denials compared`);
  });
});

async function timed(name: string, { traffic }: World, phase: () => Promise<unknown>): Promise<void> {
  const begin = performance.now();
  const before = traffic.lookups.length;
  await phase();
  tell(`${name}: ${traffic.lookups.length - before} lookups in ${toSeconds(begin)} s`);
}
