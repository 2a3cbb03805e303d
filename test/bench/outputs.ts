/**
 * What the way out costs: a scrape by its number of series, and a span on its way to an OTLP endpoint.
 *
 *     npm run bench:outputs [-- --rounds 9 --spans 40000 --write]
 *
 * Ours and the libraries' take turns in every round; ratios are taken within the round. Milliseconds and microseconds
 * are CPU time, those of the longest piece the clock's. What takes less than the CPU's clock can tell is repeated.
 */
import { join } from 'node:path';
import { type GoalName, toShortText, toVerdicts } from './goals.ts';
import { readOptions } from './options.ts';
import { middleOf, toTable, writeSection } from './report.ts';
import {
  countSeries,
  createLibrary,
  createOurs,
  type Sample,
  SERIES_OF_EDGE,
  takeSample,
} from './scrapes.ts';
import type { SpanPass, SpanPassed } from './spanPass.ts';
import { startScript } from './stage/child.ts';
import type { SinkCounts, SinkReady } from './stage/otlpSink.ts';

const values = readOptions({ rounds: 9, spans: 40_000 });
const { rounds } = values;
const SIZES = [1_000, 10_000, 50_000];
/** A process that has run for a while, as corespan has. */
const WARM_UP = 40_000;
/** What fits into the queue of either; then the endpoint gets its turn. */
const STEADY = 1_500;
/** More than fits: what happens then has to be told. */
const BURST = 10_000;

const measured: Partial<Record<GoalName, number>> = {};
const report = [await measureScrapes(), await measureSpans()];
report.unshift(toVerdicts(measured));
process.stdout.write(`${report.join('\n\n')}\n`);
if (values.write)
  writeSection('outputs', `npm run bench:outputs -- ${process.argv.slice(2).join(' ')}`, report.join('\n\n'));

async function measureScrapes(): Promise<string> {
  const rows: string[][] = [];
  for (const size of SIZES) {
    const edges = Math.round(size / SERIES_OF_EDGE);
    const scrapers = { ours: createOurs(edges), library: createLibrary(edges) };
    const series = countSeries(await scrapers.ours());
    const ours: Sample[] = [];
    const library: Sample[] = [];
    for (let round = 0; round < rounds + 1; round++) {
      const [own, other] = [await takeSample(scrapers.ours), await takeSample(scrapers.library)];
      // The first warms both up.
      if (round === 0) continue;
      ours.push(own);
      library.push(other);
    }
    const ratio = middleOf(ours.map(({ cpu }, round) => (library[round]?.cpu ?? 0) / cpu));
    const longest = middleOf(ours.map((one) => one.longest));
    const cpu = middleOf(ours.map((one) => one.cpu));
    if (size === 10_000) [measured.scrape10k, measured.scrapeRatio] = [cpu, ratio];
    if (size === 50_000) [measured.scrape50k, measured.scrapePiece] = [cpu, longest];
    const libraryCpu = middleOf(library.map((one) => one.cpu));
    rows.push([
      String(series),
      ...[ratio, cpu, Math.min(...ours.map((one) => one.cpu)), longest, libraryCpu].map(toShortText),
    ]);
  }
  const head = [
    'series',
    'prom-client ÷ ours',
    'ours, ms',
    'best round, ms',
    'longest piece, ms',
    'prom-client, ms',
  ];
  return toTable([head, ...rows]);
}

async function measureSpans(): Promise<string> {
  const sink = await startScript<SinkReady>(join(import.meta.dirname, 'stage/otlpSink.ts'), {});
  const costs: Record<SpanPass['sender'], number[]> = { ours: [], sdk: [] };
  const lost: Record<SpanPass['sender'], string> = { ours: '', sdk: '' };
  async function pass(sender: SpanPass['sender'], sending: Pick<SpanPass, 'warmUp' | 'spans' | 'burst'>) {
    const before = (await sink.ask<SinkCounts>('counts')).spans;
    const { url } = sink.ready;
    const child = await startScript(join(import.meta.dirname, 'spanPass.ts'), { sender, url, ...sending });
    const passed = await child.ask<SpanPassed>('pass');
    await child.stop();
    const arrived = (await sink.ask<SinkCounts>('counts')).spans - before;
    return { ...passed, missing: sending.warmUp + sending.spans - arrived };
  }
  for (let round = 0; round < rounds; round++) {
    for (const sender of ['ours', 'sdk'] as const) {
      const { perSpan, missing } = await pass(sender, {
        warmUp: WARM_UP,
        spans: values.spans,
        burst: STEADY,
      });
      if (missing !== 0) throw new Error(`${sender}: ${missing} of the spans did not arrive`);
      costs[sender].push(perSpan);
    }
  }
  for (const sender of ['ours', 'sdk'] as const) {
    const { missing, told } = await pass(sender, { warmUp: 0, spans: BURST, burst: BURST });
    lost[sender] = `${missing}, of which it tells ${told}`;
    if (sender === 'ours') measured.spansLost = missing - told;
  }
  await sink.stop();
  const ratio = middleOf(costs.ours.map((cost, round) => (costs.sdk[round] ?? 0) / cost));
  measured.spanRatio = ratio;
  const row = (says: string, sender: SpanPass['sender']): string[] => [
    says,
    toShortText(middleOf(costs[sender])),
    toShortText(Math.min(...costs[sender])),
    lost[sender],
  ];
  const head = ['spans over OTLP, JSON and gzip', 'µs a span', 'best round', `lost of ${BURST} in one turn`];
  return toTable([
    head,
    row('corespan', 'ours'),
    row('SDK and BatchSpanProcessor, as they are by default, with the same attributes', 'sdk'),
  ]);
}
