/** The endpoint of the demo: it stands whatever it is sent. */
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { startOtlpReceiver } from '../../src/commands/otlpReceiver.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const span = { traceId: TRACE_ID, startTimeUnixNano: '1000000', endTimeUnixNano: '3000000' };
const shown = { traceId: TRACE_ID, client: '', asked: '', outcome: '', milliseconds: 2 };

async function startSink() {
  const sink = await startOtlpReceiver();
  onTestFinished(() => sink.stop());
  return {
    post: async (text: string) => {
      const headers = { 'Content-Encoding': 'gzip' };
      const body = gzipSync(text);
      return (await fetch(`${sink.url}/v1/traces`, { method: 'POST', headers, body })).status;
    },
    traces: async () => (await fetch(`${sink.url}/traces`)).json(),
  };
}

const toRequest = (...spans: readonly unknown[]): string =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

it('shows the newest traces', async () => {
  const { post, traces } = await startSink();
  const ids = Array.from({ length: 60 }, (_, n) => String(n));
  expect(await post(toRequest(...ids.map((traceId) => ({ ...span, traceId }))))).toBe(200);
  expect(await traces()).toEqual(
    ids
      .slice(-50)
      .reverse()
      .map((traceId) => ({ ...shown, traceId })),
  );
});

it('keeps nothing of a request that turns out to be wrong', async () => {
  const { post, traces } = await startSink();
  expect(await post(toRequest(span))).toBe(200);
  expect(await post(toRequest(span, { traceId: TRACE_ID }))).toBe(400);
  expect(await traces()).toEqual([shown]);
});

it('unpacks no more than it would take unpacked', async () => {
  const { post } = await startSink();
  // Blanks before it are right JSON.
  expect(await post(toRequest(span).padStart(8 * 1024 * 1024))).toBe(200);
  expect(await post(toRequest(span).padStart(8 * 1024 * 1024 + 1))).toBe(400);
});
