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
  metrics.showAll();
  let text = '';
  for await (const piece of metrics.render('text', NOON)) text += piece;
  const series = parseExposition(text);
  // Nothing is lost in the overflow: it is only not told apart.
  expect(sumOf(series, 'corespan_queries_total')).toBe(FLOOD);
  expect(sumOf(series, 'corespan_lookups_total')).toBe(FLOOD);
  expect(sumOf(series, 'traces_service_graph_request_total')).toBe(FLOOD);
  const rowsOf = (name: string): number => series.filter((one) => one.name === name).length;
  expect(rowsOf('traces_service_graph_request_total')).toBeLessThanOrEqual(1_001);
  expect(rowsOf('corespan_lookups_total')).toBeLessThanOrEqual(3 * 2_001);
  expect(rowsOf('corespan_queries_total')).toBeLessThanOrEqual(10_200);
  for (const family of ['traces_service_graph_request_total', 'corespan_lookups_total']) {
    expect(self.count('corespan_series_overflow_total', family)).toBeGreaterThan(0);
  }
  expect(text).not.toMatch(/n\d+\.example\.org/);
});
