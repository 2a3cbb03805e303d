/** Jaeger's HTTP API, the one that its own pages and Grafana's data source use. */
import type { Backend } from './monitoring.ts';
import type { FoundSpan, SpanValue } from './monitoringSpans.ts';

export interface JaegerSearch {
  readonly service: string;
  /** Name of a span. */
  readonly operation?: string;
  /** A trace is found if one of its spans has all of them. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface JaegerTrace {
  readonly traceId: string;
  readonly spans: readonly FoundSpan[];
}

export interface JaegerApi {
  services(): Promise<readonly string[]>;
  /** At most 1,000, of the last hour. */
  searchTraces(search: JaegerSearch): Promise<readonly JaegerTrace[]>;
  /** Edges of its architecture page: `parent → child`. */
  dependencies(): Promise<readonly { readonly parent: string; readonly child: string }[]>;
}

export function createJaegerApi({ getJson }: Backend): JaegerApi {
  async function get<T>(...asked: Parameters<typeof getJson>): Promise<T> {
    return ((await getJson(...asked)) as { readonly data: T }).data;
  }

  return {
    services: async () => (await get<readonly string[] | null>('/api/services')) ?? [],

    async searchTraces({ service, operation, tags }) {
      const traces = await get<readonly RawTrace[]>('/api/traces', {
        service,
        operation,
        tags: tags && JSON.stringify(tags),
        limit: 1_000,
        lookback: '1h',
        start: (Date.now() - 3_600_000) * 1_000,
        end: (Date.now() + 60_000) * 1_000,
      });
      return traces.map(toTrace);
    },

    dependencies: () => get('/api/dependencies', { endTs: Date.now(), lookback: 3_600_000 }),
  };
}

function toTrace({ traceID, spans, processes }: RawTrace): JaegerTrace {
  return { traceId: traceID, spans: spans.map((span) => toSpan(span, processes[span.processID])) };
}

function toSpan(span: RawSpan, process: RawProcess | undefined): FoundSpan {
  const attributes = toRecord(span.tags);
  const kind = attributes['span.kind'];
  return {
    name: span.operationName,
    spanId: span.spanID,
    parentId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID ?? '',
    kind: KINDS.find((known) => known === kind) ?? 'unspecified',
    isError: attributes['error'] === true,
    resource: { 'service.name': process?.serviceName ?? '', ...toRecord(process?.tags ?? []) },
    attributes,
  };
}

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;

function toRecord(tags: readonly RawTag[]): Record<string, SpanValue> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

interface RawTrace {
  readonly traceID: string;
  readonly spans: readonly RawSpan[];
  readonly processes: Readonly<Record<string, RawProcess>>;
}

interface RawSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly RawTag[];
}

interface RawProcess {
  readonly serviceName: string;
  readonly tags?: readonly RawTag[];
}

interface RawTag {
  readonly key: string;
  readonly value: SpanValue;
}
