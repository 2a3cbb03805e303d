/**
 * Spans on their way out: a bounded queue, one export in flight, every loss counted.
 *
 * The SDK's BatchSpanProcessor loses a burst without a word (10,000 spans in one tick, 2,560 arrive) and fires
 * all batches at once when it is shut down, against the exporter's own limit of 30. So the queue is ours.
 */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { DrawnEdge } from '../records/edges.ts';
import type { Lookup } from '../records/lookup.ts';
import type { SpansSelf } from '../self/spans.ts';

/** What the queue delivers to: the OTLP exporters of OpenTelemetry, or a file. */
export interface SpanSink {
  /** Undefined: it delivers to an endpoint. */
  readonly file?: string;
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  /** Spans of the export that just succeeded which the endpoint refused (OTLP partial success). */
  takeRejected?(): number;
}

/** The spans of one lookup; they leave together. */
export interface Trace {
  readonly lookup: Lookup;
  /** The one that the lookup is on, if it is on one. */
  readonly edge: DrawnEdge | undefined;
  readonly traceId: string;
  readonly spans: readonly ReadableSpan[];
}

export interface BatcherOptions {
  /** Most spans waiting; the newest trace is dropped when it does not fit. */
  readonly maxQueue: number;
  /** True if the reader waits for `room`: it is ahead by what one hand-over closes, and nothing is dropped. */
  readonly readerWaits?: boolean;
  readonly maxBatch: number;
  /** Called for each trace that the sink has taken. */
  readonly onExported: (trace: Trace) => void;
  /** Called for each trace of which nothing has arrived. */
  readonly onLost: (trace: Trace) => void;
  /** Milliseconds, of a clock that nobody sets. */
  readonly now?: () => number;
}

export interface Batcher {
  /** True if the trace was queued; false if there was no room, which is counted. */
  add(trace: Trace): boolean;
  /** Sends what waits, unless that was done within the last second; `at` in milliseconds, of any clock. */
  tick(at: number): void;
  /** Resolves when at least half of the queue is free; for a reader that is faster than the endpoint. */
  room(): Promise<void>;
  /** Delivers what waits, one batch after another, until `deadline` (resolves then); drops and counts the rest. */
  drain(deadline: Promise<void>): Promise<void>;
  /** Lookups that are not settled yet. */
  pending(): Iterable<Lookup>;
}

/** Milliseconds between two exports of batches that are not full: each takes about 1 ms (a profile at 1,000 lines/s), as 300 lines do. */
const SEND_EVERY = 1_000;

export function createBatcher(options: BatcherOptions, sink: SpanSink, self: SpansSelf): Batcher {
  const { now = () => performance.now() } = options;
  let queue: Trace[] = [];
  let queued = 0;
  /** Traces at the head of the queue that are to leave even if they fill no batch. */
  let due = 0;
  let ticked = -Infinity;
  let inFlight: readonly Trace[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;
  const waiting: (() => void)[] = [];

  self.pending(() => queued + sumOfSpans(inFlight));

  function takeBatch(): Trace[] {
    let spans = 0;
    let end = 0;
    for (const trace of queue) {
      if (end > 0 && spans + trace.spans.length > options.maxBatch) break;
      spans += trace.spans.length;
      end++;
    }
    const batch = queue.slice(0, end);
    queue = queue.slice(end);
    queued -= spans;
    due = Math.max(0, due - end);
    return batch;
  }

  function settle(batch: readonly Trace[], result: ExportResult, seconds: number): void {
    // After the deadline the batch has been counted as dropped.
    if (isClosed) return;
    inFlight = [];
    const spans = sumOfSpans(batch);
    if (result.code !== ExportResultCode.SUCCESS) {
      self.exported('failure', seconds, { error: result.error?.message, file: sink.file });
      self.dropped('export_failed', spans);
      tellAll(batch, options.onLost);
      return;
    }
    self.exported('success', seconds);
    const rejected = Math.min(spans, sink.takeRejected?.() ?? 0);
    self.dropped('partial_success', rejected);
    self.acked(spans - rejected);
    // Which spans were refused is not said: a link to one of them might lead nowhere.
    if (rejected === 0) tellAll(batch, options.onExported);
    else if (rejected === spans) tellAll(batch, options.onLost);
  }

  /** Whoever is told may fail: the queue goes on. */
  function tellAll(batch: readonly Trace[], tell: (trace: Trace) => void): void {
    for (const trace of batch) {
      try {
        tell(trace);
      } catch (error) {
        self.untold(error);
      }
    }
  }

  async function exportOne(): Promise<void> {
    const batch = takeBatch();
    inFlight = batch;
    const started = now();
    const result = await deliver(sink, batch);
    settle(batch, result, (now() - started) / 1e3);
  }

  async function run(): Promise<void> {
    while ((due > 0 || queued >= options.maxBatch) && !isClosed) {
      await exportOne();
      for (const wake of waiting.splice(0)) wake();
    }
    running = undefined;
  }

  /** Resolves at the end of the export that is under way. */
  function exported(): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  function send(traces: number): void {
    due = Math.max(due, traces);
    if (queue.length > 0) running ??= run();
  }

  return {
    add(trace) {
      const isFull = queued + trace.spans.length > options.maxQueue && options.readerWaits !== true;
      if (isClosed || isFull) {
        self.dropped(isClosed ? 'shutdown' : 'queue_full', trace.spans.length);
        return false;
      }
      queue.push(trace);
      queued += trace.spans.length;
      if (queued >= options.maxBatch) send(0);
      return true;
    },
    tick(at) {
      // A clock may be set back.
      if (queue.length === 0 || Math.abs(at - ticked) < SEND_EVERY) return;
      ticked = at;
      send(queue.length);
    },
    async room() {
      while (queued > options.maxQueue / 2 && running !== undefined) await exported();
    },
    async drain(deadline) {
      send(queue.length);
      await Promise.race([running ?? Promise.resolve(), deadline]);
      const left = sumOfSpans(queue) + sumOfSpans(inFlight);
      isClosed = true;
      queue = [];
      queued = 0;
      inFlight = [];
      if (left > 0) self.dropped('shutdown', left);
    },
    *pending() {
      for (const trace of inFlight) yield trace.lookup;
      for (const trace of queue) yield trace.lookup;
    },
  };
}

/** Resolves with the first thing that the sink says; one that throws has failed. */
function deliver(sink: SpanSink, batch: readonly Trace[]): Promise<ExportResult> {
  return new Promise((resolve) => {
    try {
      sink.export(
        batch.flatMap((trace) => trace.spans),
        resolve,
      );
    } catch (error) {
      resolve({
        code: ExportResultCode.FAILED,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  });
}

function sumOfSpans(traces: readonly Trace[]): number {
  return traces.reduce((sum, trace) => sum + trace.spans.length, 0);
}
