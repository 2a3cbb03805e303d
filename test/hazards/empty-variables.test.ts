/** Empty environment variables, as templates write them, count as not set: OpenTelemetry's and ours. */
import { expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { withoutEmpty } from '../../src/config/environment.ts';
import { runCorespan } from '../support/cli.ts';
import { startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';

const REPLAY = ['replay', '-', '--cluster', 'none', '--json'];

it('an empty endpoint is none, and an empty protocol is the default', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ',
    OTEL_EXPORTER_OTLP_PROTOCOL: '',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: '',
    CORESPAN_OTLP_ENDPOINT: '',
    CORESPAN_LOG_FORMAT: '',
    CORESPAN_SPAN_RATE: '',
  };
  const { code, stdout, stderr } = await runCorespan(REPLAY, { env, input: toQueryLog(10) });
  const { lookups, spans }: Summary = JSON.parse(stdout);
  expect({ code, lookups, spans }).toEqual({
    code: 0,
    lookups: { success: 10, denial: 0, error: 0 },
    spans: { acked: 0, dropped: {}, sampledOut: 0 },
  });
  expect(stderr).toContain('Spans are off');
});

it('an empty variable of traces leaves the general one in force (twin)', async () => {
  const server = await startOtlpServer();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: server.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '' };
  const { stdout } = await runCorespan(REPLAY, { env, input: toQueryLog(10) });
  await server.stop();
  const { spans }: Summary = JSON.parse(stdout);
  expect(spans).toEqual({ acked: 10, dropped: {}, sampledOut: 0 });
  expect(server.spans).toHaveLength(10);
});

it('a variable with a value stays', () => {
  expect(withoutEmpty({ A: '', B: '  ', C: undefined, D: '0', E: ' x ' })).toEqual({ D: '0', E: ' x ' });
});
