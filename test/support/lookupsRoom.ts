/** The lookups room for tests: what it tells is kept; and how resolvers ask. */
import { createLookups } from '../../src/lookups/lookups.ts';
import type { Lookup, QueryRole, ResolvedQuery } from '../../src/records/lookup.ts';
import { type QueryFields, toResolved } from './queries.ts';
import { createTestSelf } from './self.ts';

export const NODE = '192.0.2.11';

export interface Told {
  readonly lookups: Lookup[];
  readonly queries: (ResolvedQuery & { readonly role: QueryRole })[];
}

export function createRoom(limits: { maxOpen?: number; maxOpenPerClient?: number } = {}) {
  const self = createTestSelf();
  const told: Told = { lookups: [], queries: [] };
  const lookups = createLookups(
    {
      domains: ['cluster.local.'],
      maxOpen: limits.maxOpen ?? 1000,
      maxOpenPerClient: limits.maxOpenPerClient ?? 1000,
      cacheAddressOf: (pod) => (pod.name === 'node-local-dns-1' ? NODE : undefined),
      hasCacheAt: (address) => address === NODE,
      isSelf: ({ query }) => query.question.qname === 'tempo.example.org.',
    },
    {
      query: (resolved, role) => told.queries.push({ ...resolved, role }),
      lookup: (lookup) => told.lookups.push(lookup),
      failed(_, cause) {
        throw cause;
      },
    },
    self.lookups,
  );
  const take = (resolved: readonly ResolvedQuery[]): void => {
    for (const { query, client, target } of resolved) lookups.take(query, client, target);
  };
  return { self, lookups, told, take };
}

/** Plays queries in the order of their lines, which is the order of their ends. */
export function play(queries: readonly ResolvedQuery[]): Told {
  const { lookups, told, take } = createRoom();
  take([...queries].sort((a, b) => a.query.time - b.query.time));
  lookups.flush();
  told.lookups.sort((a, b) => a.start - b.start);
  return told;
}

/** What a reader wants to know of a lookup, in one line. */
export function toLine(lookup: Lookup): string {
  const names = lookup.attempts.map(({ query }) => `${query.question.qtype} ${query.question.qname}`);
  return `${lookup.name} ${lookup.outcome} [${names.join(', ')}]`;
}

export function toLines(queries: readonly QueryFields[]): string[] {
  return play(queries.map((fields) => toResolved(fields))).lookups.map(toLine);
}

/** A and AAAA from one socket, as glibc and musl send them. */
export function pair(fields: QueryFields): QueryFields[] {
  return [
    { ...fields, type: 'A' },
    { ...fields, type: 'AAAA', at: fields.at + 0.05 },
  ];
}

/** The walk of glibc for `base` from a pod in `shop`: a socket for each name, NXDOMAIN until the last. */
export function walk(base: string, at: number, port: number, suffixes: readonly string[]): QueryFields[] {
  return suffixes.flatMap((suffix, step) =>
    pair({
      at: at + step * 0.6,
      name: suffix === '' ? base : `${base}.${suffix}`,
      port: port + step,
      rcode: step === suffixes.length - 1 ? 'NOERROR' : 'NXDOMAIN',
    }),
  );
}

/** The search path of a pod in `shop`. */
export const SHOP = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', ''];
