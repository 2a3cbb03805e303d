/** What a CoreDNS says about itself in its log, which is the only place where it says when it serves. */
import { existsSync, readFileSync } from 'node:fs';
import { until } from './until.ts';

/** Its banner comes once every server listens; the kubernetes plugin has synchronised before, or given up. */
export async function untilServing(logPath: string): Promise<void> {
  await until(`CoreDNS to serve; see ${logPath}`, () => count(logPath, 'CoreDNS-') > 0 || undefined);
}

/** `signal` makes it reload; resolves when the new configuration serves. */
export async function untilReloaded(logPath: string, signal: () => void): Promise<void> {
  const before = count(logPath, 'Reloading complete');
  signal();
  await until(
    `CoreDNS to reload; see ${logPath}`,
    () => count(logPath, 'Reloading complete') > before || undefined,
  );
}

function count(path: string, words: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split(words).length - 1 : 0;
}
