/**
 * Every query of every dashboard, variable, link, rule and runbook, on real Prometheus and Tempo, fed by real DNS
 * traffic that is known. What Grafana makes of the answers is not tested: there is no Grafana here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toGroups } from '../../dashboards/alerts/files.ts';
import { UPSTREAM_METRICS } from '../../dashboards/build/upstream.ts';
import {
  type GrafanaDashboard,
  readDashboards,
  substitute,
  toLabelValues,
  toPanels,
} from '../support/dashboards.ts';
import { readBlocks } from '../support/documents.ts';
import { toEnd } from './backendsReadings.ts';
import { BACKEND_NEEDS } from './backendsStage.ts';
import { countBy, toEdge, toExpectedEdges } from './backendsTraffic.ts';
import { findDeadEnd, toLinks } from './dashboardsLinks.ts';
import { type Choices, findEmpty, findFaults, type Look, lookAt, toChoices } from './dashboardsLook.ts';
import { type DashboardsStage, setDashboardsStage } from './dashboardsStage.ts';
import { rootOf } from './monitoringSpans.ts';
import { PROMETHEUS_GENERATIONS, type Prometheus } from './prometheus.ts';
import type { Sample } from './prometheusApi.ts';
import { readServiceGraph } from './prometheusServiceGraph.ts';
import { describeRealStack } from './realStack.ts';
import { tell } from './tell.ts';
import { until } from './until.ts';

/** Milliseconds for traffic to be asked and shown; each waiting says itself what it has waited for. */
const PATIENCE = 400_000;
const DASHBOARDS = readDashboards();
/** Panels without data in a cluster that is well. */
const QUIET = new Map([
  ['corespan-graph / Edges that are new in this time range / new', 'a test of its own looks at it'],
  ['corespan-health / Increments without a row of their own / A', 'no budget ran out'],
  ['corespan-health / Watches that started again / A', 'no watch ended'],
]);
/** What was done, for the sum at the end. */
const counts = new Map<string, number>();

