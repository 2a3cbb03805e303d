/** Spans as a request groups them, by their resource; only such as build.ts makes, which our own serializers write. */
import { TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Value } from './known.ts';

export type PlainAttributes = Readonly<Record<string, Value>>;

/** A span with plain attributes, without links, events and words about its status. */
export type OurSpan = ReadableSpan & { readonly attributes: PlainAttributes };

export type Scope = ReadableSpan['instrumentationScope'];

/** The spans of one scope. */
export interface Groups {
  readonly scope: Scope;
  /** In the order in which they came first. */
  readonly byResource: ReadonlyMap<Resource, readonly OurSpan[]>;
}

/** Undefined where there is no span, or one that ours are never like. */
export function toGroups(spans: readonly ReadableSpan[]): Groups | undefined {
  const scope = spans[0]?.instrumentationScope;
  if (scope === undefined) return undefined;
  const byResource = new Map<Resource, OurSpan[]>();
  for (const span of spans) {
    if (span.instrumentationScope !== scope || !isOurs(span)) return undefined;
    const group = byResource.get(span.resource);
    if (group === undefined) byResource.set(span.resource, [span]);
    else group.push(span);
  }
  return [...byResource.keys()].every(isSettled) ? { scope, byResource } : undefined;
}

function isOurs(span: ReadableSpan): span is OurSpan {
  return (
    span.links.length + span.events.length === 0 &&
    span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount === 0 &&
    span.status.message === undefined &&
    span.spanContext().traceFlags === SAMPLED &&
    span.parentSpanContext?.isRemote !== true &&
    isTime(span.startTime) &&
    isTime(span.endTime) &&
    isPlain(span.attributes)
  );
}

const SAMPLED: number = TraceFlags.SAMPLED;

/** After 1970, and nanoseconds since then have 64 bits. */
function isTime([seconds, nanos]: ReadableSpan['startTime']): boolean {
  return (
    seconds > 0 &&
    seconds < 2 ** 34 &&
    nanos >= 0 &&
    nanos < 1e9 &&
    Number.isInteger(seconds) &&
    Number.isInteger(nanos)
  );
}

function isPlain(attributes: ReadableSpan['attributes']): attributes is PlainAttributes {
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false;
  }
  return true;
}

/** Resources whose attributes are plain and will not change. */
const settled = new WeakSet<Resource>();

function isSettled(resource: Resource): boolean {
  if (settled.has(resource)) return true;
  if (resource.asyncAttributesPending === true || !isPlain(resource.attributes)) return false;
  settled.add(resource);
  return true;
}
