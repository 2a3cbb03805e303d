/** An edge (client workload → target): which lookups make one, whoever draws it. */
import type { Lookup } from './lookup.ts';

/**
 * An edge as people see it, one object for as long as it is drawn: what is too much to be told apart shares one. Whoever
 * keeps something for each edge keeps it by this object.
 */
export interface DrawnEdge {
  readonly client: string;
  readonly server: string;
}

/** True if a lookup led somewhere: a denied name did not, and some names have no target. */
export function leadsSomewhere({ outcome, target }: Lookup): boolean {
  return outcome !== 'denial' && target.name !== '';
}

/** True if a client looked up itself. */
export function leadsToItself({ client, target }: Lookup): boolean {
  return client.name === target.name && client.namespace === target.namespace;
}

export function makesEdge(lookup: Lookup): boolean {
  return leadsSomewhere(lookup) && !leadsToItself(lookup);
}
