/** The ground truth of a recorded cluster (truth.tsv), and what a replay found, side by side. */
import { readFileSync } from 'node:fs';

/** One logical lookup as its program knew it; times in milliseconds since the epoch. */
export interface TrueLookup {
  readonly start: number;
  readonly end: number;
  /** `namespace/pod`, or `node1 (host)`. */
  readonly client: string;
  readonly asked: string;
  /** Only where the program asked for one type (dig). */
  readonly type: string | undefined;
  readonly outcome: 'success' | 'denial' | 'error' | 'no answer';
}

/** The root span of a lookup, as far as it is compared. */
export interface FoundLookup {
  readonly start: number;
  readonly end: number;
  /** `namespace/pod`, or the reason why there is none. */
  readonly client: string;
  readonly name: string;
  readonly type: string;
  readonly outcome: string;
  readonly service: string;
  readonly target: string;
  readonly targetNamespace: string;
}

export function readTruth(path: string): TrueLookup[] {
  const [, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return rows.map((row) => {
    const [start = '', end = '', namespace = '', pod = '', resolver = '', , asked = '', result = ''] =
      row.split('\t');
    const { name, type } = toAsked(resolver, asked);
    return {
      start: Date.parse(start),
      end: Date.parse(end),
      client: namespace === '' ? pod : `${namespace}/${pod}`,
      asked: name,
      type,
      outcome: toOutcome(result),
    };
  });
}

function toAsked(resolver: string, asked: string): { name: string; type: string | undefined } {
  if (resolver === 'dig -x')
    return { name: `${asked.split('.').reverse().join('.')}.in-addr.arpa`, type: 'PTR' };
  if (!resolver.startsWith('dig')) return { name: asked, type: undefined };
  const words = asked.split(' ');
  return { name: words[0] ?? '', type: words.at(-1) };
}

function toOutcome(result: string): TrueLookup['outcome'] {
  if (result === 'Try again') return 'error';
  if (result === 'Name does not resolve') return 'denial';
  return result === '' ? 'no answer' : 'success';
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean };
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly resource: readonly OtlpAttribute[];
}

/** Every span of a file of OTLP/JSON requests, one a line. */
export function readSpans(text: string): OtlpSpan[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).resourceSpans)
    .flatMap((group) =>
      group.scopeSpans.flatMap((scope: { spans: Omit<OtlpSpan, 'resource'>[] }) =>
        scope.spans.map((span) => ({ ...span, resource: group.resource.attributes })),
      ),
    );
}

export function attributeOf(attributes: readonly OtlpAttribute[], key: string): string {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return String(value?.stringValue ?? value?.intValue ?? value?.boolValue ?? '');
}

export function toFoundLookups(spans: readonly OtlpSpan[]): FoundLookup[] {
  return spans
    .filter(({ parentSpanId }) => !parentSpanId)
    .map(({ attributes, resource, startTimeUnixNano, endTimeUnixNano }) => {
      const pod = attributeOf(resource, 'k8s.pod.name');
      return {
        start: Number(BigInt(startTimeUnixNano) / 1000n) / 1000,
        end: Number(BigInt(endTimeUnixNano) / 1000n) / 1000,
        client:
          pod === ''
            ? attributeOf(attributes, 'corespan.client.resolution')
            : `${attributeOf(resource, 'k8s.namespace.name')}/${pod}`,
        name: attributeOf(attributes, 'corespan.lookup.name'),
        type: attributeOf(attributes, 'dns.question.type'),
        outcome: attributeOf(attributes, 'corespan.lookup.outcome'),
        service: attributeOf(resource, 'service.name'),
        target: attributeOf(attributes, 'peer.service'),
        targetNamespace: attributeOf(attributes, 'service.peer.namespace'),
      };
    });
}

/** Milliseconds by which a line may be stamped after the program had its answer (the runtime's own delay). */
const STAMP_DELAY = 60;

/**
 * Every difference between truth and finding, one sentence each. `reasons` says who can only be named by a reason,
 * and by which.
 */
export function compareLookups(
  truth: readonly TrueLookup[],
  found: readonly FoundLookup[],
  reasons: ReadonlyMap<string, string>,
): string[] {
  const rest = [...found].sort((a, b) => a.start - b.start);
  const differences: string[] = [];
  for (const lookup of [...truth].sort((a, b) => a.start - b.start)) {
    const client = reasons.get(lookup.client) ?? lookup.client;
    const at = rest.findIndex(
      (one) =>
        one.client === client &&
        one.name === lookup.asked &&
        (lookup.type === undefined || one.type === lookup.type) &&
        one.start >= lookup.start - 1 &&
        one.end <= lookup.end + STAMP_DELAY,
    );
    const match = rest[at];
    const told = `${client} asked for ${lookup.asked} at ${new Date(lookup.start).toISOString()}`;
    if (match === undefined) {
      differences.push(`not found: ${told}`);
      continue;
    }
    rest.splice(at, 1);
    const isRight =
      lookup.outcome === 'no answer' ? match.outcome !== 'success' : match.outcome === lookup.outcome;
    if (!isRight) differences.push(`${match.outcome} instead of ${lookup.outcome}: ${told}`);
  }
  for (const { client, name, start } of rest) {
    differences.push(`not in the truth: ${client} asked for ${name} at ${new Date(start).toISOString()}`);
  }
  return differences;
}
