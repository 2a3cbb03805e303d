/** Whatever a server answers, the doctor has a sentence for it. */
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type ClusterReader, createClusterReader } from '../../src/install/doctor/cluster.ts';
import { openCredentials } from '../kube/harness.ts';
import { listen } from '../support/listen.ts';

async function open(body: string): Promise<ClusterReader> {
  const server = createServer((_, response) => response.end(body));
  const reader = createClusterReader(openCredentials(new URL(`http://127.0.0.1:${await listen(server)}`)));
  onTestFinished(() => reader.close());
  return reader;
}

const PODS = '/api/v1/pods?labelSelector=x&limit=500';

test.each([
  ['<html>', expect.stringContaining('is not valid JSON')],
  ['', 'Unexpected end of JSON input'],
  ['null', `the answer to ${PODS} is no object`],
  ['{}', `the answer to ${PODS} is no list`],
])('%j is no list of pods', async (body, refused) => {
  const reader = await open(body);
  expect(await reader.dnsPods('x', [])).toEqual({ refused, status: 0 });
});

test('a server that tells no number of pods has none', async () => {
  const reader = await open('{}');
  expect(await reader.countPods(undefined)).toBe(0);
});
