/** Which client asks what by which resolver: every kind of name, spelling, type and transport. */
import { API_ADDRESS, SERVICES } from './liveWorld.ts';
import { RESOLVERS, type Resolver } from './resolvers.ts';
import type { Client } from './traffic.ts';
import {
  type Spelling,
  toDeniedWish,
  toFailingWish,
  toHostWish,
  toOutsideWish,
  toServiceWish,
  type Wish,
} from './trafficNames.ts';

/** `label` is one of its own for every pair of client and resolver. */
export function toWishes(client: Client, resolver: Resolver, label: string): Wish[] {
  switch (resolver) {
    case 'glibc':
    case 'musl':
      return [...toStubWishes(client, resolver), toFailingWish(label)];
    case 'c-ares':
      return [...toPlainWishes(client), toFailingWish(label, 'A')];
    case 'dig':
      return [...toPlainWishes(client), ...toDigWishes(client), toFailingWish(label, 'A')];
  }
}

/**
 * By getaddrinfo, along the search path. Each spelling has a Service of its own: where lookups of one stem follow
 * each other within a millisecond, the lines of the first may come after those of the second, and nothing tells
 * whose half is whose.
 */
export function toStubWishes(client: Client, resolver: Resolver): Wish[] {
  const { web, db, ext } = SERVICES;
  const spellings = [isAtHome(client, 'pay') ? 'short' : 'ns', 'svc', 'zone', 'absolute', 'ns'] as const;
  return [
    ...spellings.map((spelling, number) => toSpelled(client, { resolver, spelling, number })),
    toServiceWish(web, isAtHome(client, web.namespace) ? 'short' : 'ns'),
    toServiceWish(db, 'svc'),
    toHostWish('pay-db-0', db),
    toServiceWish(ext, 'ns'),
    toOutsideWish('www.example.org'),
    toOutsideWish('mail.example.net.'),
    toOutsideWish('one.two.three.four.five.example.com'),
    toOutsideWish('v6.example.org.', 'AAAA'),
    toDeniedWish('absent'),
    toDeniedWish('missing.pay.svc'),
    toDeniedWish('nobody.invalid.'),
  ];
}

const SPELLED = [SERVICES.api, SERVICES.cards, SERVICES.fees, SERVICES.ledger, SERVICES.tax] as const;

function toSpelled(
  { namespace }: Client,
  chosen: { readonly resolver: Resolver; readonly spelling: Spelling; readonly number: number },
): Wish {
  const { resolver, spelling, number } = chosen;
  const service = SPELLED[(number + RESOLVERS.indexOf(resolver)) % SPELLED.length] ?? SERVICES.api;
  // In the own namespace nothing would tell the full name from the short one.
  const isTold = spelling !== 'absolute' || namespace !== service.namespace;
  return toServiceWish(service, isTold ? spelling : 'ns', number === SPELLED.length - 1 ? 'A' : 'A+AAAA');
}

/** Whose namespace is known, of him the short name is. */
function isAtHome({ namespace, identity }: Client, of: string): boolean {
  return namespace === of && identity.includes('/');
}

/** One question of one type, without a search path. */
export function toPlainWishes({ namespace }: Client): Wish[] {
  const { api, web, db } = SERVICES;
  // Without EDNS the own namespace's full name is what a stub resolver makes of the short one.
  const foreign = namespace === api.namespace ? web : api;
  return [
    toServiceWish(foreign, 'zone', 'A'),
    toServiceWish(db, 'zone', 'AAAA'),
    toOutsideWish('plain.example.org', 'A'),
    toOutsideWish('plain6.example.org', 'AAAA'),
    toOutsideWish('example.com', 'MX'),
    toOutsideWish('text.example.net', 'TXT'),
    toDeniedWish('noone.kube-system.svc.cluster.local', 'A'),
    toDeniedWish('never.invalid', 'A'),
  ].filter(({ name }) => namespace !== db.namespace || !name.includes(`.${namespace}.svc`));
}

const TCP: readonly Wish[] = [
  { ...toOutsideWish('tcp.example.org', 'A'), transport: 'tcp' },
  { ...toOutsideWish('tcp.example.net', 'MX'), transport: 'tcp' },
];

/** What only dig can ask for. */
export function toDigWishes({ namespace }: Client): Wish[] {
  const { api } = SERVICES;
  const srv = `_http._tcp.${api.name}.${api.namespace}.svc.cluster.local`;
  const isThere = { answered: undefined, outcome: 'success' } as const;
  return [
    { name: srv, type: 'SRV', ...isThere, target: api },
    { name: API_ADDRESS, type: 'PTR', ...isThere, target: api },
    { name: '10-96-0-20.pay.pod.cluster.local', type: 'A', ...isThere, target: api },
    toOutsideWish('web.example.org', 'HTTPS'),
    // From the node's own address TCP is what its cache uses: nothing tells the one from the other.
    ...(namespace === undefined ? [] : TCP),
  ];
}
