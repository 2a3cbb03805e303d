/** What every verb's pipeline is given: how long a client may stay unnamed, and how long it is remembered. */
import { expect, it } from 'vitest';
import { type Cluster, NOBODY } from '../../src/commands/cluster.ts';
import { type StartedPipeline, type StartOptions, startPipeline } from '../../src/commands/startPipeline.ts';
import { load } from '../../src/config/load.ts';
import type { Change } from '../../src/kube/objects.ts';
import type { Lines } from '../../src/records/line.ts';
import { NOON, toLines } from '../parse/lines.ts';
import { nodeObject, podObject } from '../support/objects.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

const CLIENT = '10.244.1.7';
const WEB = podObject('web', { addresses: [CLIENT], started: NOON - 500 });

interface Started extends StartedPipeline {
  readonly self: TestSelf;
  readonly change: (change: Change) => void;
}

/** Nodes are known, and no pod. */
async function start(times: Pick<StartOptions, 'graceMs' | 'retainMs'>): Promise<Started> {
  const self = createTestSelf();
  const args = ['--otlp-endpoint', 'none'];
  const { config } = load({ verb: 'run', args, env: {}, readFile: () => '' });
  let tell: (change: Change) => void = () => {};
  const cluster: Cluster = {
    ...NOBODY,
    start(accept) {
      tell = accept;
    },
  };
  const started = await startPipeline({ config, self, env: {}, cluster, readerWaits: false, ...times });
  tell({ type: 'replace', at: -Infinity, resource: 'nodes', objects: [nodeObject('node1')] });
  tell({ type: 'replace', at: -Infinity, resource: 'pods', objects: [] });
  return { ...started, self, change: tell };
}

/** A client's question, answered at that time. */
function toQuestion(time: number, client = CLIENT): Lines {
  const text = `[INFO] ${client}:40000 - 1 "A IN www.example.org. udp 40 false 512" NOERROR qr,rd,ra 100 0.0002s`;
  return toLines([text], { timeOf: () => time });
}

function countNamed({ self }: Started): Record<string, number> {
  const names = ['pod', 'snat', 'stale'];
  return Object.fromEntries(names.map((name) => [name, self.count('corespan_peer_resolutions_total', name)]));
}

it.each([
  ['waits for the change that names it', 3_000, { pod: 1, snat: 0, stale: 0 }],
  ['is nobody where nothing is waited for', 0, { pod: 0, snat: 1, stale: 0 }],
])('a client that is reported a second after it asked %s', async (_, graceMs, named) => {
  const started = await start({ graceMs, retainMs: 600_000 });
  started.pipeline.accept(toQuestion(NOON));
  started.pipeline.tick(NOON);
  started.pipeline.tick(NOON + 1_000);
  started.change({ type: 'put', at: NOON + 1_000, object: WEB });
  started.pipeline.tick(NOON + 1_100);
  expect(countNamed(started)).toEqual(named);
  await started.stop(0);
});

it.each([
  ['is remembered', 600_000, { pod: 1, snat: 0, stale: 0 }],
  ['is forgotten where nothing is kept', 0, { pod: 0, snat: 1, stale: 0 }],
])('a client that was gone before its line was read %s', async (_, retainMs, named) => {
  const started = await start({ graceMs: 0, retainMs });
  started.change({ type: 'put', at: NOON - 100, object: WEB });
  started.change({ type: 'delete', at: NOON + 100, object: WEB });
  // Somebody else's question tells that it is later by now.
  started.pipeline.accept(toQuestion(NOON + 1_000, '192.0.2.9'));
  started.pipeline.tick(NOON);
  started.pipeline.accept(toQuestion(NOON));
  expect(countNamed(started)).toEqual(named);
  await started.stop(0);
});
