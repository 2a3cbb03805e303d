/** Inside a pod corespan stays, even where nothing is served that would hold the process: a crash loop unreadies DNS. */
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { listen } from '../support/listen.ts';
import { type Running, startRunning } from '../support/running.ts';

const IN_POD = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };

let running: Running | undefined;
afterEach(() => running?.child.kill('SIGKILL'));

/** Whoever ends by itself has long done so when another process has come and gone. */
async function staysAndStops({ child, stop }: Running): Promise<void> {
  expect(await runCorespan(['--version'])).toMatchObject({ code: 0 });
  expect(child.exitCode).toBeNull();
  expect(await stop()).toBe(0);
}

it('a wrong option with --listen none', async () => {
  running = startRunning(['run', '--listen', 'none', '--nope'], IN_POD);
  await running.says(/corespan does nothing until it is restarted/);
  await staysAndStops(running);
});

it('a wrong option while the port is taken', async () => {
  const port = await listen(createServer());
  running = startRunning(['run', '--listen', `127.0.0.1:${port}`, '--max-edges', 'x'], IN_POD);
  await running.says(/Nothing is served/);
  await staysAndStops(running);
});

it('the end of the input with --listen none', async () => {
  const args = ['--source', 'stdin', '--cluster', 'none', '--listen', 'none'];
  running = startRunning(['run', ...args], IN_POD);
  running.child.stdin?.end();
  await running.says(/The input has ended/);
  await staysAndStops(running);
});

it('twin: with --strict, and outside a pod, a wrong option ends it at once', async () => {
  const args = ['run', '--listen', 'none', '--nope'];
  expect(await runCorespan([...args, '--strict'], { env: IN_POD })).toMatchObject({ code: 2 });
  expect(await runCorespan(args)).toMatchObject({ code: 2 });
});
