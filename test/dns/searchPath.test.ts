import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSearchPath } from '../../src/dns/searchPath.ts';
import { toCommonBase, toExpansionOf, toExpansions } from '../support/searchPath.ts';

const domains = ['cluster.local.'];
const { commonBaseOf, levelOf, askedFrom } = createSearchPath(domains);

it('twin: reads a name as every expansion it can be, the longest suffix first', () => {
  expect(toExpansions('api.pay.shop.svc.cluster.local.', domains)).toEqual([
    { base: 'api.pay', level: 0, namespace: 'shop' },
    { base: 'api.pay.shop', level: 1 },
    { base: 'api.pay.shop.svc', level: 2 },
    { base: 'api.pay.shop.svc.cluster.local', level: 4 },
  ]);
  expect(toExpansions('www.example.org.', domains)).toEqual([{ base: 'www.example.org', level: 4 }]);
  expect(toExpansions('.', domains)).toEqual([{ base: '.', level: 4 }]);
  expect(toExpansions('cluster.local.', domains)).toEqual([{ base: 'cluster.local', level: 4 }]);
});

describe('two names of one walk', () => {
  it.each([
    {
      case: 'own namespace, all namespaces',
      names: ['api.pay.shop.svc.cluster.local.', 'api.pay.svc.cluster.local.'] as const,
      expected: { base: 'api.pay', levels: [0, 1] },
    },
    {
      case: 'the other way round',
      names: ['api.pay.svc.cluster.local.', 'api.pay.shop.svc.cluster.local.'] as const,
      expected: { base: 'api.pay', levels: [1, 0] },
    },
    {
      case: 'a step was not seen',
      names: ['api.pay.shop.svc.cluster.local.', 'api.pay.cluster.local.'] as const,
      expected: { base: 'api.pay', levels: [0, 2] },
    },
    {
      case: 'the name as typed',
      names: ['www.example.org.cluster.local.', 'www.example.org.'] as const,
      expected: { base: 'www.example.org', levels: [2, 4] },
    },
    {
      case: 'the second step and the name as typed, not another base with a suffix of the host',
      names: ['www.example.org.svc.cluster.local.', 'www.example.org.'] as const,
      expected: { base: 'www.example.org', levels: [1, 4] },
    },
    {
      case: 'a name of another namespace: its second and last step, not a namespace called svc',
      names: ['pay-db.pay.svc.svc.cluster.local.', 'pay-db.pay.svc.cluster.local.'] as const,
      expected: { base: 'pay-db.pay.svc', levels: [1, 2] },
    },
    {
      case: 'a suffix of the host',
      names: ['www.cluster.local.', 'www.corp.example.org.'] as const,
      expected: { base: 'www', levels: [2, 3] },
    },
    {
      case: 'a suffix of the host, then as typed',
      names: ['db.corp.example.org.', 'db.'] as const,
      expected: { base: 'db', levels: [3, 4] },
    },
    {
      case: 'as typed, then a suffix of the host',
      names: ['db.', 'db.corp.example.org.'] as const,
      expected: { base: 'db', levels: [4, 3] },
    },
    {
      case: 'another name',
      names: ['api.pay.shop.svc.cluster.local.', 'api.web.svc.cluster.local.'] as const,
      expected: undefined,
    },
    {
      case: 'a name that only begins alike',
      names: ['api.shop.svc.cluster.local.', 'api2.svc.cluster.local.'] as const,
      expected: undefined,
    },
    {
      case: 'two suffixes of one level',
      names: ['api.shop.svc.cluster.local.', 'api.pay.svc.cluster.local.'] as const,
      expected: undefined,
    },
  ])('$case', ({ names: [a, b], expected }) => {
    expect(commonBaseOf(a, b)).toEqual(expected);
  });
});

