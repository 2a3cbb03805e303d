/** Spans as a backend gives them back, in one shape, so that a check reads the same for Tempo and for Jaeger. */

export type SpanValue = string | number | boolean;

export interface FoundSpan {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** '' for a root. */
  readonly parentId: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  readonly isError: boolean;
  readonly resource: Readonly<Record<string, SpanValue>>;
  readonly attributes: Readonly<Record<string, SpanValue>>;
}

/** OTLP as JSON; ids are base64 or hexadecimal, kinds and codes numbers or names: all of it is seen in the wild. */
export type OtlpTrace = readonly {
  readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
  readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
}[];

export interface OtlpAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

interface OtlpSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind?: string | number;
  readonly status?: { readonly code?: string | number };
  readonly attributes?: readonly OtlpAttribute[];
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export function toFoundSpans(trace: OtlpTrace): FoundSpan[] {
  return trace.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        name: span.name,
        spanId: toHexId(span.spanId),
        parentId: toHexId(span.parentSpanId ?? ''),
        kind: toKind(span.kind ?? 0),
        isError: /^(2|STATUS_CODE_ERROR)$/.test(String(span.status?.code ?? '')),
        resource: toRecord(resource?.attributes ?? []),
        attributes: toRecord(span.attributes ?? []),
      })),
    ),
  );
}

/** The one span without a parent. */
export function rootOf(spans: readonly FoundSpan[]): FoundSpan {
  const [root, second] = spans.filter(({ parentId }) => parentId === '');
  if (root === undefined || second !== undefined) {
    throw new Error(`not one root among ${spans.map(({ name }) => name).join()}`);
  }
  return root;
}

function toKind(kind: string | number): FoundSpan['kind'] {
  if (typeof kind === 'number') return KINDS[kind] ?? 'unspecified';
  return KINDS.find((known) => kind === `SPAN_KIND_${known.toUpperCase()}`) ?? 'unspecified';
}

function toHexId(id: string): string {
  return id === '' || /^[0-9a-f]{16}$/.test(id) ? id : Buffer.from(id, 'base64').toString('hex');
}

export function toRecord(attributes: readonly OtlpAttribute[]): Record<string, SpanValue> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ??
        (intValue === undefined ? undefined : Number(intValue)) ??
        doubleValue ??
        boolValue ??
        '',
    ]),
  );
}
