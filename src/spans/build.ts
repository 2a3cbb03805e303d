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
 * A lookup with a single query is one span.
 */
import { createTraceState, type SpanContext, SpanKind, type TraceState } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { toOutcome } from '../dns/rcodes.ts';
import { makesEdge } from '../records/edges.ts';
import type { DnsPod } from '../records/line.ts';
import type { Attempt, Lookup } from '../records/lookup.ts';
import { type Query, startOf } from '../records/query.ts';
import { addLookup, addServer, addTarget, toQueryAttributes } from './attributes.ts';
import { toQuerySpanId, toRootSpanId, toTraceId } from './ids.ts';
import { type Resources, SCHEMA_URL } from './resources.ts';
import { type TraceFrame, toSpan } from './span.ts';
import { toAttributeText } from './texts.ts';

export interface BuildOptions {
  readonly version: string;
  /** With `traces` Tempo draws the graph from the spans of lookups: see `toRootKind`. */
  readonly graphSource: 'metrics' | 'traces';
  /** The address of a DNS pod, if it is known. */
  readonly addressOf: (pod: DnsPod) => string | undefined;
}

/** Builds the spans of lookups; `threshold` is the text of `ot=th` for those kept by probability. */
export type Build = (lookup: Lookup, threshold: string | undefined) => ReadableSpan[];

export function createBuild(options: BuildOptions, resources: Resources): Build {
  const scope = { name: 'corespan/dns', version: options.version, schemaUrl: SCHEMA_URL };
  const { addressOf, graphSource } = options;
  const toTraceState = rememberTraceState();

  function toRoot(frame: TraceFrame, lookup: Lookup, first: Query): ReadableSpan {
    const { query, target } = lookup.decided;
    const attributes = toQueryAttributes(query);
    addServer(attributes, query, addressOf);
    addTarget(attributes, target);
    addLookup(attributes, lookup);
    return toSpan(frame, {
      id: toRootSpanId(first),
      parent: undefined,
      name: isSingle(lookup) ? toSpanName(first) : 'DNS lookup',
      kind: toRootKind(lookup, graphSource),
      start: lookup.start,
      end: lookup.end,
      isError: lookup.outcome !== 'success',
      attributes,
    });
  }

  function toChild(frame: TraceFrame, query: Query, parent: SpanContext): ReadableSpan {
    const attributes = toQueryAttributes(query);
    addServer(attributes, query, addressOf);
    return toSpan(frame, {
      id: toQuerySpanId(query),
      parent,
      name: toSpanName(query),
      kind: SpanKind.INTERNAL,
      start: startOf(query),
      end: query.time,
      isError: toOutcome(query.rcode) === 'error',
      attributes,
    });
  }

  function toAttempt(frame: TraceFrame, attempt: Attempt, parent: SpanContext): ReadableSpan {
    const { query, target, nxdomain } = attempt;
    const span = toChild(frame, query, parent);
    addTarget(span.attributes, target);
    if (nxdomain !== undefined) span.attributes['corespan.lookup.nxdomain'] = nxdomain;
    return span;
  }

  function toInside(
    frame: TraceFrame,
    { inner, hop }: Attempt,
    parent: SpanContext,
  ): readonly ReadableSpan[] {
    if (inner.length === 0 && hop === undefined) return NOTHING;
    const spans = inner.map((query) => toPart(frame, query, { parent, role: 'inner' }));
    return hop === undefined ? spans : [...spans, toPart(frame, hop, { parent, role: 'hop' })];
  }

  function toPart(
    frame: TraceFrame,
    query: Query,
    { parent, role }: { readonly parent: SpanContext; readonly role: 'inner' | 'hop' },
  ): ReadableSpan {
    const span = toChild(frame, query, parent);
    span.attributes['corespan.query.role'] = role;
    return span;
  }

  return (lookup, threshold) => {
    const [first] = lookup.attempts;
    if (first === undefined) return [];
    const frame: TraceFrame = {
      traceId: toTraceId(first.query),
      traceState: toTraceState(threshold),
      resource: resources.resourceOf(lookup.client, first.query.client),
      scope,
    };
    const root = toRoot(frame, lookup, first.query);
    const parent = root.spanContext();
    if (isSingle(lookup)) return [root, ...toInside(frame, first, parent)];
    const spans = [root];
    for (const attempt of lookup.attempts) {
      const child = toAttempt(frame, attempt, parent);
      spans.push(child, ...toInside(frame, attempt, child.spanContext()));
    }
    return spans;
  };
}

/** Most attempts are all there is: one object for them. */
const NOTHING: readonly ReadableSpan[] = [];

/** How many spans a lookup makes: what sampling and the queue have to reckon with before any is built. */
export function countSpans(lookup: Lookup): number {
  let count = isSingle(lookup) ? 1 : 1 + lookup.attempts.length;
  for (const { inner, hop } of lookup.attempts) count += inner.length + (hop === undefined ? 0 : 1);
  return count;
}

/**
 * Tempo makes an edge of every root that is a CLIENT and has a `peer.service`. What makes no edge in our metrics is an
 * INTERNAL span, which Tempo's generator leaves out before it costs anything there; it keeps its `peer.service`, because
 * who asks for a Service that is gone is what traces are searched for.
 */
function toRootKind(lookup: Lookup, graphSource: BuildOptions['graphSource']): SpanKind {
  return graphSource === 'traces' && makesEdge(lookup) ? SpanKind.CLIENT : SpanKind.INTERNAL;
}

/** A storm that was cut has one attempt left, but many queries. */
function isSingle({ attempts, queries }: Lookup): boolean {
  return attempts.length === 1 && queries === 1;
}

/** Types come from a closed vocabulary; names never stand in a span's name. */
function toSpanName({ question }: Query): string {
  return `DNS ${toAttributeText(question.qtype)}`;
}

/** There is one threshold in the life of a process: its state is made once. */
function rememberTraceState(): (threshold: string | undefined) => TraceState | undefined {
  let last: { readonly threshold: string; readonly state: TraceState } | undefined;
  return (threshold) => {
    if (threshold === undefined) return undefined;
    if (last?.threshold !== threshold) last = { threshold, state: createTraceState(`ot=th:${threshold}`) };
    return last.state;
  };
}