describe('a name as an expansion of a base', () => {
  it.each([
    {
      base: 'api.pay',
      name: 'api.pay.shop.svc.cluster.local.',
      expected: 0,
    },
    { base: 'api.pay', name: 'api.pay.svc.cluster.local.', expected: 1 },
    { base: 'api.pay.svc', name: 'api.pay.svc.cluster.local.', expected: 2 },
    { base: 'api.pay', name: 'api.pay.', expected: 4 },
    { base: 'api.pay', name: 'api.pay.corp.example.org.', expected: 3 },
    {
      base: 'api',
      name: 'api.pay.svc.cluster.local.',
      expected: 0,
    },
    { base: 'api', name: 'api.a.b.cluster.local.', expected: undefined },
    { base: 'web', name: 'api.pay.svc.cluster.local.', expected: undefined },
  ])('$name of $base', ({ base, name, expected }) => {
    expect(levelOf(base, name)).toBe(expected);
  });
});

it.each([
  { from: 'shop', name: 'api.pay.shop.svc.cluster.local.', expected: 'api.pay' },
  { from: 'pay', name: 'api.pay.svc.cluster.local.', expected: 'api' },
  { from: 'op', name: 'api.shop.svc.cluster.local.', expected: undefined },
  { from: 'svc', name: 'api.svc.svc.cluster.local.', expected: undefined },
  { from: 'pay', name: 'pay.svc.cluster.local.', expected: undefined },
  { from: 'pay', name: 'api.pay.', expected: undefined },
  { from: '', name: '.', expected: undefined },
  { from: 'shop', name: 'evil\\.shop.svc.cluster.local.', expected: undefined },
  { from: 'evil\\.shop', name: 'api.evil\\.shop.svc.cluster.local.', expected: 'api' },
  { from: 'shop', name: 'a\\.b.shop.svc.cluster.local.', expected: 'a\\.b' },
  { from: 'shop', name: 'api.shop\\.svc.cluster.local.', expected: undefined },
])('what $from asked for with $name', ({ from, name, expected }) => {
  expect(askedFrom(from, name)).toBe(expected);
});

/** Names of up to three labels, from those that mean something and those that do not, with every kind of suffix. */
function toNames(): string[] {
  const labels = ['', 'a.', 'ab.', 'svc.', 'b.'];
  const suffixes = [
    '',
    'a.svc.cluster.local.',
    'svc.cluster.local.',
    'cluster.local.',
    'b.cluster.local.',
    'corp.',
  ];
  const names = labels.flatMap((first) =>
    labels.flatMap((second) => suffixes.map((suffix) => `${first}${second}${suffix}` || '.')),
  );
  return [...new Set(names)];
}

it.each([{ of: ['cluster.local.'] }, { of: ['cluster.local.', 'b.cluster.local.'] }])(
  'the search path reads every pair of names as its plain twin does: $of',
  ({ of }) => {
    const path = createSearchPath(of);
    const names = toNames();
    const met = new Set<string>();
    const different: unknown[] = [];
    const compare = (asked: unknown, found: unknown, expected: unknown): void => {
      if (!isDeepStrictEqual(found, expected)) different.push({ asked, found, expected });
    };
    for (const a of names) {
      const readings = toExpansions(a, of);
      const own = readings.find(({ level }) => level === 0);
      for (const namespace of ['a', 'ab', 'svc', 'b']) {
        compare(
          [namespace, a],
          path.askedFrom(namespace, a),
          own?.namespace === namespace ? own.base : undefined,
        );
      }
      for (const b of names) {
        if (a === b) continue;
        const common = toCommonBase(a, b, of);
        compare([a, b], path.commonBaseOf(a, b), common);
        met.add(common?.levels.join() ?? 'none');
        for (const { base } of readings) {
          const level = base === '.' ? undefined : toExpansionOf(base, b, of)?.level;
          compare([base, b], path.levelOf(base, b), level);
          met.add(`${level}`);
        }
      }
    }
    expect(different).toEqual([]);
    // It looked: every level, and walks of every pair of levels that there can be.
    const levels = ['undefined', '0', '1', '2', '3', '4'];
    const pairs = [
      'none',
      '0,1',
      '1,0',
      '0,2',
      '2,0',
      '0,4',
      '4,0',
      '1,2',
      '2,1',
      '1,4',
      '4,1',
      '2,4',
      '4,2',
      '3,4',
      '4,3',
    ];
    expect([...met]).toEqual(expect.arrayContaining([...levels, ...pairs]));
  },
);
