/** Our own serializers and OpenTelemetry's: the same bytes, whatever the spans say. */
import { createTraceState, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBuild } from '../../src/spans/build.ts';
import { toGroups } from '../../src/spans/groups.ts';
import { createJsonRequests } from '../../src/spans/json.ts';
import { createProtobufRequests } from '../../src/spans/protobuf.ts';
import { createResources } from '../../src/spans/resources.ts';
import { toAttempt, toLookup } from '../support/lookups.ts';
import { toPod } from '../support/queries.ts';

const FORMATS = [
  { format: 'JSON', create: createJsonRequests, library: JsonTraceSerializer },
  { format: 'protobuf', create: createProtobufRequests, library: ProtobufTraceSerializer },
] as const;

/** Quotes, control characters, every plane, and halves of surrogate pairs. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 20 }),
  fc.constantFrom('', '"', '\\', '\u0000\n\u007f', '__proto__', '\ud800', '\u{1f600}', 'x'.repeat(300)),
);
const value = fc.oneof(text, fc.boolean(), fc.double(), fc.maxSafeInteger(), fc.integer(), fc.nat(70_000));
const attributes = fc.dictionary(text, value, { maxKeys: 8 });
const time = fc.tuple(fc.integer({ min: 1, max: 2 ** 34 - 1 }), fc.nat(999_999_999));
const hex = (length: number) =>
  fc.string({
    unit: fc.integer({ max: 15, min: 0 }).map((digit) => digit.toString(16)),
    minLength: length,
    maxLength: length,
  });
const url = fc.constantFrom(undefined, 'https://example.org/schema');

function toContext(traceId: string, spanId: string, state: string | undefined): SpanContext {
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return state === undefined ? context : { ...context, traceState: createTraceState(state) };
}

const resources = fc.array(
  fc
    .tuple(attributes, url)
    .map(([all, schemaUrl]) => resourceFromAttributes(all, schemaUrl === undefined ? {} : { schemaUrl })),
  { minLength: 1, maxLength: 4 },
);
const scopes = fc
  .record({ name: text, version: fc.option(text, { nil: undefined }), schemaUrl: url })
  .map(({ name, version, schemaUrl }) => ({
    name,
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  }));

/** Spans like ours, but with any texts. */
const batches = fc.tuple(resources, scopes).chain(([all, scope]) =>
  fc.array(
    fc
      .record({
        resource: fc.constantFrom(...all),
        name: text,
        kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.CLIENT),
        traceId: hex(32),
        spanId: hex(16),
        parentId: fc.option(hex(16), { nil: undefined }),
        state: fc.constantFrom(undefined, 'ot=th:8', 'ot=th:fd70a4'),
        startTime: time,
        endTime: time,
        code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR),
        attributes,
      })
      .map(({ traceId, spanId, parentId, state, code, ...fields }): ReadableSpan => {
        const context = toContext(traceId, spanId, state);
        return {
          ...fields,
          ...(parentId === undefined ? {} : { parentSpanContext: toContext(traceId, parentId, state) }),
          spanContext: () => context,
          status: { code },
          duration: [0, 0],
          links: [],
          events: [],
          ended: true,
          instrumentationScope: scope,
          droppedAttributesCount: 0,
          droppedEventsCount: 0,
          droppedLinksCount: 0,
        };
      }),
    { maxLength: 30 },
  ),
);

