import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { parseExposition, type Series, sumOf } from '../support/exposition.ts';
import { toLookup } from '../support/lookups.ts';
import { NOON, toPod, toResolved, toService, WEB } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

function createRoom(options: { graphSource?: 'metrics' | 'traces'; maxEdges?: number } = {}) {
  const self = createTestSelf();
  const metrics = createMetrics(
    { graphSource: options.graphSource ?? 'metrics', maxEdges: options.maxEdges ?? 2000 },
    self.registry,
    self.metrics,
  );
  return { self, metrics };
}

/** As a person sees it, from whom nothing is held back. */
async function render(metrics: Metrics, format: 'text' | 'openmetrics' = 'text'): Promise<string> {
  let text = '';
  for await (const piece of metrics.render(format, NOON, undefined)) text += piece;
  return text;
}

async function scrape(metrics: Metrics, format: 'text' | 'openmetrics' = 'text'): Promise<Series[]> {
  return parseExposition(await render(metrics, format));
}

function withoutBound(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== 'le'));
}

const EDGE = {
  client: 'web',
  client_service_namespace: 'shop',
  server: 'api',
  server_service_namespace: 'pay',
};

describe('an edge of the service graph', () => {
  it('has the labels and metrics that Tempo and Grafana expect', async () => {
    const { metrics } = createRoom();
    metrics.lookup(toLookup({ duration: 2 }));
    metrics.lookup(toLookup({ outcome: 'error', duration: 6000 }));
    const edge = (await scrape(metrics)).filter(({ name }) => name.startsWith('traces_service_graph_'));
    expect(new Set(edge.map(({ labels }) => JSON.stringify(withoutBound(labels))))).toEqual(
      new Set([JSON.stringify({ ...EDGE, connection_type: 'virtual_node', source: 'corespan' })]),
    );
    const values = Object.fromEntries(
      edge.map(({ name, labels, value }) => [`${name} ${labels['le'] ?? ''}`.trim(), value]),
    );
    expect(values).toEqual({
      traces_service_graph_request_total: 2,
      traces_service_graph_request_failed_total: 1,
      traces_service_graph_connection_info: 1,
      'traces_service_graph_request_server_seconds_bucket 0.0005': 0,
      'traces_service_graph_request_server_seconds_bucket 0.001': 0,
      'traces_service_graph_request_server_seconds_bucket 0.0025': 1,
      'traces_service_graph_request_server_seconds_bucket 0.005': 1,
      'traces_service_graph_request_server_seconds_bucket 0.01': 1,
      'traces_service_graph_request_server_seconds_bucket 0.05': 1,
      'traces_service_graph_request_server_seconds_bucket 0.1': 1,
      'traces_service_graph_request_server_seconds_bucket 0.5': 1,
      'traces_service_graph_request_server_seconds_bucket 1.0': 1,
      'traces_service_graph_request_server_seconds_bucket 5.0': 1,
      'traces_service_graph_request_server_seconds_bucket +Inf': 2,
      traces_service_graph_request_server_seconds_sum: 6.002,
      traces_service_graph_request_server_seconds_count: 2,
    });
  });

  it('is drawn for success and error, not for a denial, a name without target, or a workload itself', async () => {
    const { metrics, self } = createRoom();
    metrics.lookup(toLookup());
    metrics.lookup(toLookup({ outcome: 'denial' }));
    metrics.lookup(toLookup({ target: { ...toService('', ''), class: 'unknown' } }));
    metrics.lookup(toLookup({ target: toService('shop', 'web') }));
    expect([...metrics.edges()].map(({ client, server }) => `${client} ${server}`)).toEqual(['web api']);
    expect(self.count('corespan_self_edges_total')).toBe(1);
  });

  it('is left to Tempo with --graph-source traces', async () => {
    const { metrics } = createRoom({ graphSource: 'traces' });
    metrics.lookup(toLookup());
    const series = await scrape(metrics);
    expect(series.filter(({ name }) => name.startsWith('traces_'))).toEqual([]);
    expect(sumOf(series, 'corespan_lookups_total')).toBe(1);
    // The page and the summary show it all the same.
    expect([...metrics.edges()].map(({ client, server }) => `${client} ${server}`)).toEqual(['web api']);
  });

  it('is forgotten after a quarter of an hour without use', () => {
    const { metrics } = createRoom();
    metrics.lookup(toLookup());
    metrics.tick(NOON + 14 * 60_000);
    expect([...metrics.edges()]).toHaveLength(1);
    metrics.tick(NOON + 16 * 60_000);
    expect([...metrics.edges()]).toHaveLength(0);
    metrics.lookup(toLookup({ at: 16 * 60_000 }));
    expect([...metrics.edges()].map(({ total }) => total.value)).toEqual([1]);
  });

  it('that is read late is not forgotten before anybody saw it', () => {
    const { metrics } = createRoom();
    metrics.tick(NOON + 60 * 60_000);
    metrics.lookup(toLookup());
    metrics.tick(NOON + 60 * 60_000 + 100);
    expect([...metrics.edges()]).toHaveLength(1);
  });
});

