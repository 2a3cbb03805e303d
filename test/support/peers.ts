/** The peers room for tests: what it lets go is returned instead of handed on. */
import { createPeers, type Peers, type PeersOptions } from '../../src/peers/resolver.ts';
import type { ResolvedQuery } from '../../src/records/lookup.ts';
import type { Query } from '../../src/records/query.ts';
import { createTestSelf } from './self.ts';

export interface TestPeers extends Omit<Peers, 'accept' | 'tick' | 'flush'> {
  accept(queries: readonly Query[], now: number): ResolvedQuery[];
  tick(now: number): ResolvedQuery[];
  flush(): ResolvedQuery[];
}

/** Knows the whole history, as with a recording, unless told otherwise. */
export function createTestPeers(options: Partial<PeersOptions> = {}): TestPeers {
  let gone: ResolvedQuery[] = [];
  const peers = createPeers(
    {
      clusterDomains: ['cluster.local.'],
      targetLabel: 'service',
      graceMs: 0,
      retainMs: Infinity,
      ...options,
    },
    (query, client, target) => gone.push({ query, client, target }),
    createTestSelf().peers,
  );
  function collect(act: () => void): ResolvedQuery[] {
    gone = [];
    act();
    return gone;
  }
  return {
    ...peers,
    accept: (queries, now) => collect(() => peers.accept(queries, now)),
    tick: (now) => collect(() => peers.tick(now)),
    flush: () => collect(() => peers.flush()),
  };
}
