/** What is remembered of each client between its queries: its open lookups, and how its resolvers ask. */
import { LRUCache } from 'lru-cache';
import type { ClientState, HeldQuery, OpenLookup, Stem } from './state.ts';

export interface Clients {
  stateOf(address: string): ClientState;
  open(lookup: OpenLookup): void;
  /** Remembers which socket an attempt of `lookup` came from. */
  usePort(lookup: OpenLookup, attempt: HeldQuery): void;
  close(lookup: OpenLookup): void;
  all(): Iterable<OpenLookup>;
  readonly openCount: number;
}

/** Clients remembered without an open lookup; the habits of more are learned again. */
const MAX_IDLE_CLIENTS = 20_000;

export function createClients(): Clients {
  const busy = new Map<string, ClientState>();
  const idle = new LRUCache<string, ClientState>({ max: MAX_IDLE_CLIENTS });
  let openCount = 0;

  function rest(client: ClientState): void {
    busy.delete(client.address);
    idle.set(client.address, client);
  }

  return {
    stateOf: (address) => busy.get(address) ?? idle.get(address) ?? createState(address),
    open(lookup) {
      const { client } = lookup;
      const stem: Stem = client.stems.get(lookup.stem) ?? { byPort: new Map(), lookups: [], openCount: 0 };
      client.stems.set(lookup.stem, stem);
      stem.lookups.push(lookup);
      stem.openCount++;
      if (client.open.size === 0) {
        idle.delete(client.address);
        busy.set(client.address, client);
      }
      client.open.add(lookup);
      openCount++;
    },
    usePort(lookup, { resolved }) {
      lookup.client.stems.get(lookup.stem)?.byPort.set(resolved.query.port, lookup);
    },
    close(lookup) {
      const { client } = lookup;
      lookup.isClosed = true;
      client.open.delete(lookup);
      openCount--;
      forgetIn(client, lookup);
      if (client.open.size === 0) rest(client);
    },
    *all() {
      for (const client of busy.values()) yield* client.open;
    },
    get openCount() {
      return openCount;
    },
  };
}

function forgetIn(client: ClientState, lookup: OpenLookup): void {
  const stem = client.stems.get(lookup.stem);
  if (stem === undefined) return;
  stem.openCount--;
  if (stem.openCount === 0) {
    client.stems.delete(lookup.stem);
    return;
  }
  for (const step of lookup.steps) {
    for (const { resolved } of step.attempts) {
      const { port } = resolved.query;
      if (stem.byPort.get(port) === lookup) stem.byPort.delete(port);
    }
  }
  // Sweeping only when half is closed keeps the cost of closing constant.
  if (stem.lookups.length > 2 * stem.openCount) {
    stem.lookups = stem.lookups.filter((other) => !other.isClosed);
  }
}

function createState(address: string): ClientState {
  return {
    address,
    stems: new Map(),
    open: new Set(),
    pairing: { plain: 'unknown', edns: 'unknown' },
  };
}
