import { describe, expect, it } from 'vitest';
import { toCommonBase, toExpansionOf, toExpansions } from '../../src/dns/searchPath.ts';

const domains = ['cluster.local.'];

it('reads a name as every expansion it can be, the longest suffix first', () => {
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
    expect(toCommonBase(a, b, domains)).toEqual(expected);
  });
});

describe('a name as an expansion of a base', () => {
  it.each([
    {
      base: 'api.pay',
      name: 'api.pay.shop.svc.cluster.local.',
      expected: { base: 'api.pay', level: 0, namespace: 'shop' },
    },
    { base: 'api.pay', name: 'api.pay.svc.cluster.local.', expected: { base: 'api.pay', level: 1 } },
    { base: 'api.pay.svc', name: 'api.pay.svc.cluster.local.', expected: { base: 'api.pay.svc', level: 2 } },
    { base: 'api.pay', name: 'api.pay.', expected: { base: 'api.pay', level: 4 } },
    { base: 'api.pay', name: 'api.pay.corp.example.org.', expected: { base: 'api.pay', level: 3 } },
    {
      base: 'api',
      name: 'api.pay.svc.cluster.local.',
      expected: { base: 'api', level: 0, namespace: 'pay' },
    },
    { base: 'api', name: 'api.a.b.cluster.local.', expected: undefined },
    { base: 'web', name: 'api.pay.svc.cluster.local.', expected: undefined },
  ])('$name of $base', ({ base, name, expected }) => {
    expect(toExpansionOf(base, name, domains)).toEqual(expected);
  });
});
