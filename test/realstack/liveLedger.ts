/** Looks at every sidecar's ledger again and again while the traffic goes on, and knows when all is settled. */
import { setTimeout as pause } from 'node:timers/promises';
import { findImbalances, parseExposition, sumOf } from '../support/exposition.ts';
import { fetchIn } from './doors.ts';
import type { Watched, World } from './liveWorld.ts';
import { until } from './until.ts';

export interface LedgerWatch {
  /** Takes another sidecar up. */
  add(watched: Watched): void;
  /** What did not add up, at any scrape. */
  readonly imbalances: readonly string[];
  readonly scrapes: number;
  stop(): Promise<void>;
}

/** Milliseconds between two scrapes; far more often than any Prometheus. */
const EVERY = 200;

export function watchLedger(first: readonly Watched[]): LedgerWatch {
  const all = [...first];
  const imbalances: string[] = [];
  let scrapes = 0;
  let isOver = false;

  async function watch(): Promise<void> {
    while (!isOver) {
      for (const { sidecar } of all) {
        const format = scrapes % 2 === 0 ? 'text' : 'openmetrics';
        imbalances.push(...findImbalances(await sidecar.metrics(format)));
        scrapes++;
      }
      await pause(EVERY);
    }
  }

  const watching = watch();
  // Whoever stops it hears of a failure.
  watching.catch(() => {});
  return {
    add: (watched) => void all.push(watched),
    imbalances,
    get scrapes() {
      return scrapes;
    },
    async stop() {
      isOver = true;
      await watching;
    },
  };
}

/** The last scrape, once every line was read and nothing is open: no lookup, no query, no span. */
export async function untilSettled({ sidecar }: Watched, lines: number): Promise<string> {
  await until(
    `${sidecar.pod.name} to settle`,
    async () => {
      const series = parseExposition(await sidecar.metrics());
      const read = sumOf(series, 'corespan_lines_read_total');
      const pending = sumOf(series, 'corespan_pending');
      if (read < lines || pending > 0) throw new Error(`read ${read} of ${lines} lines, pending ${pending}`);
      return true;
    },
    { within: 60_000, every: 250 },
  );
  // A row of the graph is shown at 0 once before it tells what it counts.
  await sidecar.metrics();
  return await sidecar.metrics();
}

/** What the DNS server itself has counted since it started. */
export async function readRequests({ cluster }: World, { countersUrl }: Watched): Promise<number> {
  const { body } = await fetchIn(cluster.sandboxes.node1.namespace, countersUrl);
  return sumOf(parseExposition(body), 'coredns_dns_requests_total');
}
