/**
 * When each edge, and of each client what is on no edge, was last shown by a trace: the memory behind fresh traces
 * (docs/adr/012).
 *
 * An edge is the object that the graph draws: when the graph gives it back, what is remembered of it goes too. What the graph
 * folds into one (`external`, `__other__`) has one fresh trace as well: names without end would make traces without end that
 * nobody can find by an edge.
 */
import { LRUCache } from 'lru-cache';
import { type DrawnEdge, leadsToItself } from '../records/edges.ts';
import type { Lookup, NxdomainKind } from '../records/lookup.ts';
import type { Peer } from '../records/peer.ts';

/** What one trace shows. */
export interface Subject {
  /** End of the newest lookup that was kept, in milliseconds since the epoch; undefined before the first one. */
  shown: number | undefined;
}

export interface Freshness {
  /** What a trace of `lookup` would show; the same object whenever the same is asked for. */
  subjectOf(lookup: Lookup, edge: DrawnEdge | undefined): Subject;
}

/**
 * What a lookup shows that is on no edge: a denial, which is told apart by what it means, because denied names are without
 * end; a workload that asked for itself; a name without a target.
 */
type EdgelessKind = NxdomainKind | 'itself' | 'nowhere';

type ByKind = Readonly<Record<EdgelessKind, Subject>>;

/** Workloads of which it is remembered what they showed beside their edges; one that was forgotten counts as new. */
const MAX_CLIENTS = 5_000;

export function createFreshness(): Freshness {
  const ofEdges = new WeakMap<DrawnEdge, Subject>();
  const ofPeers = new WeakMap<Peer, ByKind>();
  /** Peers of one workload meet here; the workload whose last new peer is longest ago is forgotten. */
  const ofClients = new LRUCache<string, ByKind>({ max: MAX_CLIENTS });

  function ofEdge(edge: DrawnEdge): Subject {
    const known = ofEdges.get(edge);
    if (known !== undefined) return known;
    const subject: Subject = { shown: undefined };
    ofEdges.set(edge, subject);
    return subject;
  }

  function ofClient(client: Peer): ByKind {
    const known = ofPeers.get(client);
    if (known !== undefined) return known;
    const key = `${client.namespace}/${client.name}`;
    const byKind = ofClients.get(key) ?? createByKind();
    ofClients.set(key, byKind);
    ofPeers.set(client, byKind);
    return byKind;
  }

  return {
    subjectOf: (lookup, edge) =>
      edge === undefined ? ofClient(lookup.client)[kindOf(lookup)] : ofEdge(edge),
  };
}

function kindOf(lookup: Lookup): EdgelessKind {
  if (lookup.outcome === 'denial') return lookup.decided.nxdomain ?? 'never_valid';
  return leadsToItself(lookup) ? 'itself' : 'nowhere';
}

function createByKind(): ByKind {
  return {
    search: { shown: undefined },
    was_valid: { shown: undefined },
    never_valid: { shown: undefined },
    other_namespace: { shown: undefined },
    itself: { shown: undefined },
    nowhere: { shown: undefined },
  };
}
