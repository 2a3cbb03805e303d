/**
 * Spans as an ExportTraceServiceRequest in protobuf, byte for byte as OpenTelemetry's serializer writes it, from parts that
 * are encoded once (docs/adr/014). Messages stand behind their lengths: spans are written beside, then put in their place.
 *
 *     request ─▶ 1 of each resource ─▶ 1 what it is
 *                                      2 of the scope ─▶ 1 what it is
 *                                                        2 each span ─▶ ids, times, 9 each attribute
 */
import { SpanStatusCode } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { createBytes } from './bytes.ts';
import type { Groups, OurSpan, PlainAttributes, Scope } from './groups.ts';
import { isRare, remember, rememberOf, type Value } from './known.ts';
import {
  toBytesField,
  toDoubleField,
  toTag,
  toTextField,
  toVarint,
  toVarintField,
} from './protobufFields.ts';
import { type Around, type ToRequest, toAround, toRequests } from './request.ts';

export function createProtobufRequests(): ToRequest {
  const out = createBytes();
  const group = createBytes();
  const one = createBytes();
  const namedOf = remember(toNamed);
  const attributeOf = remember(toAttribute);
  const numberOf = remember(toNumberBegin);
  const resourceOf = rememberOf(toResource);
  const scopeOf = rememberOf(toScope);

  function writeRequest({ scope, byResource }: Groups): Uint8Array {
    const inside = scopeOf(scope);
    out.begin();
    for (const [resource, ofResource] of byResource) {
      group.begin();
      for (const span of ofResource) writeSpan(span);
      const spans = group.written();
      const around = resourceOf(resource);
      const length = inside.begin.length + spans.length + inside.end.length;
      out.put(TAGS.resourceSpans);
      out.varint(
        around.begin.length + TAGS.scopeSpans.length + lengthOfVarint(length) + length + around.end.length,
      );
      out.put(around.begin);
      out.put(TAGS.scopeSpans);
      out.varint(length);
      out.put(inside.begin);
      out.put(spans);
      out.put(inside.end);
      out.put(around.end);
    }
    return out.written();
  }

  function writeSpan(span: OurSpan): void {
    one.begin();
    writeIds(span);
    one.put(namedOf(span.name, span.kind));
    one.put(TAGS.start);
    one.nanos(...span.startTime);
    one.put(TAGS.end);
    one.nanos(...span.endTime);
    writeAttributes(span.attributes);
    one.put(STATUS[span.status.code]);
    const bytes = one.written();
    group.put(TAGS.span);
    group.varint(bytes.length);
    group.put(bytes);
  }

  function writeIds({ spanContext, parentSpanContext: parent }: OurSpan): void {
    const { traceId, spanId, traceState } = spanContext();
    one.put(TAGS.traceId);
    one.hex(traceId);
    one.put(TAGS.spanId);
    one.hex(spanId);
    if (traceState !== undefined) one.put(toTextField(3, traceState.serialize()));
    if (parent === undefined) return;
    one.put(TAGS.parent);
    one.hex(parent.spanId);
  }

  function writeAttributes(attributes: PlainAttributes): void {
    for (const name in attributes) {
      const value = attributes[name] ?? '';
      if (isRare(value)) {
        one.put(numberOf(name, lengthOfVarint(value)));
        one.varint(value);
      } else one.put(attributeOf(name, value));
    }
  }

  return toRequests(writeRequest, ProtobufTraceSerializer);
}

/** With the lengths of ids, which are always the same. */
const TAGS = {
  resourceSpans: toTag(1, 'bytes'),
  scopeSpans: toTag(2, 'bytes'),
  span: toTag(2, 'bytes'),
  traceId: Buffer.concat([toTag(1, 'bytes'), toVarint(16)]),
  spanId: Buffer.concat([toTag(2, 'bytes'), toVarint(8)]),
  parent: Buffer.concat([toTag(4, 'bytes'), toVarint(8)]),
  start: toTag(7, 'fixed64'),
  end: toTag(8, 'fixed64'),
};

const STATUS = {
  [SpanStatusCode.UNSET]: toSpanEnd(SpanStatusCode.UNSET),
  [SpanStatusCode.OK]: toSpanEnd(SpanStatusCode.OK),
  [SpanStatusCode.ERROR]: toSpanEnd(SpanStatusCode.ERROR),
};

/** Nothing was dropped of attributes, events and links; the status; and flags: sampled, without a parent elsewhere. */
function toSpanEnd(code: SpanStatusCode): Buffer {
  return Buffer.concat([
    toVarintField(10, 0),
    toVarintField(12, 0),
    toVarintField(14, 0),
    toBytesField(15, toVarintField(3, code)),
    toTag(16, 'fixed32'),
    Buffer.from([1, 1, 0, 0]),
  ]);
}

function toNamed(name: string, kind: Value): Buffer {
  return Buffer.concat([toTextField(5, name), toVarintField(6, Number(kind) + 1)]);
}

/** An attribute up to its value, a whole number that takes so many bytes. */
function toNumberBegin(name: string, length: Value): Buffer {
  const value = toBytesField(2, toTag(3, 'varint'), Buffer.alloc(Number(length)));
  const attribute = toBytesField(9, toTextField(1, name), value);
  return attribute.subarray(0, attribute.length - Number(length));
}

function toAttribute(name: string, value: Value): Buffer {
  return toAttributeField(9, name, value);
}

function toAttributeField(field: number, name: string, value: Value): Buffer {
  return toBytesField(field, toTextField(1, name), toBytesField(2, toAnyValue(value)));
}

function toAnyValue(value: Value): Buffer {
  if (typeof value === 'string') return toTextField(1, value);
  if (typeof value === 'boolean') return toVarintField(2, Number(value));
  const isInteger = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  return isInteger ? toVarintField(3, value) : toDoubleField(4, value);
}

function toResource({ attributes, schemaUrl }: Resource): Around {
  const list = Object.entries(attributes as PlainAttributes);
  const fields = list.map(([name, value]) => toAttributeField(1, name, value));
  return toAround(toBytesField(1, ...fields, toVarintField(2, 0)), toSchemaUrl(schemaUrl));
}

function toScope({ name, version, schemaUrl }: Scope): Around {
  const fields = [toTextField(1, name), ...(version ? [toTextField(2, version)] : [])];
  return toAround(toBytesField(1, ...fields), toSchemaUrl(schemaUrl));
}

function toSchemaUrl(url: string | undefined): Buffer {
  return url ? toTextField(3, url) : Buffer.alloc(0);
}

function lengthOfVarint(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
