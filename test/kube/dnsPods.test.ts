/** A list of pods that stops in the middle is given up, so that the next one can be asked for. */
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createConnection } from '../../src/kube/connection.ts';
import { createDnsPods } from '../../src/kube/dnsPods.ts';
import { listen } from '../support/listen.ts';
import { createFakeClock } from './fakeClock.ts';
import { openCredentials, until } from './harness.ts';

test('an answer that stalls is a failure after a while, and the next one counts', async () => {
  let answers = 0;
  const server = createServer((_, response) => {
    answers++;
    response.writeHead(200);
    if (answers === 1) response.write('{"items":[');
    else response.end('{"items":[]}');
  });
  const url = new URL(`http://127.0.0.1:${await listen(server)}`);
  const clock = createFakeClock({ random: 0 });
  const connection = createConnection(openCredentials(url), clock);
  const options = { namespace: 'kube-system', selector: 'k8s-app=kube-dns', containers: ['coredns'] };
  const pods = createDnsPods(options, { connection, clock });
  onTestFinished(() => pods.stop());

  const first = pods.look();
  // The time for the head is over once it has come; what waits then waits for the body.
  await until(() => answers === 1 && clock.waits.length === 1, 'the beginning of the answer');
  await new Promise((resolve) => setTimeout(resolve, 50));
  clock.advance(30_000);
  expect(await first).toEqual({ kind: 'failed', message: 'no more of the answer within 30 seconds' });
  expect(await pods.look()).toEqual({ kind: 'found', containers: new Map() });
});
