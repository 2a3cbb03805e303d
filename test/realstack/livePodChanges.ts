/** What a sidecar has been told of pods by the API server: whoever has to wait for that counts it. */
import { parseExposition, sumOf } from '../support/exposition.ts';
import type { Sidecar } from './sidecar.ts';
import { until } from './until.ts';

type PodChange = 'MODIFIED' | 'DELETED';

export async function countPodChanges(sidecar: Sidecar, type: PodChange): Promise<number> {
  const labels = { resource: 'pods', type };
  return sumOf(parseExposition(await sidecar.metrics()), 'corespan_watch_events_total', labels);
}

export async function untilPodChanges(sidecar: Sidecar, type: PodChange, count: number): Promise<void> {
  await until(`the sidecar to know of ${count} times ${type}`, async () => {
    return (await countPodChanges(sidecar, type)) >= count || undefined;
  });
}
