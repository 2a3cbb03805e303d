/** What reaches the endpoint: bodies that are packed, written and addressed as options and variables say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SpanSink } from '../../src/spans/batcher.ts';
import { createBuild } from '../../src/spans/build.ts';
import { createOtlpSink, type OtlpOptions } from '../../src/spans/otlp.ts';
import { createResources } from '../../src/spans/resources.ts';
import { createCertificate } from '../support/certificate.ts';
import { listen } from '../support/listen.ts';
import { toLookup } from '../support/lookups.ts';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let received: Received[] = [];
/** Asked for the status of each answer; 200 if there is none. */
let answers: (() => Promise<number>)[] = [];

const take: RequestListener = (request, response) => {
  void buffer(request).then(async (body) => {
    received.push({ path: request.url, headers: request.headers, body });
    response.writeHead((await answers.shift()?.()) ?? 200, { 'Retry-After': '0' }).end();
  });
};

beforeEach(() => {
  [received, answers] = [[], []];
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const build = createBuild(
  { version: '1', graphSource: 'metrics', addressOf: () => undefined },
  createResources({ version: '1', skipsSpanMetrics: true, attributes: {} }),
);
const spans = build(toLookup(), undefined);

type Environment = Readonly<Record<string, string>>;

/** The exporter reads the variables of the process. */
async function open(
  endpoint: string,
  env: Environment,
  serviceAddress: OtlpOptions['serviceAddress'] = () => undefined,
): Promise<SpanSink> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const sink = await createOtlpSink({ endpoint, env, serviceAddress, takeRejected: () => 0 });
  onTestFinished(() => sink.shutdown());
  return sink;
}

function exportBy(sink: Pick<SpanSink, 'export'>, what: ReadableSpan[] = spans): Promise<ExportResultCode> {
  return new Promise((resolve) => {
    sink.export(what, ({ code }) => resolve(code));
  });
}

async function send(env: Environment): Promise<ExportResultCode> {
  const port = await listen(createServer(take));
  return exportBy(await open(`http://127.0.0.1:${port}`, env));
}

const JSON_BODY = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []);
const PROTOBUF_BODY = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []);
const NONE = { OTEL_EXPORTER_OTLP_COMPRESSION: 'none' };
const PROTOBUF = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
const [JSON_TYPE, PROTOBUF_TYPE] = ['application/json', 'application/x-protobuf'];

