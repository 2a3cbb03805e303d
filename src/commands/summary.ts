/** The end of a replay in numbers: as JSON for scripts (interface.md), as a table for people. */
import type { Pipeline } from '../app.ts';
import type { Edge } from '../metrics/graph.ts';
import type { SelfMetricName } from '../self/catalogue.ts';
import type { Registry } from '../self/registry.ts';

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
  readonly spans: {
    readonly acked: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly sampledOut: number;
  };
  /** RFC 3339; absent if there was no query. */
  readonly time: { readonly first?: string; readonly last?: string };
  readonly elapsedSeconds: number;
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

/** For people: the ledger, then who asked for whom. */
export function toSummaryText(summary: Summary, edges: readonly Edge[]): string {
  const { lines, queries, lookups, spans } = summary;
  const rows: [string, string][] = [
    ['lines read', `${lines.read} = ${sum(lines.parsed)} parsed + ${sum(lines.rejected)} rejected`],
    ['parsed', toList(lines.parsed)],
    ...(sum(lines.rejected) > 0 ? [['rejected', toList(lines.rejected)] as [string, string]] : []),
    ['queries', `${queries.counted} counted (${summary.hops} hops), skipped: ${toList(queries.skipped)}`],
    ['clients', toList(summary.peers)],
    ['lookups', toList(lookups)],
    ['spans', `${spans.acked} exported, ${spans.sampledOut} sampled out, dropped: ${toList(spans.dropped)}`],
    ['time', `${summary.time.first ?? '-'} to ${summary.time.last ?? '-'}`],
    ['took', toDuration(summary.elapsedSeconds)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const ledger = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
  return `${ledger}\n\n${toEdgeTable(edges)}`;
}

/** Most rows of the table; a terminal is no dashboard. */
const MAX_ROWS = 40;

/** Client, target, lookups, failures and mean latency, most used first. */
export function toEdgeTable(edges: readonly Edge[]): string {
  if (edges.length === 0) return 'no edges\n';
  const sorted = [...edges].sort((a, b) => b.total.value - a.total.value);
  const rows = sorted
    .slice(0, MAX_ROWS)
    .map((edge) => [
      toEnd(edge.client, edge.clientNamespace),
      toEnd(edge.server, edge.serverNamespace),
      String(edge.total.value),
      edge.failed.value === 0 ? '' : String(edge.failed.value),
      toMean(edge),
    ]);
  const more = sorted.length - rows.length;
  return `${toTable(['client', 'asked for', 'lookups', 'failed', 'mean'], rows)}${more > 0 ? `… and ${more} more edges\n` : ''}`;
}

/** Mean duration of an edge's lookups. */
export function toMean({ seconds, total }: Edge): string {
  return toDuration(seconds.histogram.sum / Math.max(1, total.value));
}

/** A workload with its namespace, as the page and the tables show it. */
export function toEnd(name: string, namespace: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Seconds as people read them. */
export function toDuration(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 0.001) return `${(seconds * 1e3).toFixed(1)} ms`;
  return `${(seconds * 1e6).toFixed(0)} µs`;
}

/** Text columns left, numbers right. */
function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
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
