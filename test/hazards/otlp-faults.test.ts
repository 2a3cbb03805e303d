/** The OTLP endpoint misbehaves in every way it can: every span is acked, pending or dropped with a reason. */
import { createServer } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOtel } from '../../src/spans/otel.ts';
import { createOtlpSink } from '../../src/spans/otlp.ts';
import { createSpans } from '../../src/spans/spans.ts';
import { createCertificate } from '../support/certificate.ts';
import { listen } from '../support/listen.ts';
import { toLookup } from '../support/lookups.ts';
import { type Behaviour, OK, type OtlpServer, startOtlpServer } from '../support/otlpServer.ts';
import { createTestSelf } from '../support/self.ts';

let server: OtlpServer;

beforeEach(async () => {
  server = await startOtlpServer();
});

afterEach(() => server.stop());

const LOOKUPS = 20;
/** Milliseconds until the exporter gives up: soon where nothing is to be had, and not at all on a busy machine elsewhere. */
const TIMEOUT = { lost: 700, taken: 30_000 };
/** Every span is settled by the exporter, at its timeout at the latest: nothing is cut off, however slow the machine. */
const NO_DEADLINE = new Promise<void>(() => {});

/** Sends lookups to `endpoint` and drains; what became of the spans, and which lookups may have exemplars. */
async function send(endpoint: string, timeout = TIMEOUT.lost) {
  const self = createTestSelf();
  const otel = await startOtel({}, self.log);
  const linked: string[] = [];
  // The exporter reads its timeout from the process's environment.
  const restore = setVariables({ OTEL_EXPORTER_OTLP_TIMEOUT: String(timeout) });
  const sink = await createOtlpSink({
    endpoint,
    env: process.env,
    serviceAddress: () => undefined,
    takeRejected: otel.takeRejected,
  });
  const spans = createSpans(
    {
      version: '0',
      graphSource: 'metrics',
      ratio: 1,
      rate: 1000,
      resource: {},
      addressOf: () => undefined,
      onExported: (_lookup, _edge, traceId) => linked.push(traceId),
    },
    sink,
    self.spans,
  );
  for (let n = 0; n < LOOKUPS; n++) spans.accept(toLookup(), undefined);
  await spans.stop(NO_DEADLINE);
  await otel.stop();
  restore();
  const dropped = self.registry
    .samples('corespan_dropped_total')
    .filter(({ labels, value }) => labels[0] === 'spans' && value > 0);
  return {
    acked: self.count('corespan_acked_total', 'spans'),
    pending: self.count('corespan_pending', 'spans'),
    dropped: Object.fromEntries(dropped.map(({ labels, value }) => [labels[1], value])),
    linked: linked.length,
    messages: self.messages.join(''),
  };
}

/** Sets variables of this process; the result puts each back. */
function setVariables(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

describe('an endpoint that', () => {
  it.each<{ case: string; behaviours: Behaviour[]; acked: number; dropped: Record<string, number> }>([
    { case: 'answers', behaviours: [OK], acked: LOOKUPS, dropped: {} },
    {
      case: 'is overloaded for a moment (429, Retry-After)',
      behaviours: [{ status: 429, headers: { 'Retry-After': '0' } }, OK],
      acked: LOOKUPS,
      dropped: {},
    },
    {
      case: 'is away for a moment (503)',
      behaviours: [{ status: 503, headers: { 'Retry-After': '0' } }, OK],
      acked: LOOKUPS,
      dropped: {},
    },
    {
      case: 'stays away (503)',
      behaviours: [{ status: 503 }],
      acked: 0,
      dropped: { export_failed: LOOKUPS },
    },
    { case: 'refuses (400)', behaviours: [{ status: 400 }], acked: 0, dropped: { export_failed: LOOKUPS } },
    { case: 'closes the connection', behaviours: ['reset'], acked: 0, dropped: { export_failed: LOOKUPS } },
    { case: 'never answers', behaviours: ['hang'], acked: 0, dropped: { export_failed: LOOKUPS } },
    {
      case: 'takes only a part',
      behaviours: [
        { status: 200, body: { partialSuccess: { rejectedSpans: '7', errorMessage: 'too many' } } },
      ],
      acked: LOOKUPS - 7,
      dropped: { partial_success: 7 },
    },
  ])('$case', async ({ behaviours, acked, dropped }) => {
    server.behave(...behaviours);
    const told = await send(server.url, acked > 0 ? TIMEOUT.taken : TIMEOUT.lost);
    expect(server.requests).toBeGreaterThan(0);
    expect(told).toMatchObject({ acked, dropped, pending: 0, linked: acked === LOOKUPS ? LOOKUPS : 0 });
    if (acked < LOOKUPS) expect(told.messages).toContain('Spans were dropped');
  });

  it('is not there', async () => {
    await server.stop();
    expect(await send(server.url)).toMatchObject({ acked: 0, dropped: { export_failed: LOOKUPS } });
  });

  it('has a name that does not resolve', async () => {
    expect(await send('http://tempo.invalid:4318')).toMatchObject({
      acked: 0,
      dropped: { export_failed: LOOKUPS },
    });
  });

  it('speaks TLS that cannot be trusted', async () => {
    const { key, cert } = createCertificate();
    const port = await listen(createServer({ key, cert }, (_, response) => response.end('{}')));
    expect(await send(`https://127.0.0.1:${port}`)).toMatchObject({
      acked: 0,
      dropped: { export_failed: LOOKUPS },
    });
  });
});
