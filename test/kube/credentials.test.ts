/** Where the credentials come from, what they carry, and the sentence where there are none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Credentials, CredentialsOptions } from '../../src/kube/authorization.ts';
import { createConnection } from '../../src/kube/connection.ts';
import { loadCredentials } from '../../src/kube/credentials.ts';
import { startApiServer } from '../support/apiServer.ts';
import { createCertificate } from '../support/certificate.ts';
import { createFakeClock } from './fakeClock.ts';

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'corespan-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function load(more: Partial<CredentialsOptions>) {
  return loadCredentials({ kubeconfig: undefined, context: undefined, env: {}, ...more });
}

async function loaded(more: Partial<CredentialsOptions>): Promise<Credentials> {
  const credentials = await load(more);
  if ('problem' in credentials) throw new Error(credentials.problem);
  return credentials;
}

describe('in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '192.0.2.1', KUBERNETES_SERVICE_PORT: '6443' };

  test('the service account: address, token and authority', async () => {
    const serviceAccount = folder({ token: 'one\n', 'ca.crt': 'authority' });
    const credentials = await loaded({ env, serviceAccount });
    expect(credentials.server.href).toBe('https://192.0.2.1:6443/');
    expect(credentials.describe).toBe('service account of the pod');
    expect(await credentials.authorize()).toEqual({
      headers: { authorization: 'Bearer one' },
      tls: { ca: Buffer.from('authority') },
    });
  });

  test('an IPv6 address stands in brackets', async () => {
    const serviceAccount = folder({ token: 'one', 'ca.crt': '' });
    const credentials = await loaded({ env: { KUBERNETES_SERVICE_HOST: '2001:db8::1' }, serviceAccount });
    expect(credentials.server.host).toBe('[2001:db8::1]');
  });

  test('a new token is read after a minute, at once after a refusal; the authority every time', async () => {
    const clock = createFakeClock({ random: 0 });
    const serviceAccount = folder({ token: 'one', 'ca.crt': 'a' });
    const credentials = await loaded({ env, serviceAccount, now: () => clock.now() });
    const carried = async () => {
      const { headers, tls } = await credentials.authorize();
      return [headers['authorization'], String(tls.ca)];
    };
    writeFileSync(join(serviceAccount, 'token'), 'two');
    writeFileSync(join(serviceAccount, 'ca.crt'), 'b');
    clock.advance(59_999);
    expect(await carried()).toEqual(['Bearer one', 'b']);
    clock.advance(1);
    expect(await carried()).toEqual(['Bearer two', 'b']);
    writeFileSync(join(serviceAccount, 'token'), 'three');
    credentials.refresh();
    expect(await carried()).toEqual(['Bearer three', 'b']);
  });

  test('a token that vanishes while running rejects, and is found again', async () => {
    const serviceAccount = folder({ token: 'one', 'ca.crt': 'a' });
    const credentials = await loaded({ env, serviceAccount });
    rmSync(join(serviceAccount, 'token'));
    credentials.refresh();
    await expect(credentials.authorize()).rejects.toThrow('ENOENT');
    writeFileSync(join(serviceAccount, 'token'), 'two');
    expect((await credentials.authorize()).headers).toEqual({ authorization: 'Bearer two' });
  });

  test.each([
    ['no service account is mounted', {}],
    ['the authority is missing', { token: 'one' }],
  ])('%s: a problem that says what to do', async (_, files) => {
    const credentials = await load({ env, serviceAccount: folder(files) });
    expect(credentials).toEqual({
      problem: expect.stringMatching(
        /^the pod's service account cannot be read \(ENOENT.*\); mount it .*/,
      ) as unknown,
    });
  });

  test('a port that is none', async () => {
    const credentials = await load({
      env: { ...env, KUBERNETES_SERVICE_PORT: 'tcp://x' },
      serviceAccount: folder(),
    });
    expect(credentials).toEqual({
      problem: 'KUBERNETES_SERVICE_HOST and _PORT make no address: https://192.0.2.1:tcp://x',
    });
  });
});

interface Parts {
  readonly server?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly current?: string;
  readonly name?: string;
}

/** JSON is YAML. */
function kubeconfig({
  server = 'https://192.0.2.1:6443',
  cluster,
  user,
  current,
  name = 'lab',
}: Parts = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user: user ?? { token: 'secret' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': current ?? name,
  });
}

