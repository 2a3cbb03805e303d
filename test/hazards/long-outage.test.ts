/** An upstream is gone for minutes: every lookup that fails is counted as one, and none is taken for another's retry. */
import { expect, it } from 'vitest';
import { createRandom } from '../support/corpus.ts';
import { pair, play } from '../support/lookupsRoom.ts';
import { type QueryFields, toResolved } from '../support/queries.ts';

const LOOKUPS = 200;

/** One name asked again and again, as an application with a loop does; every `failing`th lookup gets SERVFAIL. */
function ask(loop: {
  readonly every: number;
  readonly took: number;
  readonly failing: number;
}): QueryFields[] {
  const random = createRandom(7);
  return Array.from({ length: LOOKUPS }, (_, n) => {
    const fails = n % loop.failing === loop.failing - 1;
    return {
      at: (n + random.next() * 0.4) * loop.every,
      name: 'api.example.com',
      took: fails ? loop.took : 0.2,
      rcode: fails ? 'SERVFAIL' : 'NOERROR',
      port: 20_000 + n,
      id: random.below(65_536),
      bufsize: 1232,
    };
  });
}

/**
 * `error` and `all` count lookups, `most` the queries of the largest. Two wishes that meet within milliseconds look like
 * one with its retry, no log can tell: of 200 one pair a second apart, and 21 where ten a second wait for 2 s each.
 */
it.each([
  {
    case: 'all fail after 5 s, one a second',
    loop: { every: 1000, took: 5000, failing: 1 },
    told: { error: 199, all: 199, most: 2 },
  },
  {
    case: 'all fail after 2 s, ten a second',
    loop: { every: 100, took: 2000, failing: 1 },
    told: { error: 179, all: 179, most: 3 },
  },
  {
    case: 'all fail after 2 s, one in three seconds',
    loop: { every: 3000, took: 2000, failing: 1 },
    told: { error: 200, all: 200, most: 1 },
  },
  {
    case: 'all fail at once, twenty a second',
    loop: { every: 50, took: 1, failing: 1 },
    told: { error: 200, all: 200, most: 1 },
  },
  {
    case: 'one in ten fails after 5 s',
    loop: { every: 1000, took: 5000, failing: 10 },
    told: { error: 20, all: 200, most: 1 },
  },
  {
    case: 'one in ten fails at once',
    loop: { every: 50, took: 1, failing: 10 },
    told: { error: 20, all: 200, most: 1 },
  },
])('$case', ({ loop, told }) => {
  const { lookups } = play(ask(loop).map((fields) => toResolved(fields)));
  expect({
    error: lookups.filter(({ outcome }) => outcome === 'error').length,
    all: lookups.length,
    most: Math.max(...lookups.map(({ queries }) => queries)),
  }).toEqual(told);
});

it('counts the pairs of a stub resolver that asks for one name again and again', () => {
  const queries = Array.from({ length: 50 }, (_, n) =>
    pair({ at: n * 3_100, name: 'api.example.com', took: 2_000, rcode: 'SERVFAIL', port: 20_000 + n }),
  );
  const { lookups } = play(queries.flat().map((fields) => toResolved(fields)));
  expect(lookups.map(({ queries: count }) => count)).toEqual(Array.from({ length: 50 }, () => 2));
});

it('keeps the tries of one lookup together: Go asks again with a new id, at once or after 5 s', () => {
  const tries = [
    { at: 0, took: 6_000, rcode: 'SERVFAIL', port: 40_001, id: 1 },
    { at: 5_003, took: 1.5, rcode: 'SERVFAIL', port: 40_002, id: 2 },
    { at: 5_006, took: 0.4, port: 40_003, id: 3 },
  ];
  const { lookups } = play(
    tries.map((fields) => toResolved({ ...fields, name: 'www.example.org', bufsize: 1232 })),
  );
  expect(lookups.map(({ outcome, queries }) => [outcome, queries])).toEqual([['success', 3]]);
});
