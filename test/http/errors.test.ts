import { createServer } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { startHttpServer } from '../../src/http/server.ts';
import { createTestSelf } from '../support/self.ts';

afterEach(() => vi.restoreAllMocks());

vi.mock('node:http', { spy: true });

it('an error of the listening server after its start is told and ends nothing', async () => {
  const self = createTestSelf();
  const views = { async *metrics() {}, waitingFor: () => [], page: () => '' };
  const server = await startHttpServer({ host: '127.0.0.1', port: 0 }, views, self.http);
  const [made] = vi.mocked(createServer).mock.results;
  made?.value.emit('error', new Error('accept EMFILE'));
  expect(self.messages.join('')).toContain('accept EMFILE');
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.stop();
});
