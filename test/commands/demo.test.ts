/** `corespan demo`: what it says there is to try is there, and shows something. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runCorespan, startCorespan } from '../support/cli.ts';
import { startOtlpServer } from '../support/otlpServer.ts';

describe('what the demo says there is to try', () => {
  it('is nothing when it plays once: it is over before anybody could', async () => {
    const { code, stdout, stderr } = await runCorespan(['demo', '--once', '--listen', '127.0.0.1:0']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Playing a recorded cluster: once, as fast as it goes\.\n\nlines read /);
    expect(stdout).not.toMatch(/Open|Try|https?:/);
    // It did play, to the end.
    expect(stdout).toMatch(/\nlookups +\d+ success, /);
  });

  it('keeps its spans, whatever the environment says about other endpoints', async () => {
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_SDK_DISABLED: 'true' };
    const { stdout, stderr } = await runCorespan(['demo', '--once', '--listen', 'none'], { env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\nspans +[1-9]\d* exported/);
  });

  it('is told, with --once, where another endpoint did not take them', async () => {
    const server = await startOtlpServer();
    const once = [
      'demo',
      '--once',
      '--listen',
      'none',
      '--shutdown-timeout',
      '1s',
      '--otlp-endpoint',
      server.url,
    ];
    const taken = await runCorespan(once);
    server.behave({ status: 400 });
    const refused = await runCorespan(once);
    await server.stop();
    expect([taken.code, taken.stderr]).toEqual([0, '']);
    expect([refused.code, refused.stderr.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      expect.stringMatching(
        /^corespan: \d+ spans did not reach \S+ \(--otlp-endpoint\): it answered 400 Bad Request$/,
      ),
    ]);
    expect(refused.stdout).toMatch(/\nspans +0 exported/);
  });

  it.each([
    {
      case: 'the page, the metrics and the traces',
      args: ['--listen', '127.0.0.1:0'],
      paths: ['/', '/metrics', '/metrics', '/traces'],
      counted: [true, true],
    },
    { case: 'the traces', args: ['--listen', 'none'], paths: ['/traces'], counted: [] },
    { case: 'nothing', args: ['--listen', 'none', '--otlp-endpoint', 'none'], paths: [], counted: [] },
  ])('in a loop is $case, and all of it answers', async ({ args, paths, counted }) => {
    const demo = startCorespan(['demo', ...args]);
    let stdout = '';
    demo.stdout.on('data', (part: Buffer) => {
      stdout += part.toString();
    });
    try {
      while (!stdout.includes('\n\n')) await once(demo.stdout, 'data');
      const urls = stdout.match(/https?:\/\/\S+/g) ?? [];
      expect(urls.map((url) => new URL(url).pathname)).toEqual(paths);
      expect(stdout.includes('Try')).toBe(paths.length > 0);
      // Whoever is quick sees numbers, not only rows at 0.
      const expositions = await Promise.all(
        urls.filter((url) => url.endsWith('/metrics')).map(async (url) => (await fetch(url)).text()),
      );
      expect(
        expositions.map((text) => /^traces_service_graph_request_total\{.*\} [1-9]/m.test(text)),
      ).toEqual(counted);
      expect(await Promise.all(urls.map(async (url) => (await fetch(url)).status))).toEqual(
        paths.map(() => 200),
      );
    } finally {
      demo.kill('SIGTERM');
      await once(demo, 'close');
    }
  });
});
