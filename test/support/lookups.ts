/** Finished lookups for tests of the sinks. */
import { type DrawnEdge, makesEdge } from '../../src/records/edges.ts';
import type { Attempt, Lookup } from '../../src/records/lookup.ts';
import type { Peer, Target } from '../../src/records/peer.ts';
import { NOON, type QueryFields, toQuery, toService, WEB } from './queries.ts';

export interface LookupFields extends Partial<QueryFields> {
  readonly client_?: Peer;
  readonly target?: Target;
  readonly outcome?: Lookup['outcome'];
  /** Milliseconds from first start to last end. */
  readonly duration?: number;
  readonly attempts?: readonly Attempt[];
}

export function toAttempt(fields: QueryFields, ends: { client?: Peer; target?: Target } = {}): Attempt {
  const query = toQuery(fields);
  return {
    query,
    client: ends.client ?? WEB,
    target: ends.target ?? toService('pay', 'api'),
    nxdomain: query.rcode === 'NXDOMAIN' ? 'never_valid' : undefined,
    inner: [],
    hop: undefined,
  };
}

const RCODE = { success: 'NOERROR', denial: 'NXDOMAIN', error: 'SERVFAIL' } as const;

export function toLookup(fields: LookupFields = {}): Lookup {
  const outcome = fields.outcome ?? 'success';
  const at = fields.at ?? 0;
  const attempts = fields.attempts ?? [
    toAttempt(
      { name: 'api.pay.svc.cluster.local', rcode: RCODE[outcome], ...fields, at, took: fields.duration ?? 1 },
      {
        ...(fields.client_ === undefined ? {} : { client: fields.client_ }),
        ...(fields.target === undefined ? {} : { target: fields.target }),
      },
    ),
  ];
  const decided = attempts.at(-1);
  if (decided === undefined) throw new Error('a lookup needs an attempt');
  return {
    client: decided.client,
    attempts,
    decided,
    outcome,
    name: 'api.pay',
    target: decided.target,
    queries: attempts.length,
    expansions: attempts.length - 1,
    start: NOON + at,
    end: NOON + at + (fields.duration ?? 1),
  };
}

/** The edges of a graph that folds nothing: one object for each pair of names. */
export function createEdges(): (lookup: Lookup) => DrawnEdge | undefined {
  const edges = new Map<string, DrawnEdge>();
  return (lookup) => {
    if (!makesEdge(lookup)) return undefined;
    const { client, target } = lookup;
    const key = `${client.namespace}/${client.name} ${target.namespace}/${target.name}`;
    const edge = edges.get(key) ?? { client: client.name, server: target.name };
    edges.set(key, edge);
    return edge;
  };
}
