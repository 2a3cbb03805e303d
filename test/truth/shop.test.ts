/** The recorded shop, replayed: what `npm run record` writes is read back by the product, lookup by lookup. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { findImbalances, parseExposition } from '../support/exposition.ts';
import { type Difference, pairLookups } from '../support/pairLookups.ts';
import { type FoundLookup, readSpans, readTruth, toFoundLookups } from '../support/truth.ts';

const FOLDER = 'examples/shop';
/** A process of the host network cannot be named. */
const HOST = 'node1 (host)';
/** Milliseconds; the machine that recorded had other things to do. */
const LATE = 1_000;

describe(FOLDER, () => {
  const truth = readTruth(`${FOLDER}/truth.tsv`);
  let out: string;
  let summary: Summary;
  let found: FoundLookup[];
  let metrics: string;

  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'corespan-shop-'));
    const args = ['replay', `${FOLDER}/pods`, '--cluster', `${FOLDER}/cluster`, '--json'];
    const files = ['--spans-out', `${out}/spans.jsonl`, '--metrics-out', `${out}/metrics.txt`];
    const { code, stdout, stderr } = await runCorespan([...args, ...files]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    summary = JSON.parse(stdout) as Summary;
    found = toFoundLookups(readSpans(readFileSync(`${out}/spans.jsonl`, 'utf8')));
    metrics = readFileSync(`${out}/metrics.txt`, 'utf8');
  });

  afterAll(() => rmSync(out, { recursive: true }));

  function compare(all: readonly FoundLookup[]): readonly Difference[] {
    const clientOf = ({ client }: { readonly client: string }): string =>
      client === HOST ? 'host_network' : client;
    return pairLookups(truth, all, { clientOf, late: LATE }).differences;
  }

  it('finds every lookup of the truth exactly once, with the right pod, name and outcome, and no other', () => {
    expect(truth.length).toBeGreaterThan(500);
    expect(compare(found)).toEqual([]);
  });

  it('would notice one lookup too few, one too many, one of another pod and one that failed (twin)', () => {
    const one = found.find(({ name }) => name.endsWith('.assets.example.net'));
    if (one === undefined) throw new Error('there is no tunnel');
    const rest = found.filter((other) => other !== one);
    const kinds = (all: readonly FoundLookup[]): string[] => compare(all).map(({ kind }) => kind);
    expect(kinds(rest)).toEqual(['missing']);
    expect(kinds([...found, { ...one }])).toEqual(['extra']);
    expect(kinds([...rest, { ...one, client: 'shop/nobody' }])).toEqual(['client']);
    expect(kinds([...rest, { ...one, outcome: 'error' }])).toEqual(['outcome']);
  });

  it('accounts for every line', () => {
    const { read, rejected } = summary.lines;
    expect(read).toBeGreaterThan(2_000);
    expect(rejected).toEqual({});
    expect(findImbalances(metrics)).toEqual([]);
  });

  it('shows the outage of the bank, and no other failure', () => {
    const failures = parseExposition(metrics)
      .filter(({ name, value }) => name === 'traces_service_graph_request_failed_total' && value > 0)
      .map(({ labels }) => `${labels['client']} → ${labels['server']}`);
    expect(failures).toEqual(['payments → bank.example']);
  });

  it('names the holder of an address before and after it passed', () => {
    const { ip_reuse: handOver } = JSON.parse(readFileSync(`${FOLDER}/happenings.json`, 'utf8'));
    const ofBoth = found.filter(({ client }) => [handOver.before, handOver.after].includes(client));
    const isBefore = ofBoth.map(({ start }) => start < Date.parse(handOver.deleted));
    expect(ofBoth.map(({ client }) => client)).toEqual(
      isBefore.map((before) => (before ? handOver.before : handOver.after)),
    );
    expect(new Set(isBefore).size).toBe(2);
  });
});
