import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { createBatcher, type SpanSink, type Trace } from '../../src/spans/batcher.ts';
import { toLookup } from '../support/lookups.ts';
import { createTestSelf } from '../support/self.ts';

/** A sink whose exports end when the test says so. */
function createSlowSink() {
  const exports: { spans: ReadableSpan[]; end: (isRight: boolean) => void }[] = [];
  let rejected = 0;
  const sink: SpanSink = {
    export(spans, done) {
      exports.push({
        spans,
        end: (isRight) => done({ code: isRight ? ExportResultCode.SUCCESS : ExportResultCode.FAILED }),
      });
    },
    shutdown: () => Promise.resolve(),
    takeRejected() {
      const taken = rejected;
      rejected = 0;
      return taken;
    },
  };
  return {
    sink,
    exports,
    reject(count: number) {
      rejected = count;
    },
  };
}

function createRoom(limits: { maxQueue?: number; maxBatch?: number } = {}) {
  const self = createTestSelf();
  const slow = createSlowSink();
  const exported: string[] = [];
  const lost: string[] = [];
  const batcher = createBatcher(
    {
      maxQueue: limits.maxQueue ?? 100,
      maxBatch: limits.maxBatch ?? 10,
      onExported: ({ traceId }) => exported.push(traceId),
      onLost: ({ traceId }) => lost.push(traceId),
    },
    slow.sink,
    self.spans,
  );
  const counts = () => ({
    acked: self.count('corespan_acked_total', 'spans'),
    pending: self.count('corespan_pending', 'spans'),
    dropped: Object.fromEntries(
      self.registry
        .samples('corespan_dropped_total')
        .filter(({ labels, value }) => labels[0] === 'spans' && value > 0)
        .map(({ labels, value }) => [labels[1], value]),
    ),
  });
  return { batcher, exported, lost, counts, ...slow };
}

let serial = 0;

function trace(spans: number): Trace {
  serial++;
  return {
    lookup: toLookup(),
    edge: undefined,
    traceId: `trace-${serial}`,
    spans: Array.from({ length: spans }, () => ({}) as ReadableSpan),
  };
}

