/** A query that nobody answered for seconds is named for whoever had the address, and the name, when it was sent. */
import { describe, expect, it } from 'vitest';
import { podObject } from '../support/objects.ts';
import { createTestPeers } from '../support/peers.ts';
import { NOON, toQuery } from '../support/queries.ts';

const ADDRESS = '10.244.1.9';

/** `alpha` has the address for 1 s, and from the second second on it is that of `beta`. */
function createIndex() {
  const peers = createTestPeers();
  peers.apply({ type: 'replace', at: NOON - 60_000, resource: 'pods', objects: [] });
  const alpha = podObject('alpha', { addresses: [ADDRESS], started: NOON - 60_000 });
  const beta = podObject('beta', { addresses: [ADDRESS], started: NOON + 2_000 });
  peers.apply({ type: 'put', at: NOON - 60_000, object: alpha });
  peers.apply({ type: 'delete', at: NOON + 1_000, object: alpha });
  peers.apply({ type: 'put', at: NOON + 2_200, object: beta });
  return peers;
}

describe('the client of a query that ends at 6.4 s', () => {
  it.each([
    { sent: 'while alpha had the address', took: 6_000, client: 'alpha' },
    { sent: 'while nobody had it', took: 5_000, client: 'stale' },
    { sent: 'while beta had it', took: 10, client: 'beta' },
  ])('sent $sent: $client', ({ took, client }) => {
    const query = toQuery({
      name: 'example.org',
      client: ADDRESS,
      at: 6_400 - took,
      took,
      rcode: 'SERVFAIL',
    });
    expect(query.time).toBe(NOON + 6_400);
    const [resolved] = createIndex().accept([query], NOON + 6_400);
    expect(resolved?.client.pod?.name ?? resolved?.client.result).toBe(client);
  });
});
