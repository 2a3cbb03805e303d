/** One GET over TLS: who is trusted, what is carried, and what a refusal says. */
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Authorization } from '../../src/kube/authorization.ts';
import { createConnection } from '../../src/kube/connection.ts';
import { startApiServer } from '../support/apiServer.ts';
import { createCertificate } from '../support/certificate.ts';
import { listen } from '../support/listen.ts';
import { createFakeClock } from './fakeClock.ts';
import { openCredentials, startApi, until } from './harness.ts';

const NEVER = new AbortController().signal;

function connect(server: URL, authorization: Authorization = { headers: {}, tls: {} }) {
  const clock = createFakeClock({ random: 0 });
  const credentials = { ...openCredentials(server), authorize: () => Promise.resolve(authorization) };
  const connection = createConnection(credentials, clock);
  onTestFinished(() => connection.close());
  return { connection, clock };
}

describe('over TLS', () => {
  test('a server with the right certificate is asked, with the headers of the credentials', async () => {
    const certificate = createCertificate();
    const api = await startApiServer(certificate);
    onTestFinished(() => api.close());
    const { connection } = connect(api.url, {
      headers: { authorization: 'Bearer t' },
      tls: { ca: certificate.cert },
    });
    const opened = await connection.get('/api/v1/pods?limit=1', NEVER);
    expect(opened.kind).toBe('accepted');
    expect(api.calls.map(({ authorization }) => authorization)).toEqual(['Bearer t']);
  });

  test('a server with another certificate is not told anything', async () => {
    const api = await startApiServer(createCertificate());
    onTestFinished(() => api.close());
    const { connection } = connect(api.url, {
      headers: { authorization: 'Bearer t' },
      tls: { ca: createCertificate().cert },
    });
    expect(await connection.get('/api/v1/pods?limit=1', NEVER)).toMatchObject({
      kind: 'broken',
      cause: 'unreachable',
    });
    expect(api.calls).toEqual([]);
  });
});

test('a server behind a path keeps its path', async () => {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    response.end('{}');
  });
  const port = await listen(server);
  const { connection } = connect(new URL(`http://127.0.0.1:${port}/k8s/clusters/c-1/`));
  const opened = await connection.get('/api/v1/pods?limit=1', NEVER);
  if (opened.kind === 'accepted') opened.body.destroy();
  expect(paths).toEqual(['/k8s/clusters/c-1/api/v1/pods?limit=1']);
});

describe('a refusal', () => {
  test.each([
    [
      'with a Status',
      { code: 422, message: 'no', headers: {} },
      { code: 422, message: 'no', retryAfter: undefined },
    ],
    [
      'with Retry-After',
      { code: 503, message: 'busy', headers: { 'retry-after': '3' } },
      { code: 503, message: 'busy', retryAfter: 3000 },
    ],
  ])('%s', async (_, fault, status) => {
    const api = await startApi();
    const { connection } = connect(api.url);
    api.fail('pods', { kind: 'status', ...fault });
    expect(await connection.get('/api/v1/pods?limit=1', NEVER)).toEqual({
      kind: 'refused',
      status,
      isInStream: false,
    });
  });

  test.each([
    ['of HTML, from a proxy on the way', '<html>502</html>'],
    ['of more than anybody reads', `"${'x'.repeat(200_000)}"`],
    ['with another code in its body', '{"code":200}'],
  ])('%s', async (_, body) => {
    const server = createServer((_, response) => {
      response.writeHead(502).end(body);
    });
    const port = await listen(server);
    const { connection } = connect(new URL(`http://127.0.0.1:${port}`));
    expect(await connection.get('/api/v1/pods', NEVER)).toEqual({
      kind: 'refused',
      status: { code: 502, message: '', retryAfter: undefined },
      isInStream: false,
    });
  });
});

describe('no answer', () => {
  test('because nobody listens', async () => {
    const api = await startApi();
    await api.close();
    const { connection, clock } = connect(api.url);
    const opened = await connection.get('/api/v1/pods', NEVER);
    expect(opened).toMatchObject({ kind: 'broken', cause: 'unreachable' });
    expect(clock.waits).toEqual([]);
  });

  test('within 30 seconds', async () => {
    const api = await startApi();
    const { connection, clock } = connect(api.url);
    api.fail('pods', { kind: 'black_hole' });
    const opening = connection.get('/api/v1/pods', NEVER);
    await until(() => api.calls.length === 1, 'the call');
    clock.advance(29_999);
    expect(api.streams('pods')).toBe(1);
    clock.advance(1);
    expect(await opening).toEqual({
      kind: 'broken',
      cause: 'header_timeout',
      message: 'no answer within 30 seconds',
    });
  });

  test('because there are no credentials to ask with', async () => {
    const credentials = {
      ...openCredentials(new URL('http://127.0.0.1:1')),
      authorize: () => Promise.reject(new Error('the plugin says no')),
    };
    const connection = createConnection(credentials, createFakeClock({ random: 0 }));
    expect(await connection.get('/api/v1/pods', NEVER)).toEqual({
      kind: 'broken',
      cause: 'credentials',
      message: 'the plugin says no',
    });
  });

  test('because it was given up before it began', async () => {
    const api = await startApi();
    const { connection, clock } = connect(api.url);
    expect(await connection.get('/api/v1/pods', AbortSignal.abort())).toMatchObject({ kind: 'broken' });
    expect([api.calls, clock.waits]).toEqual([[], []]);
  });
});
