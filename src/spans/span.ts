/**
 * One span as a plain object in the shape of the SDK's ReadableSpan: the exporter takes it, it carries our own ids and
 * times, and it costs 0.3 µs instead of 1.6 (measured).
 */
import {
  type HrTime,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanAttributes } from './attributes.ts';

/** What the spans of one trace share. */
export interface TraceFrame {
  readonly traceId: string;
  readonly traceState: TraceState | undefined;
  readonly resource: Resource;
  readonly scope: ReadableSpan['instrumentationScope'];
}

export interface SpanFields {
  readonly id: string;
  /** Of the span above it; undefined for the root. */
  readonly parent: SpanContext | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly isError: boolean;
  readonly attributes: SpanAttributes;
}

/** What may be missing is put in afterwards: with spreads in the literals a trace's spans took 4.4 µs each, not 2.9. */
export function toSpan(frame: TraceFrame, fields: SpanFields): ReadableSpan {
  const { parent, start, end } = fields;
  const context = toContext(frame, fields.id);
  const span: ReadableSpan & { parentSpanContext?: SpanContext } = {
    name: fields.name,
    kind: fields.kind,
    spanContext: () => context,
    startTime: toHrTime(start),
    endTime: toHrTime(end),
    duration: toHrTime(end - start),
    status: fields.isError ? ERROR : UNSET,
    attributes: fields.attributes,
    links: NONE,
    events: NONE,
    ended: true,
    resource: frame.resource,
    instrumentationScope: frame.scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  if (parent !== undefined) span.parentSpanContext = parent;
  return span;
}

const UNSET = { code: SpanStatusCode.UNSET };
const ERROR = { code: SpanStatusCode.ERROR };
const NONE: never[] = [];

function toContext({ traceId, traceState }: TraceFrame, spanId: string): SpanContext {
  const context: SpanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  if (traceState !== undefined) context.traceState = traceState;
  return context;
}

/** Milliseconds as whole seconds and nanoseconds; a clock that has just begun with 1970 has nothing before it. */
function toHrTime(time: number): HrTime {
  const ms = Math.max(0, time);
  const seconds = Math.floor(ms / 1e3);
  const nanos = Math.round((ms - seconds * 1e3) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, nanos - 1e9];
}
