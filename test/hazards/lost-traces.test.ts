/** The only trace of an edge is lost on its way: the next lookup of the edge becomes a trace, not the one of next minute. */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { expect, it } from 'vitest';
import { createSpans } from '../../src/spans/spans.ts';
import { createEdges, type LookupFields, toLookup } from '../support/lookups.ts';
import { toService } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

function createRoom() {
  const self = createTestSelf();
  const exports: ((result: ExportResult) => void)[] = [];
  const spans = createSpans(
    {
      version: '0',
      graphSource: 'metrics',
      ratio: 0,
      rate: 1_000_000,
      resource: {},
      addressOf: () => undefined,
      onExported: () => {},
    },
    { export: (_, done) => exports.push(done), shutdown: () => Promise.resolve() },
    self.spans,
  );
  const edgeOf = createEdges();
  return {
    spans,
    accept(fields: LookupFields) {
      const lookup = toLookup(fields);
      spans.accept(lookup, edgeOf(lookup));
    },
    /** Ends the oldest export. */
    async end(code: ExportResultCode) {
      exports.shift()?.({ code });
      await new Promise((resolve) => setImmediate(resolve));
    },
    decisions: () =>
      Object.fromEntries(
        self.registry
          .samples('corespan_spans_total')
          .filter(({ value }) => value > 0)
          .map(({ labels, value }) => [labels[0], value]),
      ),
  };
}

it('after a failed export', async () => {
  const { spans, accept, end, decisions } = createRoom();
  accept({ at: 0 });
  spans.tick(0);
  await end(ExportResultCode.FAILED);
  accept({ at: 1 });
  accept({ at: 2 });
  expect(decisions()).toEqual({ kept_first_seen: 1, kept_fresh: 1, sampled_out: 1 });
});

it('but not after one that succeeded (twin)', async () => {
  const { spans, accept, end, decisions } = createRoom();
  accept({ at: 0 });
  spans.tick(0);
  await end(ExportResultCode.SUCCESS);
  accept({ at: 1 });
  accept({ at: 2 });
  expect(decisions()).toEqual({ kept_first_seen: 1, sampled_out: 2 });
});

it('after a queue without room', async () => {
  const { accept, end, decisions } = createRoom();
  const FLOOD = 10_000;
  for (let n = 0; n < FLOOD; n++) accept({ target: toService('pay', `api-${n}`) });
  const late = { target: toService('pay', `api-${FLOOD - 1}`) };
  await end(ExportResultCode.SUCCESS);
  accept({ ...late, at: 1 });
  accept({ ...late, at: 2 });
  expect(decisions()).toEqual({ kept_first_seen: FLOOD, kept_fresh: 1, sampled_out: 1 });
});
