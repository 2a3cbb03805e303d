/** Holds what corespan says against what happened: lookups, edges and queries, each with every difference. */

import { parseExposition, sumOf } from '../support/exposition.ts';
import { type Difference, pairLookups } from '../support/pairLookups.ts';
import { attributeOf, type FoundLookup, type OtlpSpan, toFoundLookups } from '../support/truth.ts';
import { EXTERNAL_NAME } from './liveWorld.ts';
import type { LoggedQuery } from './queryLog.ts';
import type { TrafficLookup } from './traffic.ts';
import { isRetried } from './trafficNames.ts';
import type { Sent } from './trafficWalk.ts';

export interface FoundWithQueries extends FoundLookup {
  /** The client's. */
  readonly address: string;
  /** How many it is said to have. */
  readonly queries: number;
  /** The client's own queries in it; without hops, and without what CoreDNS asked itself. */
  readonly sent: readonly (Sent & { readonly start: number; readonly end: number })[];
}

/** Milliseconds for which a line may be under way on a machine that has other things to do. */
const LATE = 3_000;

export function toFoundWithQueries(spans: readonly OtlpSpan[]): FoundWithQueries[] {
  const byTrace = Map.groupBy(spans, ({ traceId }) => traceId);
  return [...byTrace.values()].flatMap((trace) => {
    const root = trace.find(({ parentSpanId }) => !parentSpanId);
    const [found] = toFoundLookups(trace);
    if (root === undefined || found === undefined) return [];
    const address = attributeOf(root.attributes, 'client.address');
    const queries = Number(attributeOf(root.attributes, 'corespan.lookup.queries'));
    return [{ ...found, address, queries, sent: toSentOf(trace) }];
  });
}

/** A lookup of one query is one span; else the root stands for all. */
function toSentOf(trace: readonly OtlpSpan[]): FoundWithQueries['sent'] {
  const own = trace.filter(({ attributes }) => attributeOf(attributes, 'corespan.query.role') === '');
  const queries = own.length === 1 ? own : own.filter(({ parentSpanId }) => parentSpanId);
  return queries.map(({ attributes, startTimeUnixNano, endTimeUnixNano }) => ({
    name: `${attributeOf(attributes, 'dns.question.name')}.`,
    type: attributeOf(attributes, 'dns.question.type'),
    start: Number(BigInt(startTimeUnixNano) / 1000n) / 1000,
    end: Number(BigInt(endTimeUnixNano) / 1000n) / 1000,
  }));
}

export function compareLookups(
  truth: readonly TrafficLookup[],
  found: readonly FoundWithQueries[],
): readonly Difference[] {
  return pairLookups(truth, found, {
    clientOf: ({ by }) => by.identity,
    late: LATE,
    fits: ({ sent, by, wish }, one) =>
      // Half a walk that looks like a whole: only the queries tell.
      isRetried(`${wish.name}.`) || isRetried(wish.name)
        ? toSet(sent) === toSet(one.sent)
        : toText(sent) === toText(one.sent) && one.service === by.workload.name && leadsTo(wish, one),
  }).differences;
}

/** Whom an edge may lead to; a name that was denied leads nowhere, whatever it was meant to be. */
function leadsTo({ target, outcome }: TrafficLookup['wish'], one: FoundLookup): boolean {
  if (target === undefined || outcome === 'denial') return true;
  return one.target === target.name && one.targetNamespace === target.namespace;
}

function toText(sent: readonly Sent[]): string {
  return sent
    .map(({ name, type }) => `${type} ${name}`)
    .toSorted()
    .join();
}

function toSet(sent: readonly Sent[]): string {
  return [...new Set(sent.map(({ name, type }) => `${type} ${name}`))].toSorted().join();
}

/** `ns/client → ns/server` and how often; the truth's. */
export function toTrueEdges(truth: readonly TrafficLookup[]): Map<string, number> {
  const edges = new Map<string, number>();
  for (const { by, wish } of truth) {
    const { target } = wish;
    if (target === undefined || wish.outcome === 'denial' || isSelf(by.workload, target)) continue;
    add(edges, `${toEnd(by.workload)} → ${toEnd(target)}`, 1);
  }
  return edges;
}

