/** Without a cluster nobody ever names a client: no query waits for the change that would. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { startRunning } from '../support/running.ts';

let server: OtlpServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.stop());

it.each<{ case: string; options: string[]; env: Record<string, string> }>([
  { case: '--cluster none', options: ['--cluster', 'none'], env: {} },
  // The service account is not there: a pod goes on without.
  { case: 'a cluster with problems', options: [], env: { KUBERNETES_SERVICE_HOST: '192.0.2.1' } },
])('$case', async ({ options, env }) => {
  const running = startRunning(
    [
      'run',
      '--source',
      'stdin',
      ...options,
      '--listen',
      'none',
      '--sample-ratio',
      '1',
      '--otlp-endpoint',
      server.url,
    ],
    env,
  );
  await running.says(/Following the log/);
  // An hour ahead of the wall clock, which therefore closes nothing; and no two lines are three seconds apart.
  running.child.stdin?.write(toQueryLog(30, { start: Date.now() + 3_600_000, step: 90 }));
  await server.until(() => server.spans.length > 0);
  expect(await running.stop()).toBe(0);
  expect(server.spans).toHaveLength(30);
});
