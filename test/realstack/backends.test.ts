/** What Prometheus and Tempo show of a known traffic is that traffic: edges, counts, exemplars, traces. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEdges, readLookups, readNames, toEnd, toPlainSeries } from './backendsReadings.ts';
import { ATTACHED, type Scrapers, startScrapers } from './backendsScrapers.ts';
import { BACKEND_NEEDS, type Stage, setStage, startSidecars, tellCosts, toTarget } from './backendsStage.ts';
import { type Asked, countBy, toEdge, toExpectedEdges } from './backendsTraffic.ts';
import { rootOf } from './monitoringSpans.ts';
import { PROMETHEUS_GENERATIONS, type Prometheus, type PrometheusGeneration } from './prometheus.ts';
import type { TimeRange } from './prometheusApi.ts';
import { readServiceGraph, toLatencyQuery, toViewTraces } from './prometheusServiceGraph.ts';
import { describeRealStack } from './realStack.ts';
import type { Sidecar } from './sidecar.ts';
import { tell, tellEach, toSeconds } from './tell.ts';
import { startTempo, type Tempo } from './tempo.ts';
import { until } from './until.ts';

const SEEN = { within: 90_000, every: 500 };
/** Milliseconds for two rounds of traffic to be shown: each waiting says itself what it has waited for. */
const PATIENCE = 400_000;
const OURS = 'source="corespan",job="corespan"';

