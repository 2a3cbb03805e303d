/** What corespan learns late: a log that it reads after the cluster has moved on, a pod that is reported after it asked. */
import { chmodSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import { countLines } from './liveAccount.ts';
import { handOver, scale, toOwnWishes } from './liveHappenings.ts';
import { countPodChanges, untilPodChanges } from './livePodChanges.ts';
import { COURIER, NEWCOMER, type Watched, type World } from './liveWorld.ts';
import { readQueries } from './queryLog.ts';
import { type Client, toPodClient } from './traffic.ts';
import { until } from './until.ts';

/**
 * An address passes on while the sidecar knows of the cluster, but not yet of the lines: what the former holder asked is
 * read when the address has been another's for a while.
 */
export async function handOverUnread(world: World, from: Client): Promise<Client> {
  const { server, sidecar } = world.coreDns;
  return await whileUnread(world.coreDns, async () => {
    const gone = await countPodChanges(sidecar, 'DELETED');
    const next = await handOver(world, from, { to: COURIER, label: '-unread' });
    await untilPodChanges(sidecar, 'DELETED', gone + 1);
    // Forty queries, of which the log itself may lack the last ones for a moment.
    const read = countLines(await sidecar.metrics(), 'query');
    expect(readQueries(server.logFolder).length - read).toBeGreaterThan(20);
    return next;
  });
}

/** A pod is gone for the API while its processes go on for a moment: its address is nobody's when they ask. */
export async function askWhenGone({ cluster, traffic, coreDns }: World, by: Client): Promise<void> {
  if (by.pod === undefined) throw new Error('only a pod can be gone');
  const { namespace, name, uid } = by.pod;
  const gone = await countPodChanges(coreDns.sidecar, 'DELETED');
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await cluster.api.delete(path, { gracePeriodSeconds: 0, preconditions: { uid } });
  await untilPodChanges(coreDns.sidecar, 'DELETED', gone + 1);
  const nobody = { ...by, identity: 'stale', workload: { name: 'unknown', namespace: '' } };
  await traffic.ask(nobody, 'musl', toOwnWishes('stale', 4), 2);
}

/** A pod asks before the API server knows its address; it is told once the questions were read. */
export async function askUnreported(world: World): Promise<void> {
  const { cluster, traffic, coreDns } = world;
  const { server, sidecar } = coreDns;
  const changed = await countPodChanges(sidecar, 'MODIFIED');
  await scale(world, NEWCOMER, 1);
  await cluster.placeNext(NEWCOMER, {
    node: 'node1',
    async whileUnreported(pod) {
      // That it has a node is known; who asks before that is nobody yet.
      await untilPodChanges(sidecar, 'MODIFIED', changed + 1);
      await traffic.ask(toPodClient(pod, NEWCOMER.name), 'musl', toOwnWishes('unreported', 2), 2);
      const logged = await until('the questions in the log', () => {
        const queries = readQueries(server.logFolder);
        return queries.filter(({ client }) => client === pod.address).length >= 4 ? queries : undefined;
      });
      await until('the questions to be read', async () => {
        return countLines(await sidecar.metrics(), 'query') >= logged.length || undefined;
      });
    },
  });
}

/** The log goes on in a file that the sidecar may not open until all is over. */
async function whileUnread<T>({ server, sidecar }: Watched, happening: () => Promise<T>): Promise<T> {
  const path = server.logPath();
  const { mode } = statSync(path);
  // It would open the file before it is closed to it.
  sidecar.pause();
  try {
    await server.rotate();
    chmodSync(path, 0);
  } finally {
    sidecar.resume();
  }
  try {
    return await happening();
  } finally {
    chmodSync(path, mode);
  }
}
