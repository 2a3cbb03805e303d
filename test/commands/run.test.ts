/** `corespan run` as a sidecar: a growing log, a scrape, a stop, a restart. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findImbalances, parseExposition, type Series, sumOf } from '../support/exposition.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { type Running, startRunning } from '../support/running.ts';

let folder: string;
let log: string;
let running: Running | undefined;
let server: OtlpServer;

beforeEach(async () => {
  server = await startOtlpServer();
  written = 0;
  folder = mkdtempSync(join(tmpdir(), 'corespan-run-'));
  const container = join(folder, 'pods', 'kube-system_coredns-1_0b7a', 'coredns');
  mkdirSync(container, { recursive: true });
  log = join(container, '0.log');
  writeFileSync(log, '');
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await server.stop();
  rmSync(folder, { recursive: true });
});

let written = 0;

/** The next lines of the log. */
function toLines(count: number): string {
  written += count;
  return toQueryLog(count, { start: Date.now(), first: written - count });
}

async function start(...more: string[]): Promise<string> {
  const options = ['--log-dir', join(folder, 'pods'), '--cluster', 'none', '--listen', '127.0.0.1:0'];
  const spans = ['--otlp-endpoint', server.url, '--sample-ratio', '1', '--span-rate', '1000000'];
  running = startRunning(['run', ...options, ...spans, ...more]);
  const [, url = ''] = await running.says(/"url":"([^"]+)"/);
  await running.says(/Following the log/);
  return url;
}

let scrapes = 0;

/** The ledger has to balance at every scrape, in both formats. */
async function scrape(url: string): Promise<Series[]> {
  scrapes++;
  const accept = scrapes % 2 === 0 ? 'text/plain' : 'application/openmetrics-text; version=1.0.0';
  const text = await (await fetch(`${url}/metrics`, { headers: { accept } })).text();
  expect(findImbalances(text)).toEqual([]);
  return parseExposition(text);
}

/** What a scrape shows once as many spans have come and as many queries are shown; scrapes whenever spans arrive. */
async function scrapeAfter(url: string, spans: number, queries = spans): Promise<Series[]> {
  while (server.spans.length < spans) {
    const before = server.spans.length;
    await scrape(url);
    await server.until(() => server.spans.length > before);
  }
  // Each of the two scrapers is shown a row at 0 once before it is shown the first increment.
  for (;;) {
    const series = await scrape(url);
    if (queriesCounted(series) >= queries) return series;
  }
}

const linesRead = (series: Series[]): number => sumOf(series, 'corespan_lines_read_total');
const queriesCounted = (series: Series[]): number => sumOf(series, 'corespan_queries_total');

describe('following', () => {
  it('counts lines as they are written, through a rotation, and balances at every scrape', async () => {
    const url = await start();
    appendFileSync(log, toLines(300));
    expect(queriesCounted(await scrapeAfter(url, 300))).toBe(300);
    // The kubelet renames the file; the runtime goes on writing to it until it is told to open a new one.
    renameSync(log, `${log}.20261121-120000`);
    appendFileSync(`${log}.20261121-120000`, toLines(50));
    writeFileSync(log, toLines(70));
    const series = await scrapeAfter(url, 420);
    expect([linesRead(series), queriesCounted(series)]).toEqual([420, 420]);
    expect(sumOf(series, 'corespan_possible_loss_total')).toBe(0);
    expect(sumOf(series, 'corespan_lookups_total', { outcome: 'success' })).toBe(420);
  });

  it('says that it is ready, and shows the page', async () => {
    const url = await start();
    appendFileSync(log, toLines(3));
    await scrapeAfter(url, 3);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(url)).text()).toContain('who asked for whom');
  });

  it('goes on after a restart where the last one was settled', async () => {
    const checkpoint = ['--checkpoint', join(folder, 'checkpoint.json')];
    const url = await start(...checkpoint);
    appendFileSync(log, toLines(100));
    expect(queriesCounted(await scrapeAfter(url, 100))).toBe(100);
    expect(await running?.stop()).toBe(0);
    appendFileSync(log, toLines(40));
    const again = await start(...checkpoint);
    const series = await scrapeAfter(again, 140, 40);
    expect([linesRead(series), queriesCounted(series)]).toEqual([40, 40]);
  });
});

it('names the DNS pod by its environment where the log volume is a mounted sub-path', async () => {
  const logs = join(folder, 'logs');
  mkdirSync(join(logs, 'coredns'), { recursive: true });
  writeFileSync(join(logs, 'coredns', '0.log'), toLines(3));
  running = startRunning(['run', '--log-dir', logs, '--cluster', 'none', '--listen', '127.0.0.1:0'], {
    POD_NAMESPACE: 'kube-system',
    POD_NAME: 'coredns-1',
    POD_UID: '0b7a',
  });
  const [, url = ''] = await running.says(/"url":"([^"]+)"/);
  let series: Series[] = [];
  while (linesRead(series) < 3) series = await scrape(url);
  expect(sumOf(series, 'corespan_lines_read_total', { dns_pod: 'kube-system/coredns-1' })).toBe(3);
});

describe('wrong configuration inside a pod', () => {
  const wrong = ['run', '--sample-ratio', '7', '--listen', '127.0.0.1:0'];

  it('keeps corespan alive and idle: it says so on stderr, on /readyz and in a metric', async () => {
    // The address cannot be taken from a wrong configuration line, but this one is right.
    running = startRunning(wrong, { KUBERNETES_SERVICE_HOST: '192.0.2.1' });
    const [, url = ''] = await running.says(/"url":"([^"]+)"/);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([
      503,
      'waiting for:\n- --sample-ratio: got "7", wants a number from 0 to 1\n',
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const series = parseExposition(await (await fetch(`${url}/metrics`)).text());
    expect(sumOf(series, 'corespan_config_problems')).toBe(1);
    expect(running.stderr()).toContain('--sample-ratio: got \\"7\\"');
    expect(await running.stop()).toBe(0);
  });

  it('ends it with 2 if --strict says so', async () => {
    const strict = startRunning([...wrong, '--strict'], { KUBERNETES_SERVICE_HOST: '192.0.2.1' });
    const code = await new Promise((resolve) => strict.child.on('close', resolve));
    expect(code).toBe(2);
  });
});
