/** What the spans room tells of itself: every span is sampled out, or kept and then acked, pending or dropped. */
import { rememberCells } from './cells.ts';
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';

export interface SpansSelf {
  /** Names the closed set of decisions, so that every series exists from the start. */
  decisions(all: readonly string[]): void;
  decided(decision: string, spans: number): void;
  acked(spans: number): void;
  dropped(reason: SpanDropReason, spans: number): void;
  pending(read: () => number): void;
  exported(result: 'success' | 'failure', seconds: number, failure?: ExportFailure): void;
  /** Whoever was to hear what became of a trace failed: no metric points at it. */
  untold(error: unknown): void;
}

export interface ExportFailure {
  readonly error?: string | undefined;
  /** Where spans were to be written; undefined: they were sent to an endpoint. */
  readonly file?: string | undefined;
}

/** Why a span that was kept never reached its destination. */
export const SPAN_DROP_REASONS = [
  'queue_full',
  'rate',
  'export_failed',
  'partial_success',
  'shutdown',
] as const;
export type SpanDropReason = (typeof SPAN_DROP_REASONS)[number];

export function createSpansSelf(registry: Registry, log: Log): SpansSelf {
  const acked = registry.cell('corespan_acked_total', 'spans');
  const decided = rememberCells((decision) => registry.cell('corespan_spans_total', decision));
  const dropped = rememberCells((reason) => registry.cell('corespan_dropped_total', 'spans', reason));
  for (const reason of SPAN_DROP_REASONS) registry.show('corespan_dropped_total', 'spans', reason);
  return {
    decisions(all) {
      for (const decision of all) registry.show('corespan_spans_total', decision);
    },
    decided(decision, spans) {
      decided(decision).value += spans;
    },
    acked(spans) {
      acked.value += spans;
    },
    dropped(reason, spans) {
      if (spans === 0) return;
      dropped(reason).value += spans;
      log.often('warn', 'Spans were dropped', { reason, spans });
    },
    pending(read) {
      registry.observe('corespan_pending', ['spans'], read);
    },
    exported(result, seconds, { error, file } = {}) {
      registry.timed('corespan_otlp_export_duration_seconds', [result], seconds);
      if (result === 'success') return;
      if (file === undefined) log.often('warn', 'An export to the OTLP endpoint failed', { error });
      else log.often('warn', 'Spans could not be written', { file, error });
    },
    untold(error) {
      log.often('error', 'Nobody could be told what became of a trace', { error: String(error) });
    },
  };
}
