/** The endpoint is ten times slower than the input: memory stays bounded, reading goes on, every loss is counted. */
import { ExportResultCode } from '@opentelemetry/core';
import { expect, it } from 'vitest';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { createSpans } from '../../src/spans/spans.ts';
import { toLookup } from '../support/lookups.ts';
import { toPod } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

it('drops the newest spans, counts them, and never holds more than the queue', async () => {
  const self = createTestSelf();
  const waiting: (() => void)[] = [];
  const sink: SpanSink = {
    export: (_, done) => waiting.push(() => done({ code: ExportResultCode.SUCCESS })),
    shutdown: () => Promise.resolve(),
  };
  const options = { version: '0', graphSource: 'metrics', ratio: 1, rate: 1_000_000, resource: {} } as const;
  const spans = createSpans(
    { ...options, addressOf: () => undefined, onExported: () => {} },
    sink,
    self.spans,
  );
  let accepted = 0;
  let most = 0;
  for (let round = 0; round < 100; round++) {
    for (let n = 0; n < 500; n++) {
      spans.accept(toLookup({ client_: toPod('shop', `p${n % 7}`) }), undefined);
    }
    accepted += 500;
    // One batch leaves for every ten that come in.
    if (round % 10 === 0) waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, self.count('corespan_pending', 'spans'));
  }
  // Nine batches have left by the end; the queue is full, and a tenth is on its way.
  expect({
    acked: self.count('corespan_acked_total', 'spans'),
    pending: self.count('corespan_pending', 'spans'),
    dropped: self.count('corespan_dropped_total', 'spans', 'queue_full'),
  }).toEqual({ acked: 9 * 512, pending: 8_192 + 512, dropped: accepted - 10 * 512 - 8_192 });
  expect(most).toBe(8_192 + 512);
});
