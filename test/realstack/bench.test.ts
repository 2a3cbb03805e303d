/** The live benchmark in small: every line that CoreDNS wrote under load is read; nothing is timed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveStage, type LiveStage } from '../bench/liveRuns.ts';
import { CLUSTER_NEEDS, describeRealStack } from './realStack.ts';
import { toRunFolder } from './runs.ts';

const NEEDS = { ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'dnsperf'] } as const;

describeRealStack('the live benchmark', NEEDS, () => {
  let stage: LiveStage;

  beforeAll(async () => {
    stage = await createLiveStage(toRunFolder('bench'));
  });

  afterAll(() => stage?.stop());

  test('queries are answered, and each of the three processes costs something', {
    timeout: 180_000,
  }, async () => {
    const { queries, coredns, writer, corespan, rss } = await stage.run({ rate: 500, seconds: 4 });
    expect(queries).toBeGreaterThan(500);
    for (const cost of [coredns, writer, corespan]) expect(cost).toBeGreaterThan(0);
    expect(rss.corespan).toBeGreaterThan(40e6);
  });

  test('nothing is lost', { timeout: 180_000 }, async () => {
    expect(await stage.finish()).toEqual([]);
  });
});
