/** Where spans go changes nothing about them: a file holds what an endpoint would get. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { startOtlpServer } from '../support/otlpServer.ts';
import { attributeOf, readSpans } from '../support/truth.ts';

const REPLAY = ['replay', 'test/fixtures/day/pods', '--cluster', 'test/fixtures/day/cluster'];

it('a file holds the spans that an endpoint gets, with what OTEL_RESOURCE_ATTRIBUTES says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-destination-'));
  const path = join(folder, 'spans.jsonl');
  const env = {
    OTEL_RESOURCE_ATTRIBUTES:
      'deployment.environment=prod,k8s.cluster.name=west,service.name=other,k8s.deployment.name=coredns,host.name=x',
    OTEL_SERVICE_NAME: 'x',
  };
  const server = await startOtlpServer();
  await runCorespan([...REPLAY, '--otlp-endpoint', server.url], { env });
  await runCorespan([...REPLAY, '--spans-out', path], { env });
  await server.stop();
  const written = readSpans(readFileSync(path, 'utf8'));
  rmSync(folder, { recursive: true });
  expect(written.length).toBeGreaterThan(100);
  expect(written).toEqual(server.spans);
  const values = (name: string): Set<unknown> =>
    new Set(written.map(({ resource }) => attributeOf(resource, name)));
  expect(values('deployment.environment')).toEqual(new Set(['prod']));
  expect(values('k8s.cluster.name')).toEqual(new Set(['west']));
  // What tells of corespan's own pod is not the client's.
  expect(values('host.name')).toEqual(new Set(['']));
  for (const name of ['service.name', 'k8s.deployment.name']) {
    for (const ours of ['other', 'coredns', 'x']) expect(values(name)).not.toContain(ours);
  }
});
