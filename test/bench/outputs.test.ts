/** The benchmark of the way out in small: both sides show and send the same; nothing is timed. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../support/exposition.ts';
import { createLibrary, createOurs, type Scrape, SERIES_OF_EDGE } from './scrapes.ts';
import type { SpanPassed } from './spanPass.ts';
import { createOurSender, createSdkSender, toLookups } from './spanSenders.ts';
import { startScript } from './stage/child.ts';
import type { SinkCounts, SinkReady } from './stage/otlpSink.ts';

const EDGES = 50;

describe('a scrape', () => {
  it('of ours and of the library shows the same edges', async () => {
    const [ours, library] = [await createOurs(EDGES)(), await createLibrary(EDGES)()];
    const toGraph = ({ pieces }: Scrape): string[] =>
      // Our lookups are measured from the log's times, which are not exact to the last digit.
      parseExposition(pieces.join(''))
        .filter(({ name }) => name.startsWith('traces_service_graph_'))
        .map(({ name, labels, value }) => `${name} ${JSON.stringify(toLabels(labels))} ${value.toFixed(5)}`)
        .sort();
    expect(toGraph(ours)).toHaveLength(EDGES * SERIES_OF_EDGE);
    expect(toGraph(ours)).toEqual(toGraph(library));
    expect(toGraph(ours)).not.toEqual(toGraph(await createLibrary(EDGES - 1)()));
  });
});

describe('spans', () => {
  it.each(['ours', 'sdk'] as const)(
    'of %s all arrive where the sender keeps up',
    { timeout: 120_000 },
    async (sender) => {
      const here = import.meta.dirname;
      const sink = await startScript<SinkReady>(join(here, 'stage/otlpSink.ts'), {});
      const { url } = sink.ready;
      const child = await startScript(join(here, 'spanPass.ts'), {
        ...{ sender, url, warmUp: 600, spans: 1_400, burst: 500 },
      });
      const { told } = await child.ask<SpanPassed>('pass');
      const { spans } = await sink.ask<SinkCounts>('counts');
      await Promise.all([child.stop(), sink.stop()]);
      expect({ told, spans }).toEqual({ told: 0, spans: 2_000 });
    },
  );
});

describe('a sender that has kept up', () => {
  it.each([
    { says: 'ours', create: createOurSender },
    { says: 'the SDK', create: createSdkSender },
  ])('has no span left: $says', async ({ create }) => {
    const sink = await startScript<SinkReady>(join(import.meta.dirname, 'stage/otlpSink.ts'), {});
    const sender = await create(sink.ready.url);
    for (const lookup of toLookups(1_500)) sender.send(lookup);
    await sender.keepUp();
    const { spans } = await sink.ask<SinkCounts>('counts');
    await sender.stop();
    await sink.stop();
    expect(spans).toBe(1_500);
  });
});

/** The library writes a bound of 1 as 1.0. */
function toLabels({ le, ...labels }: Readonly<Record<string, string>>): [string, string | number][] {
  return [
    ...Object.entries(labels).sort(([a], [b]) => a.localeCompare(b)),
    ...(le === undefined ? [] : [['le', Number(le)] as [string, number]]),
  ];
}
