/** What the HTTP side shows of a running pipeline. */
import type { Pipeline } from '../app.ts';
import { type PageView, toPage } from '../http/page.ts';
import type { Registry } from '../self/registry.ts';
import { VERSION } from '../version.ts';
import {
  DENIALS,
  NOBODY_IS_NAMED,
  sum,
  toClient,
  toEnd,
  toMean,
  toNoEdgeText,
  toSummary,
} from './summary.ts';

export interface ViewInput {
  readonly pipeline: Pipeline;
  readonly registry: Registry;
  readonly source: string;
  readonly waitingFor: readonly string[];
  /** False if nobody was asked who is who. */
  readonly hasCluster: boolean;
}

export function toPageText(input: ViewInput): string {
  const { pipeline, registry, source, waitingFor, hasCluster } = input;
  const { lines, queries, lookups, noEdge, hops, spans } = toSummary(pipeline, registry, 0);
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
    client: toClient(edge),
    server: toEnd(edge.server, edge.serverNamespace),
    lookups: edge.total.value,
    failed: edge.failed.value,
    mean: toMean(edge),
  }));
  const denials = [...pipeline.metrics.denials()].map(
    ({ client, clientNamespace, lookups: denied, kinds }) => ({
      client: toEnd(client, clientNamespace),
      lookups: denied,
      kinds: DENIALS.map(({ kind, title }) => [title, kinds[kind]] as const),
    }),
  );
  const notes = [
    ...(sum({ ...noEdge }) === 0 ? [] : [`On no edge: ${toNoEdgeText(noEdge)}.`]),
    ...(hasCluster ? [] : [NOBODY_IS_NAMED]),
  ];
  return toPage({ version: VERSION, source, edges, notes, denials, ledger, waitingFor });
}