describe('the first increment of a workload', () => {
  it('comes with its sisters: every outcome, cause and kind exists at 0', async () => {
    const { metrics } = createRoom();
    metrics.lookup(toLookup());
    const series = await scrape(metrics);
    const labels = { client_namespace: 'shop', client_workload: 'web' };
    const values = (name: string, label: string) =>
      series
        .filter((one) => one.name === name && one.labels['client_workload'] === labels.client_workload)
        .map((one) => one.labels[label]);
    expect(values('corespan_lookups_total', 'outcome')).toEqual(['success', 'denial', 'error']);
    expect(values('corespan_lookups_bad_total', 'cause')).toEqual(['error', 'slow']);
    expect(values('corespan_nxdomain_total', 'kind')).toEqual([
      'search',
      'was_valid',
      'never_valid',
      'other_namespace',
    ]);
  });
});

describe('exemplars', () => {
  it('appear only after the trace was exported, and only in OpenMetrics', async () => {
    const { metrics } = createRoom();
    const lookup = toLookup({ duration: 2 });
    for (const attempt of lookup.attempts) metrics.query(attempt);
    const edge = metrics.lookup(lookup);
    const exemplars = async (format: 'text' | 'openmetrics') =>
      (await scrape(metrics, format)).filter(({ exemplar }) => exemplar !== undefined);
    expect(await exemplars('openmetrics')).toEqual([]);
    metrics.link(lookup, edge, TRACE);
    expect(await exemplars('text')).toEqual([]);
    const found = await exemplars('openmetrics');
    expect(found.map(({ name, labels, exemplar }) => [name, labels['le'], exemplar])).toEqual([
      [
        'corespan_query_duration_seconds_bucket',
        '0.002',
        { traceId: TRACE, value: 0.002, time: (NOON + 2) / 1e3 },
      ],
      [
        'corespan_lookup_duration_seconds_bucket',
        '0.002',
        { traceId: TRACE, value: 0.002, time: (NOON + 2) / 1e3 },
      ],
      [
        'traces_service_graph_request_server_seconds_bucket',
        '0.0025',
        { traceId: TRACE, value: 0.002, time: (NOON + 2) / 1e3 },
      ],
    ]);
  });

  it('stand where the lookup was counted, also in an overflow row', async () => {
    const { metrics } = createRoom({ maxEdges: 1 });
    metrics.lookup(toLookup());
    const late = toLookup({ target: toService('pay', 'late') });
    metrics.link(late, metrics.lookup(late), TRACE);
    const found = (await scrape(metrics, 'openmetrics')).filter(
      ({ name, exemplar }) => name.startsWith('traces_') && exemplar !== undefined,
    );
    expect(found.map(({ labels }) => labels['server'])).toEqual(['__other__']);
  });
});

it('an edge that is forgotten before its trace has arrived gets no exemplar, and its successor neither', async () => {
  const { metrics } = createRoom();
  const lookup = toLookup();
  const edge = metrics.lookup(lookup);
  metrics.tick(NOON + 24 * 3_600_000);
  metrics.lookup(toLookup({ at: 24 * 3_600_000 }));
  metrics.link(lookup, edge, TRACE);
  const found = (await scrape(metrics, 'openmetrics')).filter(
    ({ name, exemplar }) => name.startsWith('traces_') && exemplar !== undefined,
  );
  expect(found).toEqual([]);
});

it('one line that is stamped years ahead keeps nothing for years', async () => {
  const { metrics } = createRoom();
  const day = 24 * 3_600_000;
  metrics.tick(NOON);
  metrics.lookup(toLookup({ at: 10_000 * day }));
  metrics.tick(NOON + 1_000);
  expect([...metrics.edges()]).toHaveLength(1);
  metrics.tick(NOON + day);
  expect([...metrics.edges()]).toHaveLength(0);
  const left = (await scrape(metrics)).filter(({ name }) => name === 'corespan_lookups_total');
  expect(left).toEqual([]);
});

