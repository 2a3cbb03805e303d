/** A client asks for names without end: first traces are for edges that people see, and the rest stays a share. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Target } from '../../src/records/peer.ts';
import { createSampling } from '../../src/spans/sampling.ts';
import { toLookup } from '../support/lookups.ts';
import { toPod, toService } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const MAX_EDGES = 40;

/** How many lookups are kept as the first of an edge, and the edges that there are. */
function keep(targets: readonly Target[], clients: number) {
  const self = createTestSelf();
  const metrics = createMetrics({ graphSource: 'metrics', maxEdges: MAX_EDGES }, self.registry, self.metrics);
  const sampling = createSampling({ ratio: 0, rate: 1_000_000 });
  let first = 0;
  for (const [at, target] of targets.entries()) {
    const lookup = toLookup({ at, target, client_: toPod('shop', `pod-${at % clients}`) });
    if (sampling.decide(lookup, metrics.lookup(lookup), 1).decision === 'kept_first_seen') first++;
  }
  return { first, edges: [...metrics.edges()].length };
}

it('of Services', () => {
  const targets = Array.from({ length: 5_000 }, (_, n) => toService('pay', `api-${n}`));
  const { first, edges } = keep(targets, 10);
  expect(edges).toBe(MAX_EDGES + 10);
  expect(first).toBe(edges);
});

it('outside the cluster', () => {
  const targets = Array.from({ length: 5_000 }, (_, n) => ({
    ...toService('', `d${n}.example`),
    class: 'external' as const,
  }));
  const { first, edges } = keep(targets, 10);
  // A quarter of the edges leads to names of their own; then each client has one to `external`.
  expect(edges).toBe(MAX_EDGES / 4 + 10);
  expect(first).toBe(edges);
});

it('where they fit, each has its own (twin)', () => {
  const targets = Array.from({ length: MAX_EDGES }, (_, n) => toService('pay', `api-${n}`));
  expect(keep([...targets, ...targets], 5)).toEqual({ first: MAX_EDGES, edges: MAX_EDGES });
});