it.each([
  { says: 'nothing', env: {}, type: JSON_TYPE, packing: 'gzip', body: JSON_BODY },
  { says: 'none', env: NONE, type: JSON_TYPE, packing: undefined, body: JSON_BODY },
  {
    says: 'gzip for traces, none for the rest',
    env: { ...NONE, OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip' },
    type: JSON_TYPE,
    packing: 'gzip',
    body: JSON_BODY,
  },
  { says: 'protobuf', env: PROTOBUF, type: PROTOBUF_TYPE, packing: 'gzip', body: PROTOBUF_BODY },
  {
    says: 'protobuf and none',
    env: { ...PROTOBUF, ...NONE },
    type: PROTOBUF_TYPE,
    packing: undefined,
    body: PROTOBUF_BODY,
  },
  {
    says: 'what nobody knows for traces, and none with a blank for the rest',
    env: { OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'zstd', OTEL_EXPORTER_OTLP_COMPRESSION: ' none' },
    type: JSON_TYPE,
    packing: undefined,
    body: JSON_BODY,
  },
  {
    says: 'what nobody knows',
    env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' },
    type: JSON_TYPE,
    packing: 'gzip',
    body: JSON_BODY,
  },
])('where the variables say $says', async ({ env, type, packing, body }) => {
  expect(await send(env)).toBe(ExportResultCode.SUCCESS);
  expect(received.map(({ path }) => path)).toEqual(['/v1/traces']);
  expect(received[0]?.headers).toMatchObject({ 'content-type': type });
  expect(received[0]?.headers['content-encoding']).toBe(packing);
  expect(unpack(received[0])).toEqual(body);
});

it.each([
  { says: 'nothing', env: {}, compression: CompressionAlgorithm.GZIP },
  { says: 'none', env: NONE, compression: CompressionAlgorithm.NONE },
  {
    says: 'headers',
    env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop,content-type=text/plain,user-agent=me' },
    compression: CompressionAlgorithm.GZIP,
  },
])("sends what OpenTelemetry's own exporter sends, where the variables say $says", async (given) => {
  const { env, compression } = given;
  const url = `http://127.0.0.1:${await listen(createServer(take))}`;
  const ours = await open(url, env);
  const library = new OTLPTraceExporter({ url: `${url}/v1/traces`, compression });
  onTestFinished(() => library.shutdown());
  expect([await exportBy(ours), await exportBy(library)]).toEqual([0, 0]);
  const [own, other, ...more] = received.map((request) => ({ ...request, body: unpack(request) }));
  expect(more).toEqual([]);
  expect(other?.headers).toMatchObject({
    'content-type': JSON_TYPE,
    'user-agent': expect.stringContaining('OTel'),
  });
  expect(own).toEqual(other);
});

it('sends the headers that a variable asks for, and none that contradicts the body', async () => {
  await send({ OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop,content-encoding=br' });
  expect(received[0]?.headers).toMatchObject({ 'x-tenant': 'shop', 'content-encoding': 'gzip' });
});

it.each([
  { packing: 'gzip', env: {} },
  { packing: 'none', env: NONE },
])(
  'sends the same again to an endpoint that was away, whatever went in between: $packing',
  async ({ env }) => {
    const others = build(toLookup({ name: 'other.example.org' }), undefined);
    const sink = await open(`http://127.0.0.1:${await listen(createServer(take))}`, env);
    answers = [
      async () => {
        await exportBy(sink, others);
        return 503;
      },
    ];
    expect(await exportBy(sink)).toBe(ExportResultCode.SUCCESS);
    const otherBody = Buffer.from(JsonTraceSerializer.serializeRequest(others) ?? []);
    expect(otherBody).not.toEqual(JSON_BODY);
    expect(received.map(unpack)).toEqual([JSON_BODY, otherBody, JSON_BODY]);
  },
);

it('finds a Service by its name in the cluster', async () => {
  const port = await listen(createServer(take));
  const asked: string[] = [];
  const sink = await open(`http://tempo.observability.svc:${port}`, {}, (host) => {
    asked.push(host);
    return '127.0.0.1';
  });
  expect(await exportBy(sink)).toBe(ExportResultCode.SUCCESS);
  expect(asked).toEqual(['tempo.observability.svc']);
});

describe('over TLS', () => {
  const { cert, key } = createCertificate();
  let folder = '';
  let [certFile, keyFile] = ['', ''];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corespan-otlp-'));
    [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'])(
    'trusts the authority that %sCERTIFICATE names, and no other',
    async (prefix) => {
      const port = await listen(createTlsServer({ cert, key }, take));
      const url = `https://127.0.0.1:${port}`;
      expect(await exportBy(await open(url, {}))).toBe(ExportResultCode.FAILED);
      const sink = await open(url, { [`${prefix}CERTIFICATE`]: certFile });
      expect(await exportBy(sink)).toBe(ExportResultCode.SUCCESS);
      expect(received.map(unpack)).toEqual([JSON_BODY]);
    },
  );

  it.each(['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'])(
    'shows the certificate that %sCLIENT_CERTIFICATE and _CLIENT_KEY name',
    async (prefix) => {
      const port = await listen(createTlsServer({ cert, key, ca: cert, requestCert: true }, take));
      const url = `https://127.0.0.1:${port}`;
      const trust = { OTEL_EXPORTER_OTLP_CERTIFICATE: certFile };
      expect(await exportBy(await open(url, trust))).toBe(ExportResultCode.FAILED);
      const sink = await open(url, {
        ...trust,
        [`${prefix}CLIENT_CERTIFICATE`]: certFile,
        [`${prefix}CLIENT_KEY`]: keyFile,
      });
      expect(await exportBy(sink)).toBe(ExportResultCode.SUCCESS);
      expect(received.map(unpack)).toEqual([JSON_BODY]);
    },
  );
});

function unpack(request: Received | undefined): Buffer | undefined {
  return request?.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request?.body;
}
