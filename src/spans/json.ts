/**
 * Spans as an ExportTraceServiceRequest in JSON, byte for byte as OpenTelemetry's serializer writes it, from parts that are
 * encoded once (docs/adr/014).
 */
import { type HrTime, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { createBytes } from './bytes.ts';
import type { Groups, OurSpan, PlainAttributes, Scope } from './groups.ts';
import { isRare, remember, rememberOf, type Value } from './known.ts';
import { type Around, type ToRequest, toAround, toRequests } from './request.ts';

export function createJsonRequests(): ToRequest {
  const out = createBytes();
  const namedOf = remember(toNamed);
  const attributeOf = remember(toAttribute);
  const numberOf = remember(toNumberBegin);
  const resourceOf = rememberOf(toResource);
  const scopeOf = rememberOf(toScope);

  function writeRequest({ scope, byResource }: Groups): Uint8Array {
    const { begin, end } = scopeOf(scope);
    out.begin();
    out.put(PARTS.request);
    for (const [resource, spans] of byResource) {
      const around = resourceOf(resource);
      out.put(around.begin);
      out.put(begin);
      for (const span of spans) writeSpan(span);
      out.takeBack(COMMA);
      out.put(end);
      out.put(around.end);
    }
    out.takeBack(COMMA);
    out.put(PARTS.requestEnd);
    return out.written();
  }

  function writeSpan(span: OurSpan): void {
    out.text(toIds(span));
    out.put(namedOf(span.name, span.kind));
    writeTime(span.startTime);
    out.put(PARTS.endTime);
    writeTime(span.endTime);
    out.put(PARTS.attributes);
    writeAttributes(span.attributes);
    out.put(STATUS[span.status.code]);
  }

  function writeTime([seconds, nanos]: HrTime): void {
    out.digits(seconds, 1);
    out.digits(nanos, 9);
  }

  function writeAttributes(attributes: PlainAttributes): void {
    let isEmpty = true;
    for (const name in attributes) {
      isEmpty = false;
      const value = attributes[name] ?? '';
      if (isRare(value)) {
        out.put(numberOf(name, ''));
        out.digits(value, 1);
        out.put(PARTS.numberEnd);
      } else out.put(attributeOf(name, value));
    }
    if (!isEmpty) out.takeBack(COMMA);
  }

  return toRequests(writeRequest, JsonTraceSerializer);
}

/** Behind each attribute, span and resource; the last one's is taken back. */
const COMMA = 1;

const PARTS = {
  request: Buffer.from('{"resourceSpans":['),
  requestEnd: Buffer.from(']}'),
  endTime: Buffer.from('","endTimeUnixNano":"'),
  attributes: Buffer.from('","attributes":['),
  numberEnd: Buffer.from('}},'),
};

const STATUS = {
  [SpanStatusCode.UNSET]: toSpanEnd(SpanStatusCode.UNSET),
  [SpanStatusCode.OK]: toSpanEnd(SpanStatusCode.OK),
  [SpanStatusCode.ERROR]: toSpanEnd(SpanStatusCode.ERROR),
};

/** 257: sampled, and known to have no parent elsewhere. */
function toSpanEnd(code: SpanStatusCode): Buffer {
  return Buffer.from(
    `],"droppedAttributesCount":0,"events":[],"droppedEventsCount":0,"status":{"code":${code}},"links":[],"droppedLinksCount":0,"flags":257},`,
  );
}

function toIds({ spanContext, parentSpanContext: parent }: OurSpan): string {
  const { traceId, spanId, traceState } = spanContext();
  let text = `{"traceId":"${traceId}","spanId":"${spanId}",`;
  if (parent !== undefined) text += `"parentSpanId":"${parent.spanId}",`;
  if (traceState !== undefined) text += `"traceState":${JSON.stringify(traceState.serialize())},`;
  return text;
}

function toNamed(name: string, kind: Value): Buffer {
  return Buffer.from(`"name":${JSON.stringify(name)},"kind":${Number(kind) + 1},"startTimeUnixNano":"`);
}

function toNumberBegin(name: string): Buffer {
  return Buffer.from(`{"key":${JSON.stringify(name)},"value":{"intValue":`);
}

function toAttribute(name: string, value: Value): Buffer {
  return Buffer.from(`${toAttributeJson(name, value)},`);
}

function toAttributeJson(key: string, value: Value): string {
  if (typeof value === 'string') return JSON.stringify({ key, value: { stringValue: value } });
  if (typeof value === 'boolean') return JSON.stringify({ key, value: { boolValue: value } });
  const kind = Number.isInteger(value) ? 'intValue' : 'doubleValue';
  return JSON.stringify({ key, value: { [kind]: value } });
}

function toResource({ attributes, schemaUrl }: Resource): Around {
  const list = Object.entries(attributes as PlainAttributes).map(([name, value]) =>
    toAttributeJson(name, value),
  );
  const url = toSchemaUrl(schemaUrl === '' ? undefined : schemaUrl);
  return toAround(
    Buffer.from(
      `{"resource":{"attributes":[${list.join()}],"droppedAttributesCount":0${url}},"scopeSpans":[`,
    ),
    Buffer.from(`]${url}},`),
  );
}

function toScope({ name, version, schemaUrl }: Scope): Around {
  return toAround(
    Buffer.from(`{"scope":${JSON.stringify({ name, version })},"spans":[`),
    Buffer.from(`]${toSchemaUrl(schemaUrl)}}`),
  );
}

function toSchemaUrl(url: string | undefined): string {
  return url === undefined ? '' : `,"schemaUrl":${JSON.stringify(url)}`;
}