describe('the budget', () => {
  it('keeps the graph bounded and counts what overflows', async () => {
    const { metrics, self } = createRoom({ maxEdges: 20 });
    for (let n = 0; n < 1000; n++) {
      metrics.lookup(
        toLookup({ client_: toPod('shop', `pod-${n % 100}`), target: toService('pay', `service-${n}`) }),
      );
    }
    const edges = [...metrics.edges()];
    expect(edges).toHaveLength(40);
    expect(edges.reduce((sum, { total }) => sum + total.value, 0)).toBe(1000);
    const overflow = edges.filter(({ server }) => server === '__other__');
    expect(self.count('corespan_series_overflow_total', 'traces_service_graph_request_total')).toBe(
      overflow.reduce((sum, { total }) => sum + total.value, 0),
    );
    expect(overflow.length).toBeGreaterThan(0);
  });

  it.each([1, 2, 20])('is twice %i edges in all, and again after all were forgotten', (maxEdges) => {
    const { metrics } = createRoom({ maxEdges });
    const DAY = 86_400_000;
    for (let day = 0; day < 3; day++) {
      for (let n = 0; n < 500; n++) {
        const ends = { client_: toPod('shop', `pod-${n % 100}`), target: toService('pay', `service-${n}`) };
        metrics.lookup(toLookup({ ...ends, at: day * DAY }));
      }
      expect([...metrics.edges()]).toHaveLength(2 * maxEdges);
      metrics.tick(NOON + (day + 0.5) * DAY);
      expect([...metrics.edges()]).toEqual([]);
    }
  });

  it('folds names outside the cluster into external when there are too many, and counts it', () => {
    const { metrics, self } = createRoom({ maxEdges: 40 });
    for (let n = 0; n < 100; n++) {
      const target = { ...toService('', `example${n}.org`), class: 'external' as const };
      metrics.lookup(toLookup({ target, client_: toPod('shop', `pod-${n % 10}`) }));
    }
    const servers = new Set([...metrics.edges()].map(({ server }) => server));
    expect(servers.size).toBeLessThanOrEqual(12);
    expect(servers).toContain('external');
    const own = [...metrics.edges()].filter(({ server }) => server !== 'external');
    expect(self.count('corespan_external_folded_total')).toBe(
      100 - own.reduce((sum, { total }) => sum + total.value, 0),
    );
  });

  it('keeps one noisy client from taking all rows', () => {
    const { metrics } = createRoom({ maxEdges: 100 });
    for (let n = 0; n < 1000; n++) metrics.lookup(toLookup({ target: toService('pay', `service-${n}`) }));
    metrics.lookup(toLookup({ client_: toPod('batch', 'quiet') }));
    const edges = [...metrics.edges()].map(({ client, server }) => `${client} ${server}`);
    expect(edges).toContain('quiet api');
    expect(edges).toContain('web __other__');
  });
});

describe('queries', () => {
  it('are counted by the type that was asked for, the response code and the class of the target', async () => {
    const { metrics } = createRoom();
    const asked = [
      { type: 'A' },
      { type: 'A' },
      { type: 'AAAA' },
      { type: 'HTTPS' },
      { type: 'AAAA', rcode: 'NXDOMAIN' },
    ];
    for (const fields of asked) metrics.query(toResolved({ at: 0, name: 'api.example.org', ...fields }));
    const rows = (await scrape(metrics)).filter(({ name }) => name === 'corespan_queries_total');
    expect(
      Object.fromEntries(rows.map(({ labels, value }) => [Object.values(labels).join(' '), value])),
    ).toEqual({
      'shop web A NOERROR unknown': 2,
      'shop web AAAA NOERROR unknown': 1,
      'shop web HTTPS NOERROR unknown': 1,
      'shop web AAAA NXDOMAIN unknown': 1,
    });
  });
});

describe('labels', () => {
  it('never hold what a name or an annotation brings along', async () => {
    const { metrics } = createRoom();
    const hostile = 'a"b\\c\nd\u001be,x="1"';
    metrics.lookup(toLookup({ client_: { ...WEB, name: hostile, namespace: 'constructor' } }));
    metrics.query(toResolved({ at: 0, name: 'x\\"y.example.org', type: 'TYPE65399', rcode: '3841' }));
    const text = await render(metrics);
    expect(text).toContain('client="a\\"b\\\\c?d?e,x=\\"1\\""');
    expect(text).not.toContain('x\\"y');
    const series = parseExposition(text);
    expect(sumOf(series, 'corespan_queries_total', { qtype: 'other', rcode: 'other' })).toBe(1);
  });
});

describe('lookups', () => {
  it('are bad if they failed or took long, and never twice', async () => {
    const { metrics } = createRoom();
    for (const lookup of [
      toLookup(),
      toLookup({ duration: 251 }),
      toLookup({ outcome: 'denial', duration: 300 }),
      toLookup({ outcome: 'error', duration: 6000 }),
    ]) {
      metrics.lookup(lookup);
    }
    const series = await scrape(metrics);
    const by = (name: string, label: string) =>
      Object.fromEntries(
        series.filter((one) => one.name === name).map(({ labels, value }) => [labels[label], value]),
      );
    expect(by('corespan_lookups_total', 'outcome')).toEqual({ success: 2, denial: 1, error: 1 });
    expect(by('corespan_lookups_bad_total', 'cause')).toEqual({ error: 1, slow: 2 });
    expect(by('corespan_nxdomain_total', 'kind')).toEqual({
      search: 0,
      was_valid: 0,
      never_valid: 1,
      other_namespace: 0,
    });
    expect(by('corespan_distinct_names', 'client_workload')).toEqual({ web: 1 });
  });
});

describe('the exposition', () => {
  it('ends with # EOF in OpenMetrics and names counter families without _total', async () => {
    const { metrics } = createRoom();
    const text = await render(metrics, 'openmetrics');
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(text.match(/# EOF/g)).toHaveLength(1);
    expect(text).toContain('# TYPE corespan_queries counter\n');
    expect(text).toContain('# TYPE corespan_lines_read counter\n');
  });

  it('has no end mark in the plain text', async () => {
    const { metrics } = createRoom();
    const text = await render(metrics);
    expect(text).not.toContain('# EOF');
    expect(text).toContain('# TYPE corespan_queries_total counter\n');
  });
});