/** What ours never have; each makes the whole batch the library's. */
const STRANGE: Readonly<Record<string, (span: ReadableSpan) => Partial<ReadableSpan>>> = {
  links: ({ spanContext }) => ({ links: [{ context: spanContext(), attributes: { a: 'b' } }] }),
  events: ({ startTime }) => ({ events: [{ name: 'e', time: startTime, attributes: { a: [1] } }] }),
  'words about the status': () => ({ status: { code: SpanStatusCode.ERROR, message: 'why' } }),
  'a list among the attributes': () => ({ attributes: { list: ['a', 1, true] } }),
  'an attribute without a value': () => ({ attributes: { nothing: undefined } }),
  'dropped attributes': () => ({ droppedAttributesCount: 1 }),
  'dropped events': () => ({ droppedEventsCount: 1 }),
  'dropped links': () => ({ droppedLinksCount: 1 }),
  'a parent elsewhere': ({ spanContext }) => ({ parentSpanContext: { ...spanContext(), isRemote: true } }),
  'no flag of sampling': ({ spanContext }) => ({ spanContext: () => ({ ...spanContext(), traceFlags: 0 }) }),
  'a time before 1970': () => ({ startTime: [-1, 5] }),
  'an end before 1970': () => ({ endTime: [-1, 5] }),
  'a time beyond 64 bits': () => ({ endTime: [2 ** 35, 5] }),
  'another scope': () => ({ instrumentationScope: { name: 'other' } }),
  'a resource with a list': () => ({ resource: resourceFromAttributes({ list: ['a'] }) }),
};

function toSpans(): ReadableSpan[] {
  const build = createBuild(
    { version: '1.2.3', graphSource: 'traces', addressOf: () => '192.0.2.53' },
    createResources({ version: '1.2.3', skipsSpanMetrics: true, attributes: { 'k8s.cluster.name': 'test' } }),
  );
  const walk = [
    toAttempt({ at: 0, name: 'api.pay.shop.svc.cluster.local', rcode: 'NXDOMAIN' }),
    toAttempt({ at: 1, name: 'api.pay.svc.cluster.local', took: 2 }),
  ];
  return [
    ...build(toLookup({ port: 38_982 }), '8'),
    ...build(toLookup({ attempts: walk }), undefined),
    ...build(toLookup({ client_: toPod('shop', 'other'), outcome: 'error' }), undefined),
    ...build(toLookup({ name: 'b\u00fccher.example.org' }), undefined),
  ];
}

describe.each(FORMATS)('a request in $format', ({ create, library }) => {
  const expected = (spans: ReadableSpan[]): string => textOf(library.serializeRequest(spans));

  it('of what build.ts makes is that of the library', () => {
    const spans = toSpans();
    expect(toGroups(spans)?.byResource.size).toBe(2);
    expect(textOf(create()(spans))).toBe(expected(spans));
  });

  it('of any texts, numbers and times is that of the library, again and again', () => {
    const toRequest = create();
    let written = 0;
    fc.assert(
      fc.property(batches, (spans) => {
        if (toGroups(spans) !== undefined) written += spans.length;
        expect(textOf(toRequest(spans))).toBe(expected(spans));
      }),
      { numRuns: 500 },
    );
    expect(written).toBeGreaterThan(1_000);
  });

  it.each(Object.entries(STRANGE))('of spans with %s is left to the library', (_, strange) => {
    const [first, second, ...rest] = toSpans();
    if (first === undefined || second === undefined) throw new Error('no spans');
    const spans = [first, { ...second, ...strange(second) }, ...rest];
    expect(toGroups(spans)).toBeUndefined();
    expect(textOf(create()(spans))).toBe(expected(spans));
  });

  it('is whole after one that failed in the middle', () => {
    const toRequest = create();
    const [span] = toSpans();
    if (span === undefined) throw new Error('no span');
    const state = createTraceState('ot=th:8');
    state.serialize = () => {
      throw new Error('on purpose');
    };
    const failing = { ...span, spanContext: () => ({ ...span.spanContext(), traceState: state }) };
    expect(() => toRequest([span, failing])).toThrow('on purpose');
    expect(textOf(toRequest([span]))).toBe(expected([span]));
  });

  it('stays right when more attributes come than are remembered', () => {
    const toRequest = create();
    const [span] = toSpans();
    if (span === undefined) throw new Error('no span');
    for (let round = 0; round < 30; round++) {
      const spans = Array.from({ length: 512 }, (_, n) => ({
        ...span,
        name: `DNS ${round} ${n}`,
        attributes: { ...span.attributes, 'dns.question.name': `n-${round}-${n}`, 'client.port': 100 * n },
      }));
      expect(textOf(toRequest(spans)) === expected(spans)).toBe(true);
    }
  });
});

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}
