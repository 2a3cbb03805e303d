/** What is remembered of each client between its queries: its open lookups, and how its resolvers ask. */
import type { Peer } from '../records/peer.ts';
import type { ClientState, OpenLookup } from './state.ts';

export interface Clients {
  /** The state of `address` while `asker` holds it. */
  stateOf(address: string, asker: Peer): ClientState;
  open(lookup: OpenLookup): void;
  /**
   * Takes it out from among its neighbours, and cuts it off from them. Whatever is reached from an object that has grown
   * old counts as alive when V8 collects the young ones, though the old one be garbage itself: lookups that led to their
   * neighbours made a third of all that was allocated grow old (docs/adr/011).
   */
  close(lookup: OpenLookup): void;
  all(): Iterable<OpenLookup>;
  openCount(): number;
}

/** Clients remembered, in each of two generations; the habits of others are learned again. */
const MAX_CLIENTS = 10_000;
const NO_HABITS: ClientState['pairing'] = { plain: 'unknown', edns: 'unknown' };

export function createClients(): Clients {
  let recent = new Map<string, ClientState>();
  /** Whoever is not asked for before `recent` is full is forgotten. */
  let older = new Map<string, ClientState>();
  let openCount = 0;

  function turn(): void {
    const leaving = older;
    older = recent;
    recent = new Map();
    for (const [address, client] of leaving) if (client.openCount > 0) older.set(address, client);
  }

  return {
    stateOf(address, asker) {
      const known = recent.get(address);
      const client = known ?? older.get(address) ?? createState(address, asker);
      if (known === undefined) {
        older.delete(address);
        if (recent.size >= MAX_CLIENTS) turn();
        recent.set(address, client);
      }
      if (client.asker !== asker) {
        if (!isSameAsker(client.asker, asker)) client.pairing = NO_HABITS;
        client.asker = asker;
      }
      return client;
    },
    open(lookup) {
      const { client } = lookup;
      const { stem } = lookup.question;
      const sameStem = client.newestOfStem.get(stem);
      lookup.olderOfStem = sameStem;
      if (sameStem !== undefined) sameStem.newerOfStem = lookup;
      client.newestOfStem.set(stem, lookup);
      lookup.olderOfClient = client.newest;
      if (client.newest === undefined) client.oldest = lookup;
      else client.newest.newerOfClient = lookup;
      client.newest = lookup;
      client.openCount++;
      openCount++;
    },
    close(lookup) {
      lookup.client.openCount--;
      openCount--;
      unlinkFromStem(lookup);
      unlinkFromClient(lookup);
    },
    *all() {
      for (const generation of [older, recent]) {
        for (const client of generation.values()) {
          for (let lookup = client.oldest; lookup !== undefined; lookup = lookup.newerOfClient) yield lookup;
        }
      }
    },
    openCount: () => openCount,
  };
}

/** The same pod, or the same kind of nobody. A pod that was changed meanwhile is another object with the same uid. */
export function isSameAsker(a: Peer, b: Peer): boolean {
  return a === b || (a.pod !== undefined && a.pod.uid === b.pod?.uid);
}

function unlinkFromStem(lookup: OpenLookup): void {
  const { client, question, olderOfStem, newerOfStem } = lookup;
  if (olderOfStem !== undefined) olderOfStem.newerOfStem = newerOfStem;
  if (newerOfStem !== undefined) newerOfStem.olderOfStem = olderOfStem;
  else if (olderOfStem !== undefined) client.newestOfStem.set(question.stem, olderOfStem);
  else client.newestOfStem.delete(question.stem);
  lookup.olderOfStem = undefined;
  lookup.newerOfStem = undefined;
}

function unlinkFromClient(lookup: OpenLookup): void {
  const { client, olderOfClient, newerOfClient } = lookup;
  if (olderOfClient !== undefined) olderOfClient.newerOfClient = newerOfClient;
  else client.oldest = newerOfClient;
  if (newerOfClient !== undefined) newerOfClient.olderOfClient = olderOfClient;
  else client.newest = olderOfClient;
  lookup.olderOfClient = undefined;
  lookup.newerOfClient = undefined;
}

function createState(address: string, asker: Peer): ClientState {
  return {
    address,
    asker,
    newestOfStem: new Map(),
    oldest: undefined,
    newest: undefined,
    openCount: 0,
    pairing: NO_HABITS,
  };
}
