/** Times and counts that corespan tells, held against the log as another reader reads it, and against the truth. */
import { parseExposition } from '../support/exposition.ts';
import { attributeOf, type OtlpSpan } from '../support/truth.ts';
import { NODES } from './addresses.ts';
import type { FoundWithQueries } from './liveAccount.ts';
import { EXTERNAL_NAME } from './liveWorld.ts';
import type { LoggedQuery } from './queryLog.ts';
import type { TrafficLookup } from './traffic.ts';

/** Milliseconds: a time since the epoch is no finer as a number, and two of them make a duration. */
const EXACT = 0.002;

export interface TimesComparison {
  readonly compared: number;
  /** One sentence each. */
  readonly differences: readonly string[];
}

/** Whether each lookup lasts from the start of its first query to the end of its last, as the log has them. */
export function compareTimes(
  found: readonly FoundWithQueries[],
  logged: readonly LoggedQuery[],
): TimesComparison {
  const byQuestion = Map.groupBy(logged, ({ client, type, name }) => `${client} ${type} ${name}`);
  const differences: string[] = [];
  let compared = 0;
  for (const one of found) {
    // Of a storm only the first queries are kept.
    if (one.queries !== one.sent.length) continue;
    const lines = one.sent.map(
      (query) =>
        byQuestion
          .get(`${one.address} ${query.type} ${query.name}`)
          ?.find((line) => isSameTime(query, line)) ?? UNLOGGED,
    );
    const start = Math.min(...lines.map(startOf));
    const end = Math.max(...lines.map((line) => line.end));
    compared++;
    if (isSame(one.start, start) && isSame(one.end, end)) continue;
    differences.push(
      `${one.client} asked for ${one.name}: ${one.start}–${one.end} instead of ${start}–${end}`,
    );
  }
  return { compared, differences };
}

const UNLOGGED = { end: Number.NaN, seconds: 0 };

type Times = Pick<LoggedQuery, 'end' | 'seconds'>;

/** Lines of one moment have one stamp: only both ends tell them apart. */
function isSameTime({ start, end }: FoundWithQueries['sent'][number], line: Times): boolean {
  return isSame(end, line.end) && isSame(start, startOf(line));
}

function startOf({ end, seconds }: Times): number {
  return end - seconds * 1000;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) < EXACT;
}

/** `ns/client → ns/server` and seconds. */
export function toEdgeSeconds(found: readonly FoundWithQueries[]): Map<string, number> {
  const edges = new Map<string, number>();
  for (const { client, service, target, targetNamespace, outcome, start, end } of found) {
    const from = `${client.includes('/') ? client.split('/')[0] : ''}/${service}`;
    const to = `${targetNamespace}/${target}`;
    if (outcome !== 'denial' && target !== '' && from !== to)
      add(edges, `${from} → ${to}`, (end - start) / 1000);
  }
  return edges;
}

/** Every edge whose seconds are other ones, one sentence each; `counts` says how many durations they are the sum of. */
export function compareSeconds(
  counts: ReadonlyMap<string, number>,
  truth: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): string[] {
  return [...new Set([...counts.keys(), ...truth.keys(), ...found.keys()])]
    .filter((key) => {
      const exact = ((counts.get(key) ?? 0) * EXACT) / 1000;
      return !(Math.abs((truth.get(key) ?? 0) - (found.get(key) ?? 0)) <= exact);
    })
    .map((key) => `${key}: ${found.get(key) ?? 0} s instead of ${truth.get(key) ?? 0} s`);
}

/** `ns/workload outcome` and how often; the truth's. Of no answer at all the DNS server says that it failed. */
export function toTrueOutcomes(truth: readonly TrafficLookup[]): Map<string, number> {
  const outcomes = new Map<string, number>();
  for (const { by, outcome } of truth) {
    const { namespace, name } = by.workload;
    add(outcomes, `${namespace}/${name} ${outcome === 'no answer' ? 'error' : outcome}`, 1);
  }
  return outcomes;
}

/** The same of all scrapes together. */
export function toFoundOutcomes(scrapes: readonly string[]): Map<string, number> {
  return countSeries(
    scrapes,
    'corespan_lookups_total',
    ({ client_namespace, client_workload, outcome }) => `${client_namespace}/${client_workload} ${outcome}`,
  );
}

/** By type: what clients asked, and what a node's cache asked for them. Not what servers ask themselves. */
export function toLoggedTypes(logged: readonly LoggedQuery[]): Map<string, number> {
  return countBy(logged.filter(isAsked), ({ type }) => type);
}

/** The same of all scrapes together. */
export function toFoundTypes(scrapes: readonly string[]): Map<string, number> {
  return countSeries(scrapes, 'corespan_queries_total', ({ qtype = '' }) => qtype);
}

/** Queries of clients that were denied. */
export function countDenied(logged: readonly LoggedQuery[]): number {
  return logged.filter((query) => query.rcode === 'NXDOMAIN' && isAsked(query) && !isHop(query)).length;
}

export interface HopsComparison {
  readonly logged: number;
  readonly found: number;
  /** `type name` of spans that no line from the node tells of. */
  readonly unlogged: readonly string[];
  /** The same of those that a process of the node asked for, which was taken for its cache. */
  readonly taken: readonly string[];
}

/** What the node's cache asked for its clients, and the spans that were made of it. */
export function compareHops(logged: readonly LoggedQuery[], spans: readonly OtlpSpan[]): HopsComparison {
  const lines = logged.filter((query) => isAsked(query) && isHop(query));
  const left = countBy(lines, ({ type, name }) => `${type} ${name}`);
  const hops = spans.filter(({ attributes }) => attributeOf(attributes, 'corespan.query.role') === 'hop');
  for (const { attributes } of hops) {
    const name = attributeOf(attributes, 'dns.question.name');
    add(left, `${attributeOf(attributes, 'dns.question.type')} ${name}.`, -1);
  }
  const ofHost = countBy(logged.filter(isOfHost), ({ type, name }) => `${type} ${name}`);
  const tooMany = [...left].filter(([, count]) => count < 0).map(([key]) => key);
  return {
    logged: lines.length,
    found: hops.length,
    unlogged: tooMany.filter((key) => !ofHost.has(key)),
    taken: tooMany.filter((key) => ofHost.has(key)),
  };
}

/** Neither CoreDNS's own question for the target of an ExternalName, nor its loop plugin's or a health check. */
function isAsked({ type, name }: LoggedQuery): boolean {
  return type !== 'HINFO' && name !== '.' && name !== `${EXTERNAL_NAME}.`;
}

/** What comes from the node by TCP is its cache's. */
function isHop({ client, protocol }: LoggedQuery): boolean {
  return client === NODES.node1.address && protocol === 'tcp';
}

function isOfHost(query: LoggedQuery): boolean {
  return query.client === NODES.node1.address && !isHop(query);
}

function countSeries(
  scrapes: readonly string[],
  metric: string,
  toKey: (labels: Readonly<Record<string, string>>) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of scrapes.flatMap(parseExposition)) {
    if (name === metric) add(counts, toKey(labels), value);
  }
  return counts;
}

function countBy<T>(all: readonly T[], toKey: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) add(counts, toKey(one), 1);
  return counts;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