function count(what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

describeRealStack('the dashboards', BACKEND_NEEDS, () => {
  let world: DashboardsStage;

  beforeAll(async () => {
    world = await setDashboardsStage();
  }, PATIENCE);

  afterAll(async () => {
    await world?.stop();
    for (const [what, number] of counts) tell(`${what}: ${number}`);
  });

  /** What all boards show, for each workload those that are about one. */
  async function lookAtAll(prometheus: Prometheus, chosen: Choices = {}): Promise<Look[]> {
    const { range } = world;
    const choices = toChoices(range, { workload: 'api', ...chosen });
    const looks: Look[] = [];
    for (const dashboard of DASHBOARDS) {
      looks.push(...(await lookAt(prometheus, dashboard, { choices, at: range.to })));
    }
    return looks;
  }

  function samplesOf(looks: readonly Look[], where: string): readonly Sample[] {
    return looks.find((look) => look.where === where)?.samples ?? expect.fail(`no panel ${where}`);
  }

  describe.each(PROMETHEUS_GENERATIONS)('on Prometheus %s', (generation) => {
    let prometheus: Prometheus;
    let looks: Look[];

    beforeAll(async () => {
      prometheus = world.prometheuses[generation];
      looks = await lookAtAll(prometheus);
      count(`queries of panels on Prometheus ${generation}`, looks.length);
    });

    test('every query of every panel has an answer, with the labels that are shown and no blank among them', () => {
      expect(looks.length).toBeGreaterThan(80);
      expect(findEmpty(looks).filter((where) => !QUIET.has(where))).toEqual([]);
      expect(findFaults(looks)).toEqual([]);
    });

    test('a panel of rows without a number is empty (twin)', () => {
      const look = looks[0] ?? expect.fail('no panel');
      const toLook = (...values: readonly number[]): Look => ({
        ...look,
        samples: values.map((value) => ({ labels: {}, value })),
      });
      expect(findEmpty([toLook(0), toLook(Number.NaN, 1)])).toEqual([]);
      expect(findEmpty([toLook(), toLook(Number.NaN, Number.NaN)])).toHaveLength(2);
    });

    test('a metric that is renamed would be noticed, and a legend that is summed away (twin)', async () => {
      const [board] = DASHBOARDS;
      const renamed = rewrite(board, (text) => text.replaceAll('request_total', 'requests_total'));
      const choices = toChoices(world.range);
      const at = world.range.to;
      expect(findEmpty(await lookAt(prometheus, renamed, { choices, at })).length).toBeGreaterThan(4);
      const blank = rewrite(board, (text) => text.replaceAll('{{rcode}}', '{{qtype}}'));
      expect(findFaults(await lookAt(prometheus, blank, { choices, at }))).toContainEqual(
        expect.stringContaining('blank legend qtype'),
      );
    });

    test('the edges, their rates and failures are those of the traffic', () => {
      const expected = toExpectedEdges(world.inRange);
      const seconds = Number(toChoices(world.range)['__range_s']);
      const rates = samplesOf(looks, 'corespan-graph / Edges / rate');
      expect(rates.map(toEdgeOf).toSorted()).toEqual([...expected.keys()].toSorted());
      for (const sample of rates) {
        const lookups = expected.get(toEdgeOf(sample)) ?? 0;
        expect(sample.value * seconds, toEdgeOf(sample)).toBeGreaterThan(lookups * 0.9);
        expect(sample.value * seconds, toEdgeOf(sample)).toBeLessThan(lookups * 1.15);
      }
      for (const sample of samplesOf(looks, 'corespan-graph / Edges / failed')) {
        const isFailing = toEdgeOf(sample).endsWith('servfail.test');
        expect(sample.value, toEdgeOf(sample)).toBeCloseTo(isFailing ? 1 : 0, 3);
      }
      for (const { value } of samplesOf(looks, 'corespan-graph / Edges / p95'))
        expect(value).toBeGreaterThan(0);
    });

    test('both maps draw these edges, and the one from Prometheus alone says which is red', async () => {
      const expected = [...toExpectedEdges(world.inRange).keys()].toSorted();
      const rows = samplesOf(looks, 'corespan-graph / Who asks for whom, from Prometheus alone / edges');
      expect(
        rows.map(({ labels }) => toEdge(labels['source'] ?? '', labels['target'] ?? '')).toSorted(),
      ).toEqual(expected);
      for (const { labels } of rows) {
        expect(labels['id']).toBe(`${labels['source']}_${labels['target']}`);
        expect(labels['mainstat']).toMatch(/^[\d.]+\/s$/);
        expect(labels['secondarystat']).toMatch(/^[\d.]+ ms$/);
        expect(labels['color']).toBe(labels['target'] === 'servfail.test' ? '#E02F44' : '#56A64B');
      }
      const choices = toChoices(world.range);
      const map = looks.find(({ target }) => target.serviceMapQuery !== undefined)?.target;
      const drawn = await readServiceGraph(prometheus, {
        serviceMapQuery: substitute(map?.serviceMapQuery ?? '', choices, 'serviceMap'),
        range: Number(choices['__range_s']),
        to: world.range.to,
        includesNamespace: map?.serviceMapIncludeNamespace === true,
      });
      expect(drawn.map(({ client, server }) => toEdge(client, server)).toSorted()).toEqual(expected);
    });

    test('several values leave what they name, on both maps and in the table, names with dots too', async () => {
      const filtered = await lookAtAll(prometheus, {
        instance: samplesOf(looks, 'corespan-health / Instances / instances').map(
          ({ labels }) => labels['instance'] ?? '',
        ),
        client: ['api', 'cart'],
        server: ['api', 'servfail.test'],
      });
      const expected = ['pay/api → servfail.test', 'shop/cart → pay/api'];
      for (const where of [
        'corespan-graph / Edges / rate',
        'corespan-graph / Who asks for whom, drawn by the Tempo data source / A',
      ]) {
        const edges = new Set(filtered.filter((look) => look.where === where).flatMap(toEdgesOf));
        expect([...edges].toSorted(), where).toEqual(expected);
      }
      const rows = samplesOf(filtered, 'corespan-graph / Who asks for whom, from Prometheus alone / edges');
      expect(
        rows.map(({ labels }) => toEdge(labels['source'] ?? '', labels['target'] ?? '')).toSorted(),
      ).toEqual(expected);
    });

    test('edges are new in a range that began before them, and in no later one', async () => {
      const where = 'corespan-graph / Edges that are new in this time range / new';
      expect(samplesOf(looks, where)).toEqual([]);
      const early = await lookAtAll(prometheus, { __range: '1h' });
      expect(samplesOf(early, where).map(toEdgeOf).toSorted()).toEqual(
        [...toExpectedEdges(world.asked).keys()].toSorted(),
      );
    });

    test('a filter leaves what it names', async () => {
      const filtered = await lookAtAll(prometheus, {
        namespace: ['shop'],
        client: ['cart'],
        server_namespace: ['pay'],
        server: ['api'],
      });
      expect(samplesOf(filtered, 'corespan-graph / Edges / rate').map(toEdgeOf)).toEqual([
        'shop/cart → pay/api',
      ]);
      const of = (all: readonly Look[]): string[] =>
        samplesOf(all, 'corespan-graph / Who asks for whom, from Prometheus alone / edges').map(
          ({ labels }) => labels['id'] ?? '',
        );
      expect(of(filtered)).toEqual(['shop/cart_pay/api']);
    });

    test('a workload has its own lookups, bad ones and targets', async () => {
      const own = world.inRange.filter(({ client }) => client === 'pay/api');
      const bad = own.filter(({ outcome }) => outcome === 'error');
      const chosen = await lookAtAll(prometheus, { namespace: ['pay'], workload: ['api'] });
      expect(samplesOf(chosen, 'corespan-workload / Bad lookups / A')[0]?.value).toBeCloseTo(
        bad.length / own.length,
        1,
      );
      const targets = samplesOf(chosen, 'corespan-workload / Targets / lookups');
      expect(targets.map(({ labels }) => toEnd(labels, 'server')).toSorted()).toEqual(
        [...new Set(own.map(({ server }) => server))].toSorted(),
      );
      const failed = samplesOf(chosen, 'corespan-workload / Targets / failed').filter(
        ({ value }) => value > 0.5,
      );
      expect(failed.map(({ labels }) => labels['server'])).toEqual(['servfail.test']);
    });

    test('the search path costs what was walked', async () => {
      const rows = (refId: string): Map<string, number> =>
        new Map(
          samplesOf(looks, `corespan-search-path / Workloads by waste / ${refId}`).map(
            ({ labels, value }) => [labels['client_workload'] ?? '', value],
          ),
        );
      // A and AAAA in the one search domain that leads nowhere.
      expect(rows('wasted').get('report')).toBeGreaterThan(world.walks * 2 * 0.9);
      expect(rows('wasted').get('report')).toBeLessThan(world.walks * 2 * 1.15);
      const others = [...rows('wasted')].filter(([name]) => name !== 'report');
      expect(others.length).toBeGreaterThan(3);
      expect(others.filter(([, value]) => value > 0)).toEqual([]);
      // The hops of the node-local cache are queries of it, but not once more a load that clients make.
      const clients = new Set(world.asked.map(({ client }) => client.split('/')[1] ?? ''));
      expect([...rows('queries').keys()].toSorted()).toEqual([...clients].toSorted());
      const counted = await prometheus.query(
        'count by (client_workload) (corespan_queries_total{job="corespan"})',
        world.range.to,
      );
      expect(counted.map(({ labels }) => labels['client_workload'])).toContain('node-local-dns');
      const share = samplesOf(looks, 'corespan-search-path / Share of queries wasted / A')[0]?.value ?? 0;
      expect(share).toBeGreaterThan(0.01);
      expect(share).toBeLessThan(0.3);
    });

    test('the ledger balances, and every instance is there', () => {
      for (const what of ['Lines', 'Queries', 'Spans']) {
        expect(samplesOf(looks, `corespan-health / ${what} unaccounted for / A`)[0]?.value, what).toBe(0);
      }
      expect(samplesOf(looks, 'corespan-health / Instances / instances')).toHaveLength(world.sidecars.length);
      expect(samplesOf(looks, 'corespan-health / Lines read, by DNS pod / A')).toHaveLength(
        world.sidecars.length,
      );
    });

    test('every variable offers what there is', async () => {
      const workloads = [...countBy(world.asked, ({ client }) => client).keys()];
      const expected: Readonly<Record<string, readonly string[]>> = {
        job: ['corespan'],
        namespace: [...new Set(workloads.map((name) => name.split('/')[0] ?? ''))],
        client: workloads.map((name) => name.split('/')[1] ?? ''),
        server_namespace: ['shop', 'pay'],
        workload: workloads.map((name) => name.split('/')[1] ?? ''),
      };
      for (const { uid, templating } of DASHBOARDS) {
        for (const variable of templating.list.filter(({ type }) => type === 'query')) {
          const asked = toLabelValues(variable) ?? expect.fail(variable.name);
          const selector = substitute(asked.selector, toChoices(world.range));
          const values = await prometheus.labelValues(asked.label, selector);
          count(`variables on Prometheus ${generation}`);
          expect(values.length, `${uid} ${variable.name}`).toBeGreaterThan(0);
          for (const value of expected[variable.name] ?? [])
            expect(values, `${uid} ${variable.name}`).toContain(value);
        }
      }
    });

    test('every annotation and rule is taken, and the rules about trouble see the failing workload', async () => {
      const annotations = DASHBOARDS.flatMap(({ annotations }) =>
        annotations.list.flatMap(({ expr }) => expr ?? []),
      );
      expect(annotations).toHaveLength(DASHBOARDS.length);
      for (const expr of annotations)
        await prometheus.query(substitute(expr, toChoices(world.range)), world.range.to);
      const rules = toGroups().flatMap(({ rules }) => rules);
      const recorded = new Map(
        rules.flatMap((rule) => ('record' in rule ? [[rule.record, rule.expr] as const] : [])),
      );
      for (const rule of rules) {
        const expr = [...recorded]
          .reduce((text, [name, of]) => text.replaceAll(name, `(${of})`), rule.expr)
          // What was recorded over some time is asked for as a subquery.
          .replaceAll(/\)\[(\w+)\]( offset)/g, ')[$1:1h]$2');
        const found = await prometheus.query(expr, world.range.to);
        count(`rules on Prometheus ${generation}`);
        if ('record' in rule) expect(found.length, rule.record).toBeGreaterThan(3);
        else if (rule.alert.startsWith('Corespan')) expect(found, rule.alert).toEqual([]);
      }
      const ratio = recorded.get('client_workload:corespan_lookups_bad:ratio_rate5m') ?? '';
      const failing = (await prometheus.query(ratio, world.range.to)).filter(({ value }) => value > 0.1);
      expect(failing.map(({ labels }) => labels['client_workload'])).toContain('api');
    });

    test('every query of the documents is answered, those of what rules record too', async () => {
      const recorded = toGroups()
        .flatMap(({ rules }) => rules)
        .flatMap((rule) => ('record' in rule ? [rule.record] : []));
      const empty: string[] = [];
      let ofRecorded = 0;
      for (const { where, text } of readBlocks('promql')) {
        const found = await prometheus.query(text, world.range.to);
        count(`queries of documents on Prometheus ${generation}`);
        if (recorded.some((name) => text.includes(name))) ofRecorded++;
        if (found.length === 0) empty.push(where);
      }
      expect(ofRecorded).toBeGreaterThan(0);
      // `shop/web` fails nowhere, and there has been no trouble: those queries are well and have no answer.
      expect(empty.filter((where) => !QUIET_DOCUMENTS.some((name) => where.includes(name)))).toEqual([]);
    });

    test('CoreDNS has every metric of its own that is asked for', async () => {
      const names = await prometheus.labelValues('__name__', '{job="coredns"}');
      expect(names.length).toBeGreaterThan(20);
      expect(UPSTREAM_METRICS.filter((name) => !names.includes(name))).toEqual([]);
      expect(names).not.toContain('coredns_forward_requests_total');
    });

    test("every panel with exemplars has some, and every edge's opens in Tempo as a lookup of that edge", async () => {
      const wide = { from: world.range.from - 600, to: world.range.to };
      const withExemplars = looks.filter(({ target }) => target.exemplar);
      expect(withExemplars.length).toBeGreaterThan(4);
      const seen = new Set<string>();
      for (const { where, expr } of withExemplars) {
        const exemplars = await prometheus.exemplars(expr, wide);
        expect(exemplars.length, where).toBeGreaterThan(0);
        for (const { labels, series } of exemplars.filter(({ series }) => series['client'] !== undefined)) {
          const edge = toEdge(toEnd(series, 'client'), toEnd(series, 'server'));
          if (seen.has(edge)) continue;
          const trace = await until(`the trace of ${edge}`, () =>
            world.tempo.trace(labels['trace_id'] ?? ''),
          );
          const { resource, attributes } = rootOf(trace);
          expect(resource['service.name'], edge).toBe(series['client']);
          expect(attributes['peer.service'], edge).toBe(series['server']);
          seen.add(edge);
        }
      }
      count(`edges whose exemplar opened, on Prometheus ${generation}`, seen.size);
      expect([...seen].toSorted()).toEqual([...toExpectedEdges(world.asked).keys()].toSorted());
    });

    test('every link of every row leads somewhere, and one to nobody would be noticed', async () => {
      const backends = { prometheus, tempo: world.tempo, choices: toChoices(world.range) };
      const links = toLinks(looks);
      expect(links.length).toBeGreaterThan(15);
      for (const link of links) expect(await findDeadEnd(link, backends)).toBeUndefined();
      count(`links on Prometheus ${generation}`, links.length);
      for (const link of links.slice(0, 2)) {
        const wrong = link.replaceAll(/ledger|cart|web|api|report|agent/g, 'nobody');
        expect(await findDeadEnd(wrong, backends)).toContain('nobody');
      }
      // Both are there, but not together.
      expect(await findDeadEnd('/d/corespan-workload?var-namespace=shop&var-workload=ledger', backends)).toBe(
        '/d/corespan-workload offers no workload ledger',
      );
      const traces = links.find((link) => link.startsWith('/explore') && link.includes(quote('pay')));
      const elsewhere = traces?.replaceAll(quote('pay'), quote('ops')) ?? expect.fail('no link to traces');
      expect(await findDeadEnd(elsewhere, backends)).toContain('no trace of');
    });
  });

  describe('on Tempo', () => {
    test.each(['shop/web', 'shop/cart', 'pay/api', 'pay/ledger', 'pay/report', 'ops/agent'])(
      'the lists of traces of %s are its lookups',
      async (client) => {
        const [namespace = '', workload = ''] = client.split('/');
        const own = world.asked.filter((one) => one.client === client);
        const found = async (title: string): Promise<number> => {
          const panel = DASHBOARDS.flatMap(toPanels).find((panel) => panel.title === title);
          const chosen = { namespace: [namespace, 'elsewhere'], workload: [workload] };
          const query = substitute(panel?.targets?.[0]?.query ?? expect.fail(title), chosen, 'traceql');
          count('TraceQL queries of panels');
          return (await world.tempo.search(query)).length;
        };
        await until(`the traces of ${client}`, async () =>
          (await found('Newest traces')) === own.length ? true : undefined,
        );
        const errors = own.filter(({ outcome }) => outcome === 'error').length;
        expect(await found('Newest failed traces')).toBe(errors);
      },
    );

    test('every TraceQL query of the documents is answered, and what is no TraceQL is refused', async () => {
      const queries = readBlocks('traceql');
      expect(queries.length).toBeGreaterThan(5);
      for (const { where, text } of queries) {
        // The failing workload of this traffic is pay/api, the denied one pay/ledger.
        const client = text.includes('"denial"') ? 'ledger' : text.includes('error') ? 'api' : 'web';
        const query = text
          .replace('service.name = "web"', `service.name = "${client}"`)
          .replace(
            'service.namespace = "shop"',
            `service.namespace = "${client === 'web' ? 'shop' : 'pay'}"`,
          );
        const traces = await world.tempo.search(query);
        count('TraceQL queries of documents');
        if (text.includes('duration > 250ms')) continue;
        expect(traces.length, where).toBeGreaterThan(0);
        // As the runbooks say it for a client that has none.
        const anywhere = await world.tempo.search(query.replace(OF_NAMESPACE, ''));
        expect(anywhere.length, where).toBeGreaterThanOrEqual(traces.length);
      }
      await expect(world.tempo.search('{ span.dns.question.name = }')).rejects.toThrow('400');
    });
  });

  test('once corespan is gone every panel is empty (twin)', async () => {
    await Promise.all(world.sidecars.map((sidecar) => sidecar.stop()));
    const prometheus = world.prometheuses['3.15'];
    await until('the end of what was scraped', async () =>
      (await prometheus.query('corespan_build_info')).length === 0 ? true : undefined,
    );
    const at = Date.now() / 1_000 + 30;
    const choices = toChoices({ from: at - 10, to: at }, { workload: 'api' });
    for (const dashboard of DASHBOARDS) {
      const looks = await lookAt(prometheus, dashboard, { choices, at });
      expect(looks.length).toBeGreaterThan(5);
      expect(looks.filter(({ samples }) => samples.length > 0).map(({ where }) => where)).toEqual([]);
    }
  });
});

/** The term of a query that is left out where an alert names no namespace. */
const OF_NAMESPACE = / && resource\.service\.namespace = "[^"]*"/;

/** Queries of runbooks that have an answer only where there is trouble. */
const QUIET_DOCUMENTS = [
  // No reload, no overflow, no Service of shop/web that fails.
  'CorespanSeriesCapHit.md 1',
  'CorespanGap.md 3',
  'CorespanGap.md 6',
  'CorespanWatchStale.md 2',
  'DNSErrorBudgetBurnFast.md 7',
];

/** As it stands in the address of a query: JSON within JSON. */
function quote(text: string): string {
  return encodeURIComponent(JSON.stringify(`"${text}"`).slice(1, -1));
}

function toEdgesOf({ samples }: Look): string[] {
  return samples.map(toEdgeOf);
}

function toEdgeOf({ labels }: Sample): string {
  return toEdge(toEnd(labels, 'client'), toEnd(labels, 'server'));
}

function rewrite(
  dashboard: GrafanaDashboard | undefined,
  change: (text: string) => string,
): GrafanaDashboard {
  return JSON.parse(change(JSON.stringify(dashboard))) as GrafanaDashboard;
}
