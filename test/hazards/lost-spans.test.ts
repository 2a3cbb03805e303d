/** An endpoint does not take the spans of a replay: the exit code says so, and a sentence which endpoint and why. */
import { describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { type Behaviour, startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';

const REPLAY = ['replay', '-', '--cluster', 'none', '--json'];
const START = Date.parse('2025-11-21T12:00:00Z');

/** The exit code, and what a person is told of the spans. */
async function replayTo(url: string, options: readonly string[] = [], env: Record<string, string> = {}) {
  const args = [...REPLAY, '--shutdown-timeout', '500ms', ...options];
  const { code, stderr } = await runCorespan(args, { input: toQueryLog(10, { start: START }), env });
  const told = stderr.split('\n').filter((line) => line.startsWith('corespan: '));
  return { code, told: told.map((line) => line.replace(url, 'URL')) };
}

describe('an endpoint that', () => {
  it.each<{ case: string; behaviour: Behaviour; cause: string; lost?: number }>([
    { case: 'never answers', behaviour: 'hang', cause: 'they were not taken within --shutdown-timeout' },
    { case: 'refuses (400)', behaviour: { status: 400 }, cause: 'it answered 400 Bad Request' },
    { case: 'stays away (503)', behaviour: { status: 503 }, cause: 'it answered 503 Service Unavailable' },
    { case: 'closes the connection', behaviour: 'reset', cause: 'socket hang up' },
    {
      case: 'takes only a part',
      behaviour: { status: 200, body: { partialSuccess: { rejectedSpans: '7', errorMessage: 'too many' } } },
      cause: 'the endpoint refused them',
      lost: 7,
    },
  ])('$case', async ({ behaviour, cause, lost = 10 }) => {
    const server = await startOtlpServer();
    server.behave(behaviour);
    const told = await replayTo(server.url, ['--otlp-endpoint', server.url]);
    await server.stop();
    const sentence = `corespan: ${lost} spans did not reach URL (--otlp-endpoint): ${cause}`;
    expect(told).toEqual({ code: 1, told: [sentence] });
  });

  it('is not there, though the exporter would try on', async () => {
    const server = await startOtlpServer();
    await server.stop();
    const url = server.url.replace('//', '//user:secret@');
    const { code, told } = await replayTo(server.url, [], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const start = 'corespan: 10 spans did not reach URL (OTEL_EXPORTER_OTLP_ENDPOINT): connect ECONNREFUSED';
    expect({ code, told: told.map((line) => line.slice(0, start.length)) }).toEqual({
      code: 1,
      told: [start],
    });
  });

  it('twin: takes them all; those that --span-rate left out are no loss', async () => {
    const server = await startOtlpServer();
    const told = await replayTo(server.url, ['--otlp-endpoint', server.url, '--span-rate', '1']);
    await server.stop();
    // Of ten lookups within ten milliseconds the rate lets one through.
    expect({ ...told, arrived: server.spans.length }).toEqual({ code: 0, told: [], arrived: 1 });
  });
});
