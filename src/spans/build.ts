/**
 * A lookup as spans.
 *
 *     DNS lookup            api.pay → payments, from the first query to the last answer
 *     ├─ DNS A              api.pay.shop.svc.cluster.local   NXDOMAIN
 *     ├─ DNS AAAA           api.pay.shop.svc.cluster.local   NXDOMAIN
 *     ├─ DNS A              api.pay.svc.cluster.local        NOERROR
 *     │  └─ DNS A           the same, as CoreDNS saw it behind the node's cache
 *     └─ DNS AAAA           api.pay.svc.cluster.local        NOERROR
 *
 * A lookup with a single query is one span. Spans are plain objects in the shape of the SDK's ReadableSpan: the
 * exporter takes them, they carry our own ids and times, and they cost 0.3 µs instead of 1.6 (measured).
 */
import {
  createTraceState,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { withoutTrailingDot } from '../dns/names.ts';
import { NO_RCODE, toOutcome } from '../dns/rcodes.ts';
import type { DnsPod } from '../records/line.ts';
import type { Attempt, Lookup, ResolvedQuery } from '../records/lookup.ts';
import { type Query, startOf } from '../records/query.ts';
import type { AttributeName } from './catalogue.ts';
import { toQuerySpanId, toRootSpanId, toTraceId } from './ids.ts';
import { type Resources, SCHEMA_URL } from './resources.ts';
import { toAttributeText } from './texts.ts';

export interface BuildOptions {
  readonly version: string;
  /** With `traces` Tempo draws the graph from the lookup's span, which has to be a CLIENT for that. */
  readonly graphSource: 'metrics' | 'traces';
  /** The address of a DNS pod, if it is known. */
  readonly addressOf: (pod: DnsPod) => string | undefined;
}

/** Builds the spans of lookups; `threshold` is the text of `ot=th` for those kept by probability. */
export type Build = (lookup: Lookup, threshold: string | undefined) => ReadableSpan[];

type SpanAttributes = Partial<Record<AttributeName, string | number | boolean>>;

/** A resolver gives up after 2 s at the earliest: a query without a response that took longer timed out. */
const TIMEOUT_NS = 2e9;

export function createBuild(options: BuildOptions, resources: Resources): Build {
  const scope = { name: 'corespan/dns', version: options.version, schemaUrl: SCHEMA_URL };
  const rootKind = options.graphSource === 'traces' ? SpanKind.CLIENT : SpanKind.INTERNAL;

  function serverAttributes({ file }: Query): SpanAttributes {
    if (file.pod === undefined) return {};
    const address = options.addressOf(file.pod);
    return {
      'corespan.resolver.pod': `${file.pod.namespace}/${file.pod.name}`,
      ...(address === undefined ? {} : { 'server.address': address, 'server.port': 53 }),
    };
  }

  return (lookup, threshold) => {
    const [first] = lookup.attempts;
    if (first === undefined) return [];
    const traceId = toTraceId(first.query);
    const traceState = threshold === undefined ? undefined : createTraceState(`ot=th:${threshold}`);
    const resource = resources.resourceOf(lookup.client, first.query.client);
    const spans: ReadableSpan[] = [];

    function add(span: {
      readonly id: string;
      readonly parent: string | undefined;
      readonly name: string;
      readonly kind: SpanKind;
      readonly start: number;
      readonly end: number;
      readonly isError: boolean;
      readonly attributes: SpanAttributes;
    }): void {
      const { start, end, parent } = span;
      const context = toContext(traceId, span.id, traceState);
      spans.push({
        name: span.name,
        kind: span.kind,
        spanContext: () => context,
        ...(parent === undefined ? {} : { parentSpanContext: toContext(traceId, parent, traceState) }),
        startTime: toHrTime(start),
        endTime: toHrTime(end),
        duration: toHrTime(end - start),
        status: { code: span.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
        attributes: span.attributes,
        links: [],
        events: [],
        ended: true,
        resource,
        instrumentationScope: scope,
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
      });
    }

    function addInside(attempt: Attempt, parent: string): void {
      for (const query of attempt.inner) addPart(query, parent, 'inner');
      if (attempt.hop !== undefined) addPart(attempt.hop, parent, 'hop');
    }

    function addPart(query: Query, parent: string, role: 'inner' | 'hop'): void {
      add({
        id: toQuerySpanId(query),
        parent,
        name: toSpanName(query),
        kind: SpanKind.INTERNAL,
        start: startOf(query),
        end: query.time,
        isError: toOutcome(query.rcode) === 'error',
        attributes: {
          ...toQueryAttributes(query),
          ...serverAttributes(query),
          'corespan.query.role': role,
        },
      });
    }

    const rootId = toRootSpanId(first.query);
    const isSingle = lookup.attempts.length === 1 && lookup.queries === 1;
    add({
      id: rootId,
      parent: undefined,
      name: isSingle ? toSpanName(first.query) : 'DNS lookup',
      kind: rootKind,
      start: lookup.start,
      end: lookup.end,
      isError: lookup.outcome !== 'success',
      attributes: {
        ...toQueryAttributes(lookup.decided.query),
        ...serverAttributes(lookup.decided.query),
        ...toTargetAttributes(lookup.decided),
        ...toLookupAttributes(lookup),
      },
    });
    if (isSingle) {
      addInside(first, rootId);
      return spans;
    }
    for (const attempt of lookup.attempts) {
      const { query } = attempt;
      const id = toQuerySpanId(query);
      add({
        id,
        parent: rootId,
        name: toSpanName(query),
        kind: SpanKind.INTERNAL,
        start: startOf(query),
        end: query.time,
        isError: toOutcome(query.rcode) === 'error',
        attributes: {
          ...toQueryAttributes(query),
          ...serverAttributes(query),
          ...toTargetAttributes(attempt),
          ...(attempt.nxdomain === undefined ? {} : { 'corespan.lookup.nxdomain': attempt.nxdomain }),
        },
      });
      addInside(attempt, id);
    }
    return spans;
  };
}

/** How many spans a lookup makes: what sampling and the queue have to reckon with before any is built. */
export function countSpans({ attempts, queries }: Lookup): number {
  const parts = attempts.reduce((sum, { inner, hop }) => sum + inner.length + (hop === undefined ? 0 : 1), 0);
  return (queries === 1 ? 1 : 1 + attempts.length) + parts;
}

/** Types come from a closed vocabulary; names never stand in a span's name. */
function toSpanName({ question }: Query): string {
  return `DNS ${toAttributeText(question.qtype)}`;
}

function toQueryAttributes(query: Query): SpanAttributes {
  const { question, rcode } = query;
  return {
    'dns.question.name': toAttributeText(withoutTrailingDot(question.qname)),
    'dns.question.type': toAttributeText(question.qtype),
    ...(question.qclass === 'IN' ? {} : { 'dns.question.class': toAttributeText(question.qclass) }),
    ...(rcode === NO_RCODE ? {} : { 'dns.response_code': toAttributeText(rcode) }),
    ...(toOutcome(rcode) === 'error' ? { 'error.type': toErrorType(query) } : {}),
    'network.protocol.name': 'dns',
    ...(question.transport === 'unknown' ? {} : { 'network.transport': question.transport }),
    ...(query.client === '' ? {} : toClientAttributes(query)),
    ...(query.flags === '' ? {} : { 'corespan.dns.flags': query.flags }),
    ...(query.size === undefined ? {} : { 'corespan.dns.response.size': query.size }),
  };
}

function toClientAttributes({ client, port }: Query): SpanAttributes {
  return {
    'network.type': client.includes(':') ? 'ipv6' : 'ipv4',
    'client.address': client,
    'client.port': port,
  };
}

function toErrorType({ rcode, duration }: Query): string {
  if (rcode !== NO_RCODE) return toAttributeText(rcode);
  return duration >= TIMEOUT_NS ? 'timeout' : '_OTHER';
}

function toTargetAttributes({ target }: ResolvedQuery): SpanAttributes {
  return {
    'corespan.target.class': target.class,
    ...(target.name === '' ? {} : { 'peer.service': target.name, 'service.peer.name': target.name }),
    ...(target.namespace === '' ? {} : { 'service.peer.namespace': target.namespace }),
    ...(target.service === undefined ? {} : { 'k8s.service.name': target.service }),
    ...(target.pod === undefined ? {} : { 'corespan.target.pod': target.pod }),
  };
}

function toLookupAttributes({ client, decided, outcome, name, queries, expansions }: Lookup): SpanAttributes {
  return {
    'corespan.lookup.name': toAttributeText(name),
    'corespan.lookup.outcome': outcome,
    'corespan.lookup.queries': queries,
    'corespan.lookup.search_expansions': expansions,
    ...(decided.nxdomain === undefined
      ? {}
      : { 'corespan.lookup.nxdomain': decided.nxdomain, 'error.type': 'NXDOMAIN' }),
    'corespan.client.resolution': client.result,
    ...(client.pod?.workload.isInferred ? { 'corespan.client.workload_inferred': true } : {}),
  };
}

function toContext(traceId: string, spanId: string, traceState: TraceState | undefined): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(traceState === undefined ? {} : { traceState }),
  };
}

/** Milliseconds as whole seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1e3);
  const nanos = Math.round((ms - seconds * 1e3) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, nanos - 1e9];
}
