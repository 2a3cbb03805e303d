/** The first failure of its kind: `increase()` sees it only if the series stood at 0 before. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createParser } from '../../src/parse/parser.ts';
import { NOTICE_KINDS } from '../../src/records/line.ts';
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { parseExposition } from '../support/exposition.ts';
import { toLookup } from '../support/lookups.ts';
import { NOON, toPod, toResolved } from '../support/queries.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

const read = ({ registry }: TestSelf, name: SelfMetricName): Record<string, number> =>
  Object.fromEntries(registry.samples(name).map(({ labels, value }) => [labels.at(-1), value]));

it('an export has a series before it ends', async () => {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 1 }, self.registry, self.metrics);
  const counts = async (format: 'text' | 'openmetrics'): Promise<Record<string, number>> => {
    let text = '';
    for await (const part of metrics.render(format, NOON, undefined)) text += part;
    const name = 'corespan_otlp_export_duration_seconds_count';
    const series = parseExposition(text).filter((one) => one.name === name);
    return Object.fromEntries(series.map(({ labels, value }) => [labels['result'], value]));
  };
  expect(await counts('text')).toEqual({ success: 0, failure: 0 });
  self.spans.exported('failure', 0.2);
  expect(await counts('text')).toEqual({ success: 0, failure: 1 });
  expect(await counts('openmetrics')).toEqual({ success: 0, failure: 1 });
});

it('a family has a series before its budget is used up, and no other one gets an overflow row', () => {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 1 }, self.registry, self.metrics);
  const families = read(self, 'corespan_series_overflow_total');
  expect(families).toEqual({
    corespan_queries_total: 0,
    corespan_lookups_total: 0,
    corespan_lookups_bad_total: 0,
    corespan_nxdomain_total: 0,
    traces_service_graph_request_total: 0,
  });
  for (let n = 0; n < 2_100; n++) {
    const client = toPod('shop', `client-${n}`);
    for (const outcome of ['success', 'error', 'denial'] as const) {
      metrics.query(toResolved({ at: 0, name: 'api.pay.svc.cluster.local' }, { client }));
      metrics.lookup(toLookup({ client_: client, outcome }));
    }
  }
  const after = read(self, 'corespan_series_overflow_total');
  expect(Object.keys(after)).toEqual(Object.keys(families));
  expect(Object.values(after).every((count) => count > 0)).toBe(true);
});

it('a line has a series of its kind before it comes', () => {
  const self = createTestSelf();
  const file = { path: 'a.log', id: 'a', pod: undefined };
  const none = { time: new Float64Array(), start: new Int32Array(), end: new Int32Array() };
  createParser({ format: undefined }, self.parse).accept({
    file,
    bytes: Buffer.alloc(0),
    from: 0,
    to: 0,
    ...none,
    offset: new Float64Array(),
  });
  const kinds = ['query', ...NOTICE_KINDS].map((kind) => [kind, 0]);
  expect(read(self, 'corespan_lines_parsed_total')).toEqual(Object.fromEntries(kinds));
});