/** Lets promise callbacks run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = new Promise<void>(() => {});

describe('the queue', () => {
  it('keeps one export in flight and traces whole', async () => {
    const { batcher, exports, counts } = createRoom();
    for (const spans of [4, 4, 4, 4]) batcher.add(trace(spans));
    batcher.tick(0);
    expect(exports.map(({ spans }) => spans.length)).toEqual([8]);
    exports[0]?.end(true);
    await settle();
    expect(exports.map(({ spans }) => spans.length)).toEqual([8, 8]);
    exports[1]?.end(true);
    await settle();
    expect(counts()).toEqual({ acked: 16, pending: 0, dropped: {} });
  });

  it('sends what fills no batch once a second, a full one at once, and all of it at the end', async () => {
    const { batcher, exports } = createRoom();
    const sizes = (): number[] => exports.map(({ spans }) => spans.length);
    async function endLast(): Promise<void> {
      exports.at(-1)?.end(true);
      await settle();
    }
    batcher.add(trace(3));
    batcher.tick(0);
    // Comes while the first is under way, and does not leave with its end.
    batcher.add(trace(4));
    await endLast();
    batcher.tick(999);
    expect(sizes()).toEqual([3]);
    batcher.tick(1_000);
    expect(sizes()).toEqual([3, 4]);
    await endLast();
    batcher.add(trace(4));
    batcher.add(trace(6));
    expect(sizes()).toEqual([3, 4, 10]);
    await endLast();
    batcher.add(trace(2));
    const drained = batcher.drain(never);
    expect(sizes()).toEqual([3, 4, 10, 2]);
    await endLast();
    await drained;
  });

  it('sends a trace that is larger than a batch', () => {
    const { batcher, exports } = createRoom();
    batcher.add(trace(25));
    expect(exports.map(({ spans }) => spans.length)).toEqual([25]);
  });

  it('drops the newest when it is full, and counts it', () => {
    const { batcher, counts } = createRoom({ maxQueue: 30, maxBatch: 10 });
    const taken = Array.from({ length: 10 }, () => batcher.add(trace(5)));
    // Ten spans are in flight, thirty wait.
    expect(taken.filter(Boolean)).toHaveLength(8);
    expect(counts()).toEqual({ acked: 0, pending: 40, dropped: { queue_full: 10 } });
  });

  it('tells when there is room again', async () => {
    const { batcher, exports } = createRoom({ maxQueue: 20, maxBatch: 10 });
    for (let n = 0; n < 6; n++) batcher.add(trace(5));
    let hasRoom = false;
    const room = batcher.room().then(() => {
      hasRoom = true;
    });
    await settle();
    expect(hasRoom).toBe(false);
    exports[0]?.end(true);
    await room;
    expect(hasRoom).toBe(true);
  });
});

describe('what the endpoint says', () => {
  it('failed: the batch is dropped, and no exemplar may point at it', async () => {
    const { batcher, exports, counts, exported, lost } = createRoom();
    const failed = trace(10);
    batcher.add(failed);
    exports[0]?.end(false);
    await settle();
    expect(counts()).toEqual({ acked: 0, pending: 0, dropped: { export_failed: 10 } });
    expect([exported, lost]).toEqual([[], [failed.traceId]]);
  });

  it('partial success: what it refused is dropped, and no exemplar points at the batch', async () => {
    const { batcher, exports, counts, exported, lost, reject } = createRoom();
    batcher.add(trace(10));
    reject(3);
    exports[0]?.end(true);
    await settle();
    expect(counts()).toEqual({ acked: 7, pending: 0, dropped: { partial_success: 3 } });
    expect([exported, lost]).toEqual([[], []]);
  });

  it('partial success of nothing: the batch is lost', async () => {
    const { batcher, exports, exported, lost, reject } = createRoom();
    const refused = trace(10);
    batcher.add(refused);
    reject(10);
    exports[0]?.end(true);
    await settle();
    expect([exported, lost]).toEqual([[], [refused.traceId]]);
  });

  it('success: exemplars may point at it', async () => {
    const { batcher, exports, exported } = createRoom();
    const kept = trace(10);
    batcher.add(kept);
    exports[0]?.end(true);
    await settle();
    expect(exported).toEqual([kept.traceId]);
  });

  it('goes on when whoever is told of an export fails', async () => {
    const self = createTestSelf();
    const { sink, exports } = createSlowSink();
    const onExported = (): void => {
      throw new Error('no');
    };
    const limits = { maxQueue: 10, maxBatch: 1 };
    const batcher = createBatcher({ ...limits, onExported, onLost: () => {} }, sink, self.spans);
    for (let n = 0; n < 3; n++) batcher.add(trace(1));
    for (let n = 0; n < 3; n++) {
      exports[n]?.end(true);
      await settle();
    }
    expect(self.count('corespan_acked_total', 'spans')).toBe(3);
    expect(self.count('corespan_pending', 'spans')).toBe(0);
    expect(self.messages.join('')).toContain('Nobody could be told what became of a trace');
  });

  it('a sink that throws is a failed export', async () => {
    const self = createTestSelf();
    const sink: SpanSink = {
      export() {
        throw new Error('no');
      },
      shutdown: () => Promise.resolve(),
    };
    const batcher = createBatcher(
      { maxQueue: 10, maxBatch: 1, onExported: () => {}, onLost: () => {} },
      sink,
      self.spans,
    );
    batcher.add(trace(1));
    await settle();
    expect(self.count('corespan_dropped_total', 'spans', 'export_failed')).toBe(1);
  });
});

describe('shutdown', () => {
  it('drains one batch after another', async () => {
    const { batcher, exports, counts } = createRoom();
    for (let n = 0; n < 9; n++) batcher.add(trace(5));
    const drained = batcher.drain(never);
    for (let n = 0; n < 5; n++) {
      exports[n]?.end(true);
      await settle();
    }
    await drained;
    expect(counts()).toEqual({ acked: 45, pending: 0, dropped: {} });
  });

  it('drops and counts what is left at the deadline, and what comes after', async () => {
    const { batcher, exports, counts } = createRoom();
    for (let n = 0; n < 4; n++) batcher.add(trace(5));
    await batcher.drain(Promise.resolve());
    batcher.add(trace(3));
    exports[0]?.end(true);
    await settle();
    expect(counts()).toEqual({ acked: 0, pending: 0, dropped: { shutdown: 23 } });
  });
});
