/** The whole pipeline for tests: lines of CoreDNS in, what a scrape sees out. */
import { createPipeline, type Pipeline, type PipelineOptions } from '../../src/app.ts';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { toLines } from '../parse/lines.ts';
import { podObject } from './objects.ts';
import { createTestSelf, type TestSelf } from './self.ts';

export interface TestPipeline {
  readonly pipeline: Pipeline;
  readonly self: TestSelf;
  /** One query line for each name, all asked by the pod `web` of namespace `shop`, a millisecond apart. */
  ask(
    names: readonly string[],
    how: { readonly at: number; readonly qtype?: string; readonly rcode?: string },
  ): void;
  /** What `scraper` is shown; a person, if nobody is named. */
  scrape(now: number, scraper?: string): Promise<string>;
}

const CLIENT = '10.244.1.7';

export const TEST_OPTIONS: PipelineOptions = {
  version: 'test',
  logFormat: undefined,
  clusterDomains: ['cluster.local.'],
  targetLabel: 'service',
  graphSource: 'metrics',
  maxEdges: 100,
  sampleRatio: 1,
  spanRate: 1000,
  resource: {},
  graceMs: 0,
  retainMs: 120_000,
  own: undefined,
  readerWaits: false,
};

/** `sink` undefined: spans are off. */
export function createTestPipeline(self: TestSelf = createTestSelf(), sink?: SpanSink): TestPipeline {
  const pipeline = createPipeline(TEST_OPTIONS, sink, self);
  pipeline.change({
    type: 'replace',
    at: -Infinity,
    resource: 'pods',
    objects: [podObject('web', { addresses: [CLIENT], started: 0 })],
  });
  pipeline.change({ type: 'replace', at: -Infinity, resource: 'services', objects: [] });
  return {
    pipeline,
    self,
    ask(names, { at, qtype = 'A', rcode = 'NOERROR' }) {
      const texts = names.map(
        (name, n) =>
          `[INFO] ${CLIENT}:${40_000 + n} - ${n + 1} "${qtype} IN ${name}. udp 40 false 512" ${rcode} qr,rd,ra 100 0.000200s`,
      );
      self.sources.read('kube-system/coredns-0', texts.length);
      pipeline.accept(toLines(texts, { timeOf: (index) => at + index }));
    },
    async scrape(now, scraper) {
      let text = '';
      for await (const part of pipeline.metrics.render('text', now, scraper)) text += part;
      return text;
    },
  };
}