/** The same of all scrapes together: how often, or another measure of edges. */
export function toFoundEdges(scrapes: readonly string[], measure = 'total'): Map<string, number> {
  const edges = new Map<string, number>();
  for (const { name, labels, value } of scrapes.flatMap(parseExposition)) {
    if (name !== `traces_service_graph_request_${measure}`) continue;
    const { client = '', client_service_namespace = '', server = '', server_service_namespace = '' } = labels;
    const ends = [
      { name: client, namespace: client_service_namespace },
      { name: server, namespace: server_service_namespace },
    ];
    add(edges, ends.map(toEnd).join(' → '), value);
  }
  return edges;
}

/** Every key whose count is another one, one sentence each. */
export function compareCounts(
  truth: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): string[] {
  const keys = new Set([...truth.keys(), ...found.keys()]);
  return [...keys]
    .filter((key) => (truth.get(key) ?? 0) !== (found.get(key) ?? 0))
    .map((key) => `${key}: ${found.get(key) ?? 0} instead of ${truth.get(key) ?? 0}`);
}

/** What a DNS server must have logged of its clients, as `address type name` and how often. */
export function toTrueQueries(truth: readonly TrafficLookup[]): Map<string, number> {
  const queries = new Map<string, number>();
  for (const { by, sent } of truth) {
    const told = sent.filter(({ name }) => !isRetried(name));
    for (const { name, type } of told) add(queries, `${by.address} ${type} ${name}`, 1);
  }
  return queries;
}

/** What it has logged of these clients; what CoreDNS asks itself for them is none of theirs. */
export function toLoggedQueries(
  logged: readonly LoggedQuery[],
  isClient: (query: LoggedQuery) => boolean,
): Map<string, number> {
  const queries = new Map<string, number>();
  for (const query of logged) {
    if (!isClient(query) || isRetried(query.name) || query.name === `${EXTERNAL_NAME}.`) continue;
    add(queries, `${query.client} ${query.type} ${query.name}`, 1);
  }
  return queries;
}

/** Lines read by a sidecar; of one kind where one is given. */
export function countLines(scrape: string, kind?: string): number {
  const series = parseExposition(scrape);
  return kind === undefined
    ? sumOf(series, 'corespan_lines_read_total')
    : sumOf(series, 'corespan_lines_parsed_total', { kind });
}

export interface Attributions {
  /** Queries whose pod is the one that asked. */
  readonly right: number;
  /** By the reason that was given, where it is the right one. */
  readonly unknown: Readonly<Record<string, number>>;
  /** One sentence each. */
  readonly wrong: readonly string[];
}

/**
 * Query by query, whatever lookup it was put into: who asked for that name and type from that address at that time,
 * and who is said to have.
 */
export function countAttributions(truth: readonly TrafficLookup[], spans: readonly OtlpSpan[]): Attributions {
  const asked = Map.groupBy(
    truth.flatMap((lookup) => lookup.sent.map((sent) => ({ lookup, key: toKey(lookup.by.address, sent) }))),
    ({ key }) => key,
  );
  const unknown: Record<string, number> = {};
  const wrong: string[] = [];
  let right = 0;
  for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    const [found] = toFoundWithQueries(trace);
    if (found === undefined) continue;
    for (const sent of found.sent) {
      const key = toKey(found.address, sent);
      const askers = new Set(
        (asked.get(key) ?? [])
          .filter(({ lookup }) => lookup.start - 1 <= found.end && found.start <= lookup.end + LATE)
          .map(({ lookup }) => lookup.by.identity),
      );
      if (!askers.has(found.client)) wrong.push(`${found.client}, not ${[...askers].join()}: ${key}`);
      else if (found.client.includes('/')) right++;
      else unknown[found.client] = (unknown[found.client] ?? 0) + 1;
    }
  }
  return { right, unknown, wrong };
}

function toKey(address: string, { name, type }: Sent): string {
  return `${address} ${type} ${name}`;
}

function isSelf(client: { name: string; namespace: string }, target: typeof client): boolean {
  return client.name === target.name && client.namespace === target.namespace;
}

function toEnd({ name, namespace }: { readonly name: string; readonly namespace: string }): string {
  return `${namespace}/${name}`;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
