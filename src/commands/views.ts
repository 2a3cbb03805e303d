/** What the HTTP side shows of a running pipeline. */
import type { Pipeline } from '../app.ts';
import { type PageView, toPage } from '../http/page.ts';
import type { Registry } from '../self/registry.ts';
import { VERSION } from '../version.ts';
import { sum, toEnd, toMean, toSummary } from './summary.ts';

export interface ViewInput {
  readonly pipeline: Pipeline;
  readonly registry: Registry;
  readonly source: string;
  readonly waitingFor: readonly string[];
}

export function toPageText({ pipeline, registry, source, waitingFor }: ViewInput): string {
  const { lines, queries, lookups, hops, spans } = toSummary(pipeline, registry, 0);
  const ledger: PageView['ledger'] = [
    ['lines read', lines.read],
    ['lines parsed', sum(lines.parsed)],
    ['lines rejected', sum(lines.rejected)],
    ['queries counted', queries.counted],
    ['queries skipped (inner lines, probes)', sum(queries.skipped)],
    ['hops behind a NodeLocal DNSCache', hops],
    ['lookups', sum(lookups)],
    ['spans exported', spans.acked],
    ['spans dropped', sum(spans.dropped)],
  ];
  const edges = [...pipeline.metrics.edges()].map((edge) => ({
    client: toEnd(edge.client, edge.clientNamespace),
    server: toEnd(edge.server, edge.serverNamespace),
    lookups: edge.total.value,
    failed: edge.failed.value,
    mean: toMean(edge),
  }));
  return toPage({ version: VERSION, source, edges, ledger, waitingFor });
}
