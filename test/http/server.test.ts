import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type PageView, toPage } from '../../src/http/page.ts';
import { type HttpServer, startHttpServer, type Views } from '../../src/http/server.ts';
import { createTestSelf } from '../support/self.ts';

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(views: Partial<Views> = {}): Promise<string> {
  server = await startHttpServer(
    { host: '127.0.0.1', port: 0 },
    {
      async *metrics(format) {
        yield `# ${format}\n`;
        yield 'a 1\n';
      },
      waitingFor: () => [],
      page: () => '<!doctype html>',
      ...views,
    },
    createTestSelf().http,
  );
  return server.url;
}

describe('what is served', () => {
  it.each([
    { path: '/healthz', status: 200, body: 'ok\n' },
    { path: '/readyz', status: 200, body: 'ready\n' },
    { path: '/metrics', status: 200, body: '# text\na 1\n' },
    { path: '/metrics?x=1', status: 200, body: '# text\na 1\n' },
    { path: '/', status: 200, body: '<!doctype html>' },
    { path: '/<script>', status: 404, body: 'there are /, /metrics, /healthz and /readyz\n' },
  ])('$path', async ({ path, status, body }) => {
    const response = await fetch(`${await start()}${path}`);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  it('says what it waits for', async () => {
    const response = await fetch(
      `${await start({ waitingFor: () => ['pods', 'services (forbidden)'] })}/readyz`,
    );
    expect([response.status, await response.text()]).toEqual([
      503,
      'waiting for:\n- pods\n- services (forbidden)\n',
    ]);
  });

  it.each(['POST', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    const response = await fetch(`${await start()}/metrics`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${await start()}/metrics`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('the format of the metrics', () => {
  it.each([
    { accept: '', expected: 'text' },
    { accept: '*/*', expected: 'text' },
    { accept: 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', expected: 'text' },
    {
      accept:
        'application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5',
      expected: 'openmetrics',
    },
    { accept: 'application/openmetrics-text;q=0, text/plain', expected: 'text' },
  ])('"$accept": $expected', async ({ accept, expected }) => {
    const response = await fetch(`${await start()}/metrics`, { headers: { accept } });
    expect(await response.text()).toBe(`# ${expected}\na 1\n`);
    expect(response.headers.get('content-type')).toBe(
      expected === 'text'
        ? 'text/plain; version=0.0.4; charset=utf-8'
        : 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
  });
});

describe('who asks for metrics', () => {
  const PROMETHEUS = {
    'user-agent': 'Prometheus/3.15.0',
    accept: 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4',
  };
  const scraperOf = async (headers: Record<string, string>): Promise<string> => {
    const url = await start({
      async *metrics(_format, scraper) {
        yield scraper ?? 'a person';
      },
    });
    const response = await fetch(`${url}/metrics`, { headers });
    const text = await response.text();
    await server?.stop();
    return text;
  };

  it('is one scraper over all connections, and two behind a proxy are two', async () => {
    const [first, again, ...others] = [
      await scraperOf(PROMETHEUS),
      await scraperOf(PROMETHEUS),
      await scraperOf({ ...PROMETHEUS, 'x-forwarded-for': '192.0.2.1' }),
      await scraperOf({ ...PROMETHEUS, 'x-forwarded-for': '192.0.2.2' }),
      await scraperOf({ ...PROMETHEUS, 'user-agent': 'vm_promscrape' }),
      await scraperOf({ ...PROMETHEUS, accept: 'text/plain;version=0.0.4' }),
    ];
    expect(again).toBe(first);
    expect(first).toMatch(/^(::ffff:)?127\.0\.0\.1 .*Prometheus\/3\.15\.0 /);
    expect(new Set([first, ...others]).size).toBe(5);
  });

  it('is bounded', async () => {
    expect(await scraperOf({ ...PROMETHEUS, 'user-agent': 'x'.repeat(5_000) })).toHaveLength(500);
  });

  it.each([
    { case: 'curl', headers: { 'user-agent': 'curl/8.5.0', accept: '*/*' } },
    {
      case: 'a browser',
      headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
    },
  ])('is a person: $case', async ({ headers }) => {
    expect(await scraperOf(headers)).toBe('a person');
  });
});

describe('who behaves badly', () => {
  function sendRaw(url: string, text: string): Promise<string> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on('data', (part) => {
        answer += part.toString();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }

  it('huge headers are refused', async () => {
    const answer = await sendRaw(
      await start(),
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('garbage is refused', async () => {
    expect(await sendRaw(await start(), 'garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('a view that fails ends the connection, not the server', async () => {
    const url = await start({
      async *metrics() {
        yield 'a 1\n';
        throw new Error('no');
      },
    });
    await expect(fetch(`${url}/metrics`).then((response) => response.text())).rejects.toThrow();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('the page', () => {
  const view: PageView = {
    version: '1.2.3',
    source: 'a test',
    edges: [
      { client: 'shop/web', server: 'pay/api', lookups: 12_345, failed: 0, mean: '1.0 ms' },
      { client: '<script>alert(1)</script>', server: '"&\'', lookups: 10, failed: 5, mean: '2.0 s' },
    ],
    ledger: [['lines read', 99]],
    waitingFor: [],
  };

  it('shows edges by use, and escapes what comes from outside', () => {
    const page = toPage(view);
    expect(page).toContain('<td>shop/web</td><td>&rarr;</td><td>pay/api</td><td>12,345</td>');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('5 (50 %)');
    expect(page).not.toContain('<script>');
  });

  it('says who was denied and what it leaves out', () => {
    const kinds = [
      ['was valid', 3],
      ['never valid', 0],
    ] as const;
    const denials = [{ client: '<b>', lookups: 3, kinds }];
    const page = toPage({ ...view, denials, notes: ['On no edge: 3 & more.'] });
    expect(page).toContain('<th>client</th><th>denied</th><th>was valid</th><th>never valid</th>');
    expect(page).toContain('<tr><td>&lt;b&gt;</td><td>3</td><td>3</td><td></td></tr>');
    expect(page).toContain('<p>On no edge: 3 &amp; more.</p>');
    expect(toPage(view)).not.toContain('denied');
  });

  it('says when there is nothing yet, and what it waits for', () => {
    const page = toPage({ ...view, edges: [], waitingFor: ['pods'] });
    expect(page).toContain('No lookup has closed yet');
    expect(page).toContain('Waiting for: pods');
  });
});
