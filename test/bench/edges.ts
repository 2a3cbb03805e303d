/** Counts by client, target and response code with fifteen buckets, as the rivals are told to: no lookups, no spans. */
import type { Peer, Target } from '../../src/records/peer.ts';
import type { Query } from '../../src/records/query.ts';
import { createCounting, type Tally } from './tally.ts';

export interface Edges {
  take(query: Query, client: Peer, target: Target): void;
  tally(notices: number): Tally;
}

const BOUNDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 5000].map((ms) => ms * 1e6);

interface Row {
  nanoseconds: number;
  readonly rcodes: Map<string, number>;
  readonly buckets: Float64Array;
}

export function createEdges(): Edges {
  const rows = new Map<string, Map<string, Row>>();
  const counting = createCounting();

  function rowOf(client: string, target: string): Row {
    const ofClient = rows.get(client) ?? new Map<string, Row>();
    if (ofClient.size === 0) rows.set(client, ofClient);
    const known = ofClient.get(target);
    if (known !== undefined) return known;
    const row = { nanoseconds: 0, rcodes: new Map(), buckets: new Float64Array(BOUNDS.length + 1) };
    ofClient.set(target, row);
    return row;
  }

  return {
    take(query, client, target) {
      const row = rowOf(client.name, target.name);
      row.nanoseconds += query.duration;
      row.rcodes.set(query.rcode, (row.rcodes.get(query.rcode) ?? 0) + 1);
      let bucket = 0;
      while (bucket < BOUNDS.length && query.duration > (BOUNDS[bucket] ?? 0)) bucket++;
      row.buckets[bucket] = (row.buckets[bucket] ?? 0) + 1;
      counting.query(query);
    },
    tally: (notices) => counting.tally(notices),
  };
}
