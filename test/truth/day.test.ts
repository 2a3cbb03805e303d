/**
 * The measure of being right: a recorded cluster with the truth of every lookup, in both of CoreDNS's log forms,
 * replayed as a user would.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import {
  attributeOf,
  compareLookups,
  type FoundLookup,
  type OtlpSpan,
  readSpans,
  readTruth,
  toFoundLookups,
} from '../support/truth.ts';

/** Clients that no log can tell apart from their neighbours, and the reason that must be given. */
function reasonsOf(folder: string): Map<string, string> {
  const far = readTruth(`${folder}/truth.tsv`).find(({ client }) => client.startsWith('shop/far-'));
  return new Map([
    ['node1 (host)', 'host_network'],
    // Its packets leave node2 under an address that no pod has.
    [far?.client ?? 'shop/far', 'snat'],
  ]);
}

/** Edges inside the cluster as the truth has them: workload → Service, lookups. Self edges are not drawn. */
const EDGES = [
  'batch/crawler → shop/web 4',
  'batch/report → pay/api 5',
  '/node:node1 → pay/api 5',
  'pay/pay-db → pay/api 2',
  'pay/pay-db → pay/db 10',
  'pay/payments-api → pay/ext 5',
  'shop/debug → pay/api 6',
  'shop/debug → shop/web 1',
  'shop/web → pay/api 18',
  'shop/web → pay/ext 2',
  '/unknown → pay/api 5',
];

describe.each(['test/fixtures/day', 'test/fixtures/day-json'])('%s', (folder) => {
  let out: string;
  let summary: Summary;
  let spans: OtlpSpan[];
  let found: FoundLookup[];
  let metrics: string;
  const truth = readTruth(`${folder}/truth.tsv`);

  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'corespan-truth-'));
    const args = ['replay', `${folder}/pods`, '--cluster', `${folder}/cluster`, '--json'];
    const files = ['--spans-out', `${out}/spans.jsonl`, '--metrics-out', `${out}/metrics.txt`];
    const { code, stdout, stderr } = await runCorespan([...args, ...files]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    summary = JSON.parse(stdout);
    spans = readSpans(readFileSync(`${out}/spans.jsonl`, 'utf8'));
    found = toFoundLookups(spans);
    metrics = readFileSync(`${out}/metrics.txt`, 'utf8');
  });

  afterAll(() => rmSync(out, { recursive: true }));

  it('finds every lookup of the truth exactly once, with the right pod, name and outcome, and no other', () => {
    expect(truth).toHaveLength(103);
    expect(compareLookups(truth, found, reasonsOf(folder))).toEqual([]);
  });

  it('would notice one lookup too few, one too many and one of another pod (twin)', () => {
    const [first, second, ...rest] = found;
    if (first === undefined || second === undefined) throw new Error('nothing was found');
    const other = { ...second, client: 'shop/other' };
    expect(compareLookups(truth, [second, ...rest], reasonsOf(folder))).toHaveLength(1);
    expect(compareLookups(truth, [first, first, second, ...rest], reasonsOf(folder))).toHaveLength(1);
    expect(compareLookups(truth, [first, other, ...rest], reasonsOf(folder))).toHaveLength(2);
  });

  it('names the holder of 10.244.1.9 before and after the hand-over', () => {
    const { ip_reuse: handOver } = JSON.parse(readFileSync(`${folder}/happenings.json`, 'utf8'));
    const holders = spans
      .filter((span) => attributeOf(span.attributes, 'client.address') === handOver.address)
      .map((span) => ({
        isBefore: Number(BigInt(span.startTimeUnixNano) / 1_000_000n) < Date.parse(handOver.deleted),
        pod: `${attributeOf(span.resource, 'k8s.namespace.name')}/${attributeOf(span.resource, 'k8s.pod.name')}`,
      }));
    expect(new Set(holders.filter(({ isBefore }) => isBefore).map(({ pod }) => pod))).toEqual(
      new Set([handOver.before]),
    );
    expect(new Set(holders.filter(({ isBefore }) => !isBefore).map(({ pod }) => pod))).toEqual(
      new Set([handOver.after]),
    );
  });

  it('draws every edge inside the cluster with its exact count', () => {
    const edges = parseExposition(metrics)
      .filter(
        ({ name, labels }) =>
          name === 'traces_service_graph_request_total' && labels['server_service_namespace'] !== '',
      )
      .map(
        ({ labels, value }) =>
          `${labels['client_service_namespace']}/${labels['client']} → ${labels['server_service_namespace']}/${labels['server']} ${value}`,
      );
    expect(edges.sort()).toEqual([...EDGES].sort());
  });

  it('accounts for every line of the files', () => {
    const lines = readdirSync(`${folder}/pods`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.log'))
      .map(
        (file) =>
          readFileSync(join(folder, 'pods', file), 'utf8')
            .trimEnd()
            .split('\n').length,
      )
      .reduce((sum, count) => sum + count, 0);
    const { read, parsed, rejected } = summary.lines;
    expect(read).toBe(lines);
    expect(rejected).toEqual({});
    expect(Object.values(parsed).reduce((sum, count) => sum + count, 0)).toBe(lines);
    expect(findImbalances(metrics)).toEqual([]);
    expect(sumOf(parseExposition(metrics), 'corespan_lines_read_total')).toBe(lines);
  });

  it('stitches every hop to the query of the cache that it belongs to', () => {
    const hops = spans.filter(({ attributes }) => attributeOf(attributes, 'corespan.query.role') === 'hop');
    expect(hops).toHaveLength(25);
    expect(summary.hops).toBe(25);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const hop of hops) {
      const parent = byId.get(hop.parentSpanId ?? '');
      const nameOf = (span: OtlpSpan | undefined) => attributeOf(span?.attributes ?? [], 'dns.question.name');
      expect(nameOf(hop)).toBe(nameOf(parent));
      expect(attributeOf(hop.attributes, 'corespan.resolver.pod')).toMatch(/coredns-/);
      expect(attributeOf(parent?.attributes ?? [], 'corespan.resolver.pod')).toMatch(/node-local-dns-/);
    }
  });

  it('counts as many queries as CoreDNS itself, by type too', () => {
    const counters = parseExposition(readFileSync(`${folder}/coredns-counters.txt`, 'utf8'));
    const series = parseExposition(metrics);
    const lines = series.filter(
      ({ name, labels }) =>
        name === 'corespan_lines_parsed_total' &&
        labels['dns_pod']?.includes('/coredns-') &&
        labels['kind'] === 'query',
    );
    expect(sumOf(counters, 'coredns_dns_requests_total')).toBe(338);
    expect(lines.map(({ value }) => value)).toEqual([338]);
    const ofType = (type: string): number => sumOf(series, 'corespan_queries_total', { qtype: type });
    expect([ofType('HTTPS'), ofType('PTR'), ofType('SRV'), ofType('TXT')]).toEqual(
      ['HTTPS', 'PTR', 'SRV', 'TXT'].map((type) => sumOf(counters, 'coredns_dns_requests_total', { type })),
    );
  });

  it('keeps names and addresses out of the labels', () => {
    expect(metrics).not.toMatch(/="[^"]*(api\.pay|nosuch|10\.244\.|169\.254\.)/);
  });

  it('gives every span its own id and every trace one root', () => {
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(103);
  });
});