describe('outside a pod', () => {
  test('~/.kube/config', async () => {
    const home = folder();
    const path = join(folder({ config: kubeconfig() }), 'config');
    expect(await load({ env: { HOME: home } })).toEqual({
      problem: `not in a pod, and no kubeconfig at ${join(home, '.kube', 'config')}: name one with --kubeconfig`,
    });
    const credentials = await loaded({ env: { KUBECONFIG: path } });
    expect(credentials.describe).toBe(`context lab of ${path}`);
    expect(credentials.server.href).toBe('https://192.0.2.1:6443/');
    expect(await credentials.authorize()).toEqual({ headers: { Authorization: 'Bearer secret' }, tls: {} });
  });

  test('no home at all', async () => {
    expect(await load({})).toEqual({
      problem: 'not in a pod, and no kubeconfig: name one with --kubeconfig',
    });
  });

  test('several files are one, the first current context counts, and missing ones are passed over', async () => {
    const path = folder({
      one: kubeconfig({ name: 'one' }),
      two: kubeconfig({ name: 'two', server: 'https://192.0.2.2' }),
    });
    const KUBECONFIG = ['none', 'one', 'two'].map((name) => join(path, name)).join(delimiter);
    expect((await loaded({ env: { KUBECONFIG } })).server.hostname).toBe('192.0.2.1');
    expect((await loaded({ env: { KUBECONFIG }, context: 'two' })).server.hostname).toBe('192.0.2.2');
  });

  test('--kubeconfig in a pod comes before its service account', async () => {
    const path = join(folder({ config: kubeconfig() }), 'config');
    const credentials = await loaded({ kubeconfig: path, env: { KUBERNETES_SERVICE_HOST: '192.0.2.9' } });
    expect(credentials.server.hostname).toBe('192.0.2.1');
  });

  test('a user name and a password', async () => {
    const path = join(
      folder({ config: kubeconfig({ user: { username: 'me', password: 'pass' } }) }),
      'config',
    );
    const { headers } = await (await loaded({ kubeconfig: path })).authorize();
    expect(headers).toEqual({ Authorization: 'Basic bWU6cGFzcw==' });
  });

  test('certificates and a server name', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const text = kubeconfig({
      cluster: { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'api.example.org' },
      user: { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
    });
    const path = join(folder({ config: text }), 'config');
    const authorization = await (await loaded({ kubeconfig: path })).authorize();
    expect(authorization).toEqual({
      headers: {},
      tls: {
        ca: Buffer.from('ca'),
        cert: Buffer.from('cert'),
        key: Buffer.from('key'),
        servername: 'api.example.org',
      },
    });
  });

  test('a proxy is gone through', async () => {
    const path = join(
      folder({ config: kubeconfig({ cluster: { 'proxy-url': 'http://192.0.2.3:3128' } }) }),
      'config',
    );
    const { agent } = await (await loaded({ kubeconfig: path })).authorize();
    expect(agent).toBeDefined();
  });

  test('an exec plugin is asked once, and again after a refusal', async () => {
    const path = folder();
    const count = join(path, 'count');
    writeFileSync(count, '');
    const script = `require('fs').appendFileSync(process.argv[1], 'x');
      const token = 'token-' + require('fs').readFileSync(process.argv[1], 'utf8').length;
      console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }))`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, count],
      interactiveMode: 'Never',
    };
    writeFileSync(join(path, 'config'), kubeconfig({ user: { exec } }));
    const credentials = await loaded({ kubeconfig: join(path, 'config') });
    const token = async () => (await credentials.authorize()).headers['Authorization'];
    expect([await token(), await token()]).toEqual(['Bearer token-1', 'Bearer token-1']);
    credentials.refresh();
    expect(await token()).toBe('Bearer token-2');
  });

  test('a call with them reaches the server over TLS', async () => {
    const certificate = createCertificate();
    const api = await startApiServer(certificate);
    onTestFinished(() => api.close());
    const text = kubeconfig({
      server: api.url.href,
      cluster: { 'certificate-authority-data': Buffer.from(certificate.cert).toString('base64') },
    });
    const credentials = await loaded({ kubeconfig: join(folder({ config: text }), 'config') });
    const connection = createConnection(credentials, createFakeClock({ random: 0 }));
    onTestFinished(() => connection.close());
    expect(await connection.get('/api/v1/pods', new AbortController().signal)).toMatchObject({
      kind: 'accepted',
    });
    expect(api.calls.map(({ authorization }) => authorization)).toEqual(['Bearer secret']);
  });

  test.each([
    ['is not there', undefined, undefined, /^--kubeconfig: there is no file /],
    [
      'is no YAML',
      '{',
      undefined,
      /^--kubeconfig: [^:\n]+config: .*(flow|end of the stream|expected)[^\n]*$/,
    ],
    [
      'is another kind of file',
      '{"a":1}',
      undefined,
      /: there is no current context: name one with --context$/,
    ],
    [
      'lacks the context',
      kubeconfig(),
      'prod',
      /^--kubeconfig: [^:]+config: --context: there is no context prod, only lab$/,
    ],
    [
      'lacks its cluster',
      kubeconfig().replace('"cluster":"lab"', '"cluster":"moon"'),
      undefined,
      /: context lab names a cluster that is not there$/,
    ],
    [
      'speaks plain http',
      kubeconfig({ server: 'http://192.0.2.1' }),
      undefined,
      /is plain http; allow it with/,
    ],
    ['names no address', kubeconfig({ server: 'lab' }), undefined, /: Invalid URL$/],
  ])('a kubeconfig that %s: a problem that says so', async (_, text, context, problem) => {
    const path = join(folder(text === undefined ? {} : { config: text }), 'config');
    expect(await load({ kubeconfig: path, context })).toEqual({
      problem: expect.stringMatching(problem) as unknown,
    });
  });
});

test('the library for kubeconfigs is imported by one file alone, and that file only when it is needed', () => {
  const sources = new URL('../../src/kube/', import.meta.url);
  const texts = readdirSync(sources).map(
    (name) => [name, readFileSync(new URL(name, sources), 'utf8')] as const,
  );
  const importers = (pattern: RegExp) => texts.filter(([, text]) => pattern.test(text)).map(([name]) => name);
  expect(importers(/from '@kubernetes\/client-node'/)).toEqual(['kubeconfig.ts']);
  expect(importers(/from '\.\/kubeconfig\.ts'/)).toEqual([]);
  expect(importers(/await import\('\.\/kubeconfig\.ts'\)/)).toEqual(['credentials.ts']);
});
