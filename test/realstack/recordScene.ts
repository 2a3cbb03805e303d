/** The shop: its workloads, where they run, whom they ask, by what, and how often. */
import type { NodeName } from './addresses.ts';
import type { ServiceSpec, WorkloadKind } from './objects.ts';
import type { Resolver } from './resolvers.ts';
import { toDeniedWish, toHostWish, toOutsideWish, toServiceWish, type Wish } from './trafficNames.ts';

export interface Actor {
  readonly namespace: string;
  readonly name: string;
  readonly kind: WorkloadKind;
  /** One pod each; those of node1 ask its node-local cache, those of node2 CoreDNS itself. */
  readonly nodes: readonly NodeName[];
  readonly resolver: Resolver;
  /** Milliseconds from one round of questions to the next, give or take a third. */
  readonly every: number;
  /** A round asks for one of them. */
  readonly wishes: readonly Wish[];
}

export const NAMESPACES = ['shop', 'pay', 'stock', 'search', 'data'] as const;

/** Services; each selects the pods of its name, `legacy-erp` those of a workload that is long gone. */
export const SHOP_SERVICES: readonly ServiceSpec[] = [
  ...['storefront', 'cart', 'catalog', 'checkout'].map((name) => ({ namespace: 'shop', name })),
  ...['payments', 'fraud', 'ledger'].map((name) => ({ namespace: 'pay', name })),
  ...['inventory', 'shipping', 'legacy-erp'].map((name) => ({ namespace: 'stock', name })),
  { namespace: 'search', name: 'search' },
  ...['products-db', 'orders-db'].map((name) => ({ namespace: 'data', name, clusterIP: 'None' })),
  { namespace: 'data', name: 'sessions' },
  { namespace: 'pay', name: 'rates', externalName: 'rates.example.org' },
];

/** The bank's zone: it has a DNS server of its own, which is gone for a while. */
export const BANK_ZONE = 'bank.example';

/** Where the tunnel leads; every name under it is asked for once. */
export const TUNNEL_ZONE = 'assets.example.net';

const BANK = toOutsideWish(`api.${BANK_ZONE}`);

const service = (namespace: string, name: string): Wish => toServiceWish({ namespace, name }, 'ns');
const own = (namespace: string, name: string): Wish => toServiceWish({ namespace, name }, 'short');
const PRODUCTS = { namespace: 'data', name: 'products-db' };
const ORDERS = { namespace: 'data', name: 'orders-db' };

export const ACTORS: readonly Actor[] = [
  {
    ...{ namespace: 'shop', name: 'storefront', kind: 'Deployment', nodes: ['node1', 'node2'] },
    ...{ resolver: 'glibc', every: 2_200 },
    wishes: [own('shop', 'cart'), own('shop', 'catalog'), service('search', 'search')],
  },
  {
    ...{ namespace: 'shop', name: 'cart', kind: 'Deployment', nodes: ['node1'] },
    ...{ resolver: 'musl', every: 2_500 },
    wishes: [service('data', 'sessions'), own('shop', 'catalog')],
  },
  {
    ...{ namespace: 'shop', name: 'catalog', kind: 'Deployment', nodes: ['node1'] },
    ...{ resolver: 'glibc', every: 2_500 },
    wishes: [toHostWish('products-db-0', PRODUCTS), toHostWish('products-db-1', PRODUCTS)],
  },
  {
    ...{ namespace: 'shop', name: 'checkout', kind: 'Deployment', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 2_500 },
    wishes: [
      service('pay', 'payments'),
      service('stock', 'shipping'),
      own('shop', 'cart'),
      toOutsideWish('mail.example.com.'),
    ],
  },
  {
    ...{ namespace: 'pay', name: 'payments', kind: 'Deployment', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 1_500 },
    wishes: [BANK, BANK, own('pay', 'fraud'), own('pay', 'ledger'), service('pay', 'rates')],
  },
  {
    // Asks for a name outside with two dots too few, and pays for it with eight queries each time.
    ...{ namespace: 'pay', name: 'fraud', kind: 'Deployment', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 1_200 },
    wishes: [toOutsideWish('scores.risk.example.org')],
  },
  {
    ...{ namespace: 'pay', name: 'ledger', kind: 'StatefulSet', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 4_000 },
    wishes: [toHostWish('orders-db-0', ORDERS)],
  },
  {
    // Somebody has misspelt a name.
    ...{ namespace: 'stock', name: 'inventory', kind: 'Deployment', nodes: ['node1'] },
    ...{ resolver: 'glibc', every: 3_000 },
    wishes: [toHostWish('products-db-0', PRODUCTS), toDeniedWish('prodcuts-db.data.svc.cluster.local.')],
  },
  {
    // Still asks for a Service whose pods are gone.
    ...{ namespace: 'stock', name: 'shipping', kind: 'Deployment', nodes: ['node2'] },
    ...{ resolver: 'musl', every: 3_500 },
    wishes: [own('stock', 'legacy-erp'), toOutsideWish('track.example.com'), own('stock', 'inventory')],
  },
  {
    ...{ namespace: 'search', name: 'search', kind: 'Deployment', nodes: ['node1'] },
    ...{ resolver: 'musl', every: 3_000 },
    wishes: [toHostWish('products-db-1', PRODUCTS), toOutsideWish('api.example.com.')],
  },
  {
    ...{ namespace: 'search', name: 'indexer', kind: 'CronJob', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 4_000 },
    wishes: [service('shop', 'catalog'), own('search', 'search')],
  },
  {
    ...{ namespace: 'data', name: 'products-db', kind: 'StatefulSet', nodes: ['node1', 'node1'] },
    ...{ resolver: 'glibc', every: 6_000 },
    wishes: [toServiceWish(PRODUCTS, 'short')],
  },
  {
    ...{ namespace: 'data', name: 'orders-db', kind: 'StatefulSet', nodes: ['node2'] },
    ...{ resolver: 'glibc', every: 9_000 },
    wishes: [toOutsideWish('backup.example.net.')],
  },
  {
    ...{ namespace: 'data', name: 'sessions', kind: 'Deployment', nodes: ['node1'] },
    ...{ resolver: 'musl', every: 9_000 },
    wishes: [toOutsideWish('time.example.org.')],
  },
];

/** Starts late, on the address of the indexer. */
export const PROMO: Actor = {
  ...{ namespace: 'shop', name: 'promo', kind: 'Deployment', nodes: ['node2'] },
  ...{ resolver: 'glibc', every: 2_500 },
  wishes: [own('shop', 'catalog'), service('search', 'search'), toOutsideWish('ads.example.com.')],
};

/** Sends somebody's orders out, sixty letters at a time. */
export const SHIPPER: Actor = {
  ...{ namespace: 'data', name: 'log-shipper', kind: 'DaemonSet', nodes: ['node1'] },
  ...{ resolver: 'dig', every: 3_000 },
  wishes: [],
};
