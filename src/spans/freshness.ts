/** When each edge, and each kind of denial of a client, was last shown by a trace: the memory behind fresh traces. */
import { LRUCache } from 'lru-cache';
import { createEdgeCache } from '../records/edges.ts';
import type { Lookup, NxdomainKind } from '../records/lookup.ts';
import type { Peer } from '../records/peer.ts';

/** What one trace shows. */
export interface Subject {
  /** End of the newest lookup that was kept, in milliseconds since the epoch; undefined before the first one. */
  shown: number | undefined;
}

export interface Freshness {
  /** What a trace of `lookup` would show; the same object whenever the same is asked for. */
  subjectOf(lookup: Lookup): Subject;
}

/** Subjects remembered; one that was forgotten counts as seen for the first time. */
const MAX_SUBJECTS = 20_000;

export function createFreshness(): Freshness {
  /** Whoever asks through another peer of the same workload meets here; the oldest is forgotten. */
  const subjects = new LRUCache<string, Subject>({ max: MAX_SUBJECTS });
  const edges = createEdgeCache<Subject>();
  const denials = new WeakMap<Peer, Map<NxdomainKind, Subject>>();

  function find(key: string): Subject {
    const known = subjects.get(key);
    if (known !== undefined) return known;
    const subject: Subject = { shown: undefined };
    subjects.set(key, subject);
    return subject;
  }

  function edgeOf({ client, target }: Lookup): Subject {
    const known = edges.get(client, target);
    if (known !== undefined) return known;
    const subject = find(`${client.namespace}/${client.name} ${target.namespace}/${target.name}`);
    edges.set(client, target, subject);
    return subject;
  }

  /** A denied name leads nowhere, and such names are without end: denials are told apart by what they mean. */
  function denialOf({ client, decided }: Lookup): Subject {
    const kind = decided.nxdomain ?? 'never_valid';
    const ofClient = denials.get(client) ?? new Map<NxdomainKind, Subject>();
    const known = ofClient.get(kind);
    if (known !== undefined) return known;
    const subject = find(`${client.namespace}/${client.name} ${kind}`);
    denials.set(client, ofClient.set(kind, subject));
    return subject;
  }

  return {
    subjectOf: (lookup) => (lookup.outcome === 'denial' ? denialOf(lookup) : edgeOf(lookup)),
  };
}
