/** Tempo's HTTP API: traces by id and by TraceQL, metrics out of TraceQL. */
import type { Backend } from './monitoring.ts';
import {
  type FoundSpan,
  type OtlpAttribute,
  type OtlpTrace,
  type SpanValue,
  toFoundSpans,
  toRecord,
} from './monitoringSpans.ts';
import type { TimeRange } from './prometheusApi.ts';

export interface FoundTrace {
  readonly traceId: string;
  /** service.name and name of the root span. */
  readonly rootService: string;
  readonly rootName: string;
  /** How many spans of it the query matched. */
  readonly matched: number;
  /** Attributes of the matched spans that the query selected: `{ … } | select(span.dns.question.name)`. */
  readonly selected: readonly Readonly<Record<string, SpanValue>>[];
}

export interface TempoApi {
  /** The spans of a trace; undefined if there is no such trace. */
  trace(traceId: string): Promise<readonly FoundSpan[] | undefined>;
  /** Traces that match, in no order; at most 1,000. */
  search(traceQl: string, range?: TimeRange): Promise<readonly FoundTrace[]>;
  /** Values that a tag has, as the variables of a dashboard ask for them: `resource.service.name`. */
  tagValues(tag: string): Promise<readonly string[]>;
}

export function createTempoApi({ fetch, getJson, name }: Backend): TempoApi {
  return {
    async trace(traceId) {
      const { status, body } = await fetch(`/api/traces/${traceId}`, {
        headers: { accept: 'application/json' },
      });
      if (status === 404) return undefined;
      if (status !== 200) throw new Error(`${name}: trace ${traceId} answered ${status}: ${body}`);
      const { batches } = JSON.parse(body) as { readonly batches: OtlpTrace };
      return toFoundSpans(batches);
    },

    async search(traceQl, { from, to } = aroundNow()) {
      const { traces = [] } = (await getJson('/api/search', {
        q: traceQl,
        limit: 1_000,
        // Spans told of each trace; more than a lookup has.
        spss: 100,
        start: Math.floor(from),
        end: Math.ceil(to),
      })) as { readonly traces?: readonly RawTrace[] };
      return traces.map(({ traceID, rootServiceName, rootTraceName, spanSets = [] }) => ({
        // Tempo cuts leading zeros.
        traceId: traceID.padStart(32, '0'),
        rootService: rootServiceName,
        rootName: rootTraceName,
        matched: spanSets.reduce((sum, { matched }) => sum + matched, 0),
        selected: spanSets.flatMap(({ spans = [] }) =>
          spans.map(({ attributes = [] }) => toRecord(attributes)),
        ),
      }));
    },

    async tagValues(tag) {
      const { tagValues } = (await getJson(`/api/v2/search/tag/${tag}/values`)) as {
        readonly tagValues: readonly { readonly value: string }[];
      };
      return tagValues.map(({ value }) => value);
    },
  };
}

function aroundNow(): TimeRange {
  const now = Date.now() / 1000;
  return { from: now - 3_600, to: now + 60 };
}

interface RawTrace {
  readonly traceID: string;
  readonly rootServiceName: string;
  readonly rootTraceName: string;
  readonly spanSets?: readonly {
    readonly matched: number;
    readonly spans?: readonly { readonly attributes?: readonly OtlpAttribute[] }[];
  }[];
}
