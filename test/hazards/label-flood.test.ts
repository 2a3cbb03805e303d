/** Names, types and workloads without end: series stay within their budget, and what overflows is counted. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { toLookup } from '../support/lookups.ts';
import { NOON, toPod, toResolved, toService } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

it('holds the budget under 100,000 names, 5,000 workloads and every type there is', async () => {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 500 }, self.registry, self.metrics);
  const FLOOD = 100_000;
  for (let n = 0; n < FLOOD; n++) {
    const client = toPod('shop', `pod-${n % 5_000}`);
    const target = { ...toService('', `d${n}.example`), class: 'external' as const };
    const fields = { at: n, name: `n${n}.example.org`, type: `TYPE${n % 65_536}`, rcode: String(n % 4_000) };
    metrics.query(toResolved(fields, { client, target }));
    metrics.lookup(toLookup({ client_: client, target, name: `n${n}.example.org` }));
  }
  let text = '';
  for await (const piece of metrics.render('text', NOON, undefined)) text += piece;
  const series = parseExposition(text);
  // Nothing is lost in the overflow: it is only not told apart.
  expect(sumOf(series, 'corespan_queries_total')).toBe(FLOOD);
  expect(sumOf(series, 'corespan_lookups_total')).toBe(FLOOD);
  expect(sumOf(series, 'traces_service_graph_request_total')).toBe(FLOOD);
  const rowsOf = (name: string): number => series.filter((one) => one.name === name).length;
  expect(rowsOf('traces_service_graph_request_total')).toBe(1_000);
  expect(rowsOf('corespan_lookups_total')).toBeLessThanOrEqual(3 * 2_001);
  expect(rowsOf('corespan_queries_total')).toBe(2_001);
  // 2,000 of 5,000 workloads have rows; all junk of a workload is one row. The graph takes 500 edges: 125 to names of
  // their own, 375 to external, over which 20 rounds go.
  const overflow = Object.fromEntries(
    self.registry
      .samples('corespan_series_overflow_total')
      .map(({ labels: [family = ''], value }) => [family, value]),
  );
  expect(overflow).toEqual({
    corespan_queries_total: 60_000,
    corespan_lookups_total: 60_000,
    corespan_lookups_bad_total: 0,
    corespan_nxdomain_total: 0,
    traces_service_graph_request_total: FLOOD - 125 - 375 * 20,
  });
  expect(self.count('corespan_external_folded_total')).toBe(FLOOD - 125);
  // What the counter says is what stands in the rows.
  expect(sumOf(series, 'corespan_queries_total', { client_workload: '__other__' })).toBe(60_000);
  expect(sumOf(series, 'corespan_lookups_total', { client_workload: '__other__' })).toBe(60_000);
  expect(sumOf(series, 'traces_service_graph_request_total', { server: '__other__' })).toBe(
    overflow['traces_service_graph_request_total'],
  );
  expect(text).not.toMatch(/n\d+\.example\.org/);
});

it('leaves a client that asks for every type there is the rows of what it asks for in earnest', () => {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 500 }, self.registry, self.metrics);
  for (let n = 0; n < 1_000; n++) {
    metrics.query(
      toResolved({ at: n, name: 'example.org', type: `TYPE${60_000 + n}`, rcode: String(3_000 + n) }),
    );
  }
  metrics.query(toResolved({ at: 0, name: 'example.org', type: 'MX' }));
  const overflows = self.registry.samples('corespan_series_overflow_total').map(({ value }) => value);
  expect(overflows).toEqual([0, 0, 0, 0, 0]);
});
