/** A pod gets the address of another one in the middle of its walk: their lookups stay apart. */
import { expect, it } from 'vitest';
import { pair, play, SHOP, toLine, walk } from '../support/lookupsRoom.ts';
import { toPod, toResolved } from '../support/queries.ts';

const OLD = toPod('shop', 'old');
const NEW = toPod('shop', 'new');

it('keeps the walk of one pod apart from the next name of another', () => {
  const [first, second] = [SHOP.slice(0, 1), SHOP.slice(1, 2)].map((suffixes, step) =>
    pair({
      at: step * 100,
      name: `api.pay.${suffixes[0] ?? ''}`,
      port: 40_000 + step,
      rcode: step === 0 ? 'NXDOMAIN' : 'NOERROR',
    }),
  );
  const lookups = (holders: readonly [typeof OLD, typeof OLD]): string[] =>
    play([
      ...(first ?? []).map((fields) => toResolved(fields, { client: holders[0] })),
      ...(second ?? []).map((fields) => toResolved(fields, { client: holders[1] })),
    ]).lookups.map((lookup) => `${lookup.client.pod?.name} ${toLine(lookup).split(' [')[0]}`);

  expect(lookups([OLD, NEW])).toEqual(['old api.pay denial', 'new api.pay.svc.cluster.local success']);
  // The same lines of one pod are one lookup: it is the holder that makes the difference.
  expect(lookups([OLD, OLD])).toEqual(['old api.pay success']);
});

it('keeps a retry from the same port apart', () => {
  const failed = { name: 'www.example.org', rcode: 'SERVFAIL', id: 7 };
  const { lookups } = play([
    toResolved({ ...failed, at: 0 }, { client: OLD }),
    toResolved({ ...failed, at: 300 }, { client: NEW }),
  ]);
  expect(lookups.map(({ client, queries }) => [client.pod?.name, queries])).toEqual([
    ['old', 1],
    ['new', 1],
  ]);
});

it('does not take the habits of one pod for those of another', () => {
  const { lookups } = play([
    // The old one asks both from one socket; the new one, in Go, from two.
    ...walk('api.pay', 0, 40_000, SHOP.slice(0, 2)).map((fields) => toResolved(fields, { client: OLD })),
    toResolved({ at: 20_000, name: 'www.example.org', type: 'A', port: 41_000 }, { client: NEW }),
    toResolved({ at: 20_000.3, name: 'www.example.org', type: 'AAAA', port: 41_001 }, { client: NEW }),
  ]);
  expect(lookups.map(({ client, attempts }) => [client.pod?.name, attempts.length])).toEqual([
    ['old', 4],
    ['new', 2],
  ]);
});
