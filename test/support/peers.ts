/** The peers room for tests: what it lets go is returned instead of handed on. */
import type { Change, ClusterObject, Resource } from '../../src/kube/objects.ts';
import { createPeers, type Peers, type PeersOptions } from '../../src/peers/resolver.ts';
import type { ResolvedQuery } from '../../src/records/lookup.ts';
import type { Target } from '../../src/records/peer.ts';
import type { Query } from '../../src/records/query.ts';
import { NOON, type QueryFields, toQuery } from './queries.ts';
import { createTestSelf } from './self.ts';

export interface TestPeers extends Omit<Peers, 'accept' | 'tick' | 'flush'> {
  accept(queries: readonly Query[], now: number): ResolvedQuery[];
  tick(now: number): ResolvedQuery[];
  flush(): ResolvedQuery[];
  /** Who asked from `address` at `at`: a pod by its name, anybody else by the reason. */
  clientAt(address: string, at: number, fields?: Partial<QueryFields>): string;
  /** What a name led to at `at`. */
  targetAt(name: string, at: number): Target;
  /** How many objects of a kind are held. */
  held(kind: 'pods' | 'addresses' | 'services' | 'nodes'): number;
}

/** Knows the whole history, as with a recording, unless told otherwise. */
export function createTestPeers(options: Partial<PeersOptions> = {}): TestPeers {
  let gone: ResolvedQuery[] = [];
  const self = createTestSelf();
  const peers = createPeers(
    {
      clusterDomains: ['cluster.local.'],
      targetLabel: 'service',
      graceMs: 0,
      retainMs: Infinity,
      ...options,
    },
    (query, client, target) => gone.push({ query, client, target }),
    self.peers,
  );
  function collect(act: () => void): ResolvedQuery[] {
    gone = [];
    act();
    return gone;
  }
  function resolve(fields: QueryFields): ResolvedQuery | undefined {
    return collect(() => peers.accept([toQuery({ took: 0, ...fields })], NOON + fields.at))[0];
  }
  return {
    ...peers,
    accept: (queries, now) => collect(() => peers.accept(queries, now)),
    tick: (now) => collect(() => peers.tick(now)),
    flush: () => collect(() => peers.flush()),
    clientAt(address, at, fields = {}) {
      const client = resolve({ name: 'example.org', client: address, ...fields, at })?.client;
      return client?.pod?.name ?? client?.result ?? 'waits';
    },
    targetAt(name, at) {
      const target = resolve({ name, at })?.target;
      if (target === undefined) throw new Error(`${name} waits`);
      return target;
    },
    held: (kind) => self.count('corespan_peer_cache_entries', kind),
  };
}

/** Changes by their time in milliseconds after noon. */
export const put = (object: ClusterObject, at: number): Change => ({ type: 'put', at: NOON + at, object });
export const remove = (object: ClusterObject, at: number): Change => ({
  type: 'delete',
  at: NOON + at,
  object,
});
export const list = (resource: Resource, at: number, ...objects: ClusterObject[]): Change => ({
  type: 'replace',
  at: NOON + at,
  resource,
  objects,
});

/** Before noon everything is complete, and there is nothing but `objects`. */
export function createSyncedPeers(
  objects: readonly ClusterObject[] = [],
  options: Partial<PeersOptions> = {},
): TestPeers {
  const peers = createTestPeers(options);
  for (const resource of ['pods', 'services', 'endpointslices', 'nodes'] as const) {
    peers.apply(list(resource, -60_000, ...objects.filter((object) => object.resource === resource)));
  }
  return peers;
}
