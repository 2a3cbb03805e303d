/** Jobs and bare pods come and go by the thousand: silent workloads give their rows back, and no query is lost. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Peer } from '../../src/records/peer.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { toLookup } from '../support/lookups.ts';
import { NOON, toPod, toResolved } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const MINUTE = 60_000;
const JOBS = 2_000;

/** Jobs use up all rows; then time passes, and a Deployment asks for the first time, a Job once more. */
async function playChurn(pause: number) {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: 500 }, self.registry, self.metrics);
  const ask = (client: Peer, at: number): void => {
    metrics.query(toResolved({ at, name: 'api.pay.svc.cluster.local' }, { client }));
    metrics.lookup(toLookup({ client_: client, at }));
  };
  const jobs = Array.from({ length: JOBS }, (_, n) => toPod('ci', `job-${n}`));
  for (const job of jobs) ask(job, 0);
  metrics.tick(NOON + pause);
  const [again] = jobs;
  if (again !== undefined) ask(again, pause);
  ask(toPod('shop', 'web'), pause);
  let text = '';
  for await (const piece of metrics.render('text', NOON + pause, undefined)) text += piece;
  const series = parseExposition(text);
  const countOf = (workload: string): number[] =>
    ['corespan_queries_total', 'corespan_lookups_total'].map((name) =>
      sumOf(series, name, { client_workload: workload }),
    );
  return {
    web: countOf('web'),
    again: countOf('job-0'),
    others: countOf('__other__'),
    counted: sumOf(series, 'corespan_queries_total'),
    forgotten: sumOf(series, 'corespan_queries_forgotten_total'),
    names: series.filter(({ name }) => name === 'corespan_distinct_names').length,
  };
}

it('gives the rows of silent workloads to whoever comes, and begins anew with those that come back', async () => {
  expect(await playChurn(16 * MINUTE)).toEqual({
    web: [1, 1],
    again: [1, 1],
    others: [0, 0],
    counted: 2,
    forgotten: JOBS,
    names: 2,
  });
});

it('keeps them as long as they are in use, and counts the newcomer with the others (twin)', async () => {
  expect(await playChurn(14 * MINUTE)).toEqual({
    web: [0, 0],
    again: [2, 2],
    others: [1, 1],
    counted: JOBS + 2,
    forgotten: 0,
    names: JOBS + 1,
  });
});