describeRealStack('what the backends see', BACKEND_NEEDS, () => {
  let stage: Stage;
  let sidecars: readonly Sidecar[];
  let tempo: Tempo;
  let scrapers: Scrapers;
  let asked: readonly Asked[];
  let secondRound: readonly Asked[];
  /** From before the second round to after it. */
  let ranges: Readonly<Record<PrometheusGeneration, TimeRange>>;

  beforeAll(async () => {
    const begin = performance.now();
    stage = await setStage('backends');
    tempo = await startTempo(stage.cluster);
    sidecars = await startSidecars(stage, ['--otlp-endpoint', tempo.otlpUrl, '--sample-ratio', '1']);
    scrapers = await startScrapers(stage);
    // Every scraper is shown a row at 0 before it is shown its value. So that `rate` sees the second round whole,
    // every row exists before, at every replica.
    const firstRound = await stage.shop.askEach(1, stage.servers.slice(0, 2));
    await untilShown(firstRound);
    // The first samples of the range are to be from between the rounds, even if it begins a second earlier.
    const from = await scrapers.untilScraped(3);
    secondRound = await stage.shop.ask(2);
    asked = [...firstRound, ...secondRound];
    await untilShown(asked);
    // Some samples more, so that what `rate` reckons beyond the first and the last one is a small part.
    const to = await scrapers.untilScraped(5);
    ranges = {
      '2.42': { from: from['2.42'], to: to['2.42'] },
      '3.15': { from: from['3.15'], to: to['3.15'] },
    };
    tellCosts([...Object.values(scrapers.prometheuses), tempo]);
    tell(`both rounds shown in ${toSeconds(begin)} s`);
  }, PATIENCE);

  afterAll(async () => {
    await scrapers?.textRelay.stop();
    await stage?.cluster.stop();
  });

  tellEach(() => `${asked.length} lookups, ${toExpectedEdges(asked).size} edges`);

  /** In both of them; lookups without an edge close last. */
  async function untilShown(sofar: readonly Asked[]): Promise<void> {
    const lookups = countBy(sofar, ({ client }) => client);
    for (const prometheus of Object.values(scrapers.prometheuses)) {
      const look = async (): Promise<true> => {
        expect(await readLookups(prometheus, 'job="corespan"')).toEqual(lookups);
        expect(await readEdges(prometheus, { selector: OURS })).toEqual(toExpectedEdges(sofar));
        return true;
      };
      await until(`${sofar.length} lookups in ${prometheus.name}`, look, SEEN);
    }
  }

  describe.each(PROMETHEUS_GENERATIONS)('Prometheus %s', (generation) => {
    let prometheus: Prometheus;
    let range: TimeRange;
    beforeAll(() => {
      prometheus = scrapers.prometheuses[generation];
      range = ranges[generation];
    });

    function view(serviceMapQuery: string) {
      const seconds = Math.ceil(range.to - range.from) + 1;
      return { serviceMapQuery, range: seconds, to: range.to, includesNamespace: true };
    }

    test('counts every lookup once over all replicas, of which none alone has all', async () => {
      const edges = await readEdges(prometheus, { selector: OURS, at: range.to });
      expect(edges.size).toBeGreaterThan(10);
      expect(edges).toEqual(toExpectedEdges(asked));
      expect(edges).not.toEqual(toExpectedEdges(asked.slice(1)));
      for (const sidecar of sidecars) {
        const selector = `${OURS},instance="${toTarget(sidecar)}"`;
        const own = await readEdges(prometheus, { selector, at: range.to });
        expect(own.size).toBeGreaterThan(0);
        expect(own).not.toEqual(edges);
      }
    });

    test("Grafana's service graph draws the traffic of its time range, and nobody else's", async () => {
      const edges = await readServiceGraph(prometheus, view(`{${OURS}}`));
      const expected = toExpectedEdges(secondRound);
      const drawn = edges.map(({ client, server }) => toEdge(client, server));
      expect(drawn.toSorted()).toEqual([...expected.keys()].toSorted());
      for (const { client, server, connectionType, rate, failedRate, mean } of edges) {
        const edge = toEdge(client, server);
        const lookups = expected.get(edge) ?? 0;
        expect(connectionType).toBe('virtual_node');
        // `rate` reckons for the whole range what it has seen in most of it.
        expect(rate * view('').range, edge).toBeGreaterThan(lookups * 0.99);
        expect(rate * view('').range, edge).toBeLessThan(lookups * 1.7);
        expect(failedRate, edge).toBeCloseTo(server === 'servfail.test' ? rate : 0, 9);
        expect(mean, edge).toBeGreaterThan(0);
      }
      expect(await readServiceGraph(prometheus, view('{source="tempo"}'))).toEqual([]);
    });

    test("Grafana's link to the latency of an edge gets an answer for each", async () => {
      const quantiles = await prometheus.query(toLatencyQuery(view(`{${OURS}}`)), range.to);
      const found = quantiles.map(({ labels }) => toEdge(labels['client'] ?? '', labels['server'] ?? ''));
      const plain = [...toExpectedEdges(asked).keys()].map((edge) => edge.replaceAll(/\b\w+\//g, ''));
      expect(found.toSorted()).toEqual([...new Set(plain)].toSorted());
      for (const { value } of quantiles) expect(value).toBeGreaterThan(0);
    });

    test('reads the same in text as in OpenMetrics, which alone has exemplars', async () => {
      const [first = ''] = sidecars.map(toTarget);
      const names =
        '__name__=~"traces_service_graph_.+|corespan_(lookup_.+|lookups_total|query_.+|queries_total|nxdomain_total|response_.+)"';
      const read = async (selector: string): Promise<string[]> =>
        toPlainSeries(await prometheus.query(`{${names},${selector}}`, range.to), [
          ...Object.keys(ATTACHED),
          'job',
          'instance',
        ]);
      const text = await read('job="text"');
      const openMetrics = await read(`job="corespan",instance="${first}"`);
      expect(text.length).toBeGreaterThan(100);
      expect(text).toEqual(openMetrics);
      expect(text.with(0, 'falsified')).not.toEqual(openMetrics);
      const all = { from: range.from - 600, to: range.to };
      expect(await prometheus.exemplars(`{${names},job="text"}`, all)).toEqual([]);
      const exemplars = await prometheus.exemplars(`{${names},job="corespan"}`, all);
      expect(exemplars.length).toBeGreaterThan(10);
      // What a 2.42 got through the proxy was text.
      const answerTypes = new Set(scrapers.textRelay.exchanges.map(({ answerType }) => answerType));
      expect([...answerTypes]).toEqual(['text/plain; version=0.0.4; charset=utf-8']);
    });

    test('no label of ours stands in the way of those that a scraper attaches', async () => {
      const names = await prometheus.labelNames('{job="corespan"}');
      expect(names).toEqual(expect.arrayContaining([...Object.keys(ATTACHED), 'client', 'source']));
      const exported = (all: readonly string[]): string[] =>
        all.filter((name) => name.startsWith('exported_'));
      expect(exported(names)).toEqual([]);
      // CoreDNS has one that does.
      expect(exported(await prometheus.labelNames('{job="coredns"}'))).toEqual(['exported_server']);
    });

    test('a time series leads from the first round to both, and a variable offers the workloads', async () => {
      const clients = await prometheus.labelValues('client', `traces_service_graph_request_total{${OURS}}`);
      expect(clients.toSorted()).toEqual(['agent', 'api', 'cart', 'ledger', 'report', 'web']);
      const promql = `sum(traces_service_graph_request_total{${OURS}})`;
      const [series] = await prometheus.queryRange(promql, { ...range, step: 1 });
      const values = (series?.points ?? []).map(([, value]) => value);
      const first = asked.length - secondRound.length;
      expect(values[0]).toBe(sumOf(toExpectedEdges(asked.slice(0, first))));
      expect(Math.max(...values)).toBe(sumOf(toExpectedEdges(asked)));
    });

    test('every exemplar leads to a trace in Tempo: a lookup of its edge', async () => {
      const metric =
        'traces_service_graph_request_server_seconds_bucket|corespan_lookup_duration_seconds_bucket';
      const all = { from: range.from - 600, to: range.to };
      const found = await prometheus.exemplars(`{__name__=~"${metric}"}`, all);
      const seen = new Set<string>();
      for (const { labels, series } of found) {
        const { resource, attributes } = rootOf((await tempo.trace(labels['trace_id'] ?? '')) ?? []);
        const wish = asked.find(({ name }) => name === `${attributes['dns.question.name']}.`);
        expect(wish).toBeDefined();
        if (series['client'] === undefined) continue;
        const edge = toEdge(toEnd(series, 'client'), toEnd(series, 'server'));
        const client = `${resource['service.namespace']}/${resource['service.name']}`;
        expect(toEdge(client, wish?.server ?? '')).toBe(edge);
        seen.add(edge);
      }
      expect([...seen].toSorted()).toEqual([...toExpectedEdges(asked).keys()].toSorted());
    });
  });

  describe('Tempo', () => {
    test.each<[string, string, (wish: Asked) => boolean]>([
      [
        'workload',
        '{ resource.service.name = "web" && resource.service.namespace = "shop" }',
        ({ client }) => client === 'shop/web',
      ],
      ['rcode', '{ span.dns.response_code = "SERVFAIL" }', ({ outcome }) => outcome === 'error'],
      ['denial', '{ span.dns.response_code = "NXDOMAIN" }', ({ outcome }) => outcome === 'denial'],
      ['name', '{ span.dns.question.name =~ "metrics-2-.*" }', ({ name }) => name.startsWith('metrics-2-')],
      [
        '“View traces” of an outside node',
        toViewTraces('example.net'),
        ({ server }) => server === 'example.net',
      ],
      ['“View traces” of a Service', toViewTraces('cart'), ({ server }) => server === 'shop/cart'],
    ])('finds by %s exactly the lookups that were asked', async (_, traceQl, isWanted) => {
      const expected = asked.filter(isWanted).map(({ name }) => name);
      expect(expected.length).toBeGreaterThan(1);
      await until(
        `${expected.length} traces of ${traceQl}`,
        async () => ((await tempo.search(traceQl)).length >= expected.length ? true : undefined),
        SEEN,
      );
      const found = await readNames(tempo, traceQl);
      expect(found).toEqual(expected.toSorted());
      expect(found).not.toEqual(expected.slice(1).toSorted());
    });

    test('finds nothing that nobody asked for', async () => {
      expect(await tempo.search('{ span.dns.question.name = "never.example.com" }')).toEqual([]);
      expect(await tempo.trace('0123456789abcdef0123456789abcdef')).toBeUndefined();
    });

    test('has the workloads that a variable of a dashboard offers', async () => {
      const services = await tempo.tagValues('resource.service.name');
      expect(services.toSorted()).toEqual(['agent', 'api', 'cart', 'ledger', 'report', 'web']);
    });
  });
});

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
