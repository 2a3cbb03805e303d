/** The end of a replay in numbers: as JSON for scripts, as a table for people. */
import type { Pipeline } from '../app.ts';
import type { Edge, NoEdge } from '../metrics/graph.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Denials } from '../metrics/workloads.ts';
import type { NxdomainKind } from '../records/lookup.ts';
import type { PeerResult } from '../records/peer.ts';
import type { SelfMetricName } from '../self/catalogue.ts';
import type { Registry } from '../self/registry.ts';
import { shorten, toPrintable } from '../text/printable.ts';

export interface Summary {
  readonly lines: {
    readonly read: number;
    readonly parsed: Readonly<Record<string, number>>;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly queries: { readonly counted: number; readonly skipped: Readonly<Record<string, number>> };
  readonly lookups: Readonly<Record<'success' | 'denial' | 'error', number>>;
  readonly hops: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly edges: number;
  /** Who asked for whom, most used first: the edges one by one. */
  readonly graph: readonly SummaryEdge[];
  /** Who was denied, and what the denials mean. */
  readonly denials: readonly Denials[];
  /** Lookups on no edge. */
  readonly noEdge: Readonly<NoEdge>;
  readonly spans: {
    readonly acked: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly sampledOut: number;
  };
  /** RFC 3339; absent if there was no query. */
  readonly time: { readonly first?: string; readonly last?: string };
  readonly elapsedSeconds: number;
}

export interface SummaryEdge {
  readonly client: string;
  readonly clientNamespace: string;
  readonly server: string;
  readonly serverNamespace: string;
  readonly lookups: number;
  readonly failed: number;
  readonly meanSeconds: number;
}

export function toSummary(pipeline: Pipeline, registry: Registry, elapsedSeconds: number): Summary {
  const { totals, metrics } = pipeline;
  return {
    lines: {
      read: sumOf(registry, 'corespan_lines_read_total'),
      parsed: byLabel(registry, 'corespan_lines_parsed_total', 1),
      rejected: byLabel(registry, 'corespan_lines_rejected_total', 1),
    },
    queries: {
      counted: totals.queries,
      skipped: byLabel(registry, 'corespan_queries_skipped_total', 0),
    },
    lookups: { ...totals.lookups },
    hops: totals.hops,
    peers: byLabel(registry, 'corespan_peer_resolutions_total', 0),
    edges: [...metrics.edges()].length,
    graph: sortByUse(metrics.edges()).map(toSummaryEdge),
    denials: sortByLookups(metrics.denials()).map((one) => ({ ...one, kinds: { ...one.kinds } })),
    noEdge: { ...metrics.noEdge },
    spans: {
      acked: sumOf(registry, 'corespan_acked_total', (labels) => labels[0] === 'spans'),
      dropped: byLabel(registry, 'corespan_dropped_total', 1, (labels) => labels[0] === 'spans'),
      sampledOut: sumOf(registry, 'corespan_spans_total', (labels) => labels[0] === 'sampled_out'),
    },
    time: {
      ...(totals.first === undefined ? {} : { first: new Date(totals.first).toISOString() }),
      ...(totals.last === undefined ? {} : { last: new Date(totals.last).toISOString() }),
    },
    elapsedSeconds,
  };
}

function sortByUse(edges: Iterable<Edge>): readonly Edge[] {
  return [...edges].sort((a, b) => b.total.value - a.total.value);
}

function sortByLookups(denials: Iterable<Denials>): readonly Denials[] {
  return [...denials].sort((a, b) => b.lookups - a.lookups);
}

function toSummaryEdge(edge: Edge): SummaryEdge {
  const { client, clientNamespace, server, serverNamespace, total, failed, seconds } = edge;
  return {
    client,
    clientNamespace,
    server,
    serverNamespace,
    lookups: total.value,
    failed: failed.value,
    meanSeconds: seconds.histogram.sum / Math.max(1, total.value),
  };
}

/** For people: the ledger, who asked for whom, and who was denied. */
export function toSummaryText(
  summary: Summary,
  { edges, denials }: Pick<Metrics, 'edges' | 'denials'>,
): string {
  const { lines, queries, lookups, spans } = summary;
  const rows: [string, string][] = [
    ['lines read', `${lines.read} = ${sum(lines.parsed)} parsed + ${sum(lines.rejected)} rejected`],
    ['parsed', toList(lines.parsed)],
    ...(sum(lines.rejected) > 0 ? [['rejected', toList(lines.rejected)] as [string, string]] : []),
    ['queries', `${queries.counted} counted (${summary.hops} hops), skipped: ${toList(queries.skipped)}`],
    ['clients', toList(summary.peers)],
    ['lookups', toList(lookups)],
    ...(sum({ ...summary.noEdge }) > 0
      ? [['no edge', toNoEdgeText(summary.noEdge)] as [string, string]]
      : []),
    ['spans', `${spans.acked} exported, ${spans.sampledOut} sampled out, dropped: ${toList(spans.dropped)}`],
    ['time', `${summary.time.first ?? '-'} to ${summary.time.last ?? '-'}`],
    ['took', toDuration(summary.elapsedSeconds)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const ledger = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
  return [`${ledger}\n`, toEdgeTable(sortByUse(edges())), toDenialTable(sortByLookups(denials()))]
    .filter((table) => table !== '')
    .join('\n');
}

/** How many lookups are not in the table of edges, and why. */
export function toNoEdgeText({ denied, self, withoutTarget }: Readonly<NoEdge>): string {
  const reasons = { denied, 'asked for themselves': self, 'without a target': withoutTarget };
  const all = sum(reasons);
  return `${all} ${all === 1 ? 'lookup' : 'lookups'}: ${toList(reasons)}`;
}

/** Most rows of a table; a terminal is no dashboard. */
const MAX_ROWS = 40;

/** Client, target, lookups, failures and mean latency, most used first. */
function toEdgeTable(sorted: readonly Edge[]): string {
  if (sorted.length === 0) return 'no edges\n';
  const rows = sorted
    .slice(0, MAX_ROWS)
    .map((edge) => [
      toClient(edge),
      toEnd(edge.server, edge.serverNamespace),
      String(edge.total.value),
      edge.failed.value === 0 ? '' : String(edge.failed.value),
      toMean(edge),
    ]);
  const more = sorted.length - rows.length;
  return `${toTable(['client', 'asked for', 'lookups', 'failed', 'mean'], rows)}${more > 0 ? `… and ${more} more edges\n` : ''}`;
}

/** Whose lookups were denied, and what the denials mean; empty if nobody's were. */
function toDenialTable(sorted: readonly Denials[]): string {
  if (sorted.length === 0) return '';
  const rows = sorted
    .slice(0, MAX_ROWS)
    .map(({ client, clientNamespace, lookups, kinds }) => [
      toEnd(client, clientNamespace),
      String(lookups),
      ...DENIALS.map(({ kind }) => (kinds[kind] === 0 ? '' : String(kinds[kind]))),
    ]);
  const more = sorted.length - rows.length;
  const head = ['client', 'denied', ...DENIALS.map(({ title }) => title)];
  return `${toTable(head, rows, 1)}${more > 0 ? `… and ${more} more clients\n` : ''}`;
}

/** What a denial means, most alarming first; steps of the search path never decide. */
export const DENIALS = [
  { kind: 'was_valid', title: 'was valid' },
  { kind: 'other_namespace', title: 'in other namespace' },
  { kind: 'never_valid', title: 'never valid' },
] as const satisfies readonly { readonly kind: NxdomainKind; readonly title: string }[];

/** Mean duration of an edge's lookups. */
export function toMean({ seconds, total }: Edge): string {
  return toDuration(seconds.histogram.sum / Math.max(1, total.value));
}

/** Who asked; where nobody is known, why. */
export function toClient({ client, clientNamespace, results }: Edge): string {
  const why = [...results].flatMap((result) => WHY_UNNAMED[result] ?? []);
  const isUnnamed = client === 'unknown' && clientNamespace === '';
  return isUnnamed && why.length > 0 ? `unknown (${why.join(', ')})` : toEnd(client, clientNamespace);
}

/** In the words of the README; who has a name is not asked. */
const WHY_UNNAMED: Readonly<Partial<Record<PeerResult, string>>> = {
  service: 'address of a Service',
  host_network: 'host network',
  node_local_dns: 'NodeLocal DNSCache',
  snat: 'translated address',
  loopback: 'DNS server itself',
  stale: 'stale',
  conflict: 'two pods claim it',
  cold: 'no cluster known',
};

/** A workload with its namespace, as the page and the tables show it. */
export function toEnd(name: string, namespace: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** What `--cluster none` costs. */
export const NOBODY_IS_NAMED =
  'Without a cluster no client has a name (cold): --cluster takes auto (the API server) or a recording.';

/** Seconds as people read them. */
export function toDuration(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 0.001) return `${(seconds * 1e3).toFixed(1)} ms`;
  return `${(seconds * 1e6).toFixed(0)} µs`;
}

/** Most characters of a name in a table. */
const MAX_WIDTH = 60;

/** The first `texts` columns left, numbers right. Names may come from whoever may annotate a pod. */
function toTable(head: readonly string[], given: readonly (readonly string[])[], texts = 2): string {
  const rows = given.map((row) => row.map((cell) => shorten(toPrintable(cell), MAX_WIDTH)));
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at < texts ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(toLine).join('\n')}\n`;
}

function toList(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  return present.length === 0 ? 'none' : present.map(([name, count]) => `${count} ${name}`).join(', ');
}

/** Over all reasons, kinds or outcomes. */
export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

type Filter = (labels: readonly string[]) => boolean;

function sumOf(registry: Registry, name: SelfMetricName, filter: Filter = () => true): number {
  return registry
    .samples(name)
    .filter(({ labels }) => filter(labels))
    .reduce((total, { value }) => total + value, 0);
}

/** Sums by one label; series that never counted are left out. */
function byLabel(
  registry: Registry,
  name: SelfMetricName,
  at: number,
  filter: Filter = () => true,
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of registry.samples(name)) {
    const label = labels[at] ?? '';
    if (value > 0 && filter(labels)) sums.set(label, (sums.get(label) ?? 0) + value);
  }
  return Object.fromEntries(sums);
}
