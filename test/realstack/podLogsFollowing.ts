/** corespan's source of pod logs in this process, polled as `run` does, with everything it told and counted at hand. */
import { createKubeSource } from '../../src/sources/kube.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';
import type { DnsServer } from './dnsServer.ts';
import { readAllLogs } from './kubeletStandInLogs.ts';
import type { Account } from './reflectorAccount.ts';
import { type ApiDoor, openApiDoor } from './reflectorDoor.ts';
import { until } from './until.ts';

export interface Following {
  readonly door: ApiDoor;
  readonly self: TestSelf;
  /** What was told of a server's logs, in order. */
  toldOf(server: DnsServer): readonly string[];
  losses(): Readonly<Record<string, number>>;
  /** Resolves once this many lines were told of the server, no more are missing than `except` takes out. */
  untilWhole(server: DnsServer, except?: (text: string) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Milliseconds, as in turns.ts. */
const POLL_EVERY = 100;

export async function startFollowing(namespace: string, account: Account): Promise<Following> {
  const door = await openApiDoor(namespace);
  const self = createTestSelf();
  const told = new Map<string, string[]>();
  const source = createKubeSource(
    {
      credentials: account.toCredentials(door.port, Date.now),
      namespace: 'kube-system',
      selector: 'k8s-app in (kube-dns,node-local-dns)',
      containers: ['coredns', 'node-cache'],
      now: Date.now,
    },
    self.sources,
  );

  function poll(): void {
    const polled = source.poll(({ file, bytes, start, end, from, to }) => {
      const texts = told.get(file.pod?.uid ?? '') ?? [];
      told.set(file.pod?.uid ?? '', texts);
      for (let row = from; row < to; row++) texts.push(bytes.toString('utf8', start[row], end[row]));
    });
    if (polled === 'more') setImmediate(poll);
  }

  const timer = setInterval(poll, POLL_EVERY);
  const toldOf = ({ pod }: DnsServer): readonly string[] => told.get(pod.uid) ?? [];

  return {
    door,
    self,
    toldOf,
    losses: () =>
      Object.fromEntries(
        self.registry
          .samples('corespan_possible_loss_total')
          .filter(({ value }) => value > 0)
          .map(({ labels, value }) => [labels[0] ?? '', value]),
      ),
    async untilWhole(server, except = () => false) {
      await until(
        `every line of ${server.pod.name}`,
        () => {
          const difference = compareWithLogs(toldOf(server), server, except);
          if (difference === undefined) return true;
          throw new Error(difference);
        },
        // An answer may take 30 seconds to begin, and the next attempt as long.
        { within: 120_000, every: 100 },
      );
    },
    async stop() {
      clearInterval(timer);
      source.stop();
      await door.close();
    },
  };
}

/** How what was told differs from what stands in the server's logs, but for what `except` takes out. */
export function compareWithLogs(
  told: readonly string[],
  { logFolder }: DnsServer,
  except: (text: string) => boolean = () => false,
): string | undefined {
  const written = readAllLogs(logFolder)
    .map(({ line }) => line.slice(line.indexOf(' ') + 1, -1))
    .filter((text) => !except(text));
  const index = written.findIndex((text, n) => text !== told[n]);
  if (index >= 0) return `line ${index} of ${written.length}: ${told[index]} instead of ${written[index]}`;
  return told.length === written.length ? undefined : `${told.length} lines instead of ${written.length}`;
}
