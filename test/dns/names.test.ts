import { describe, expect, it } from 'vitest';
import { firstLabel, isInZone, toLabels, withoutTrailingDot, withTrailingDot } from '../../src/dns/names.ts';

describe('labels', () => {
  it.each([
    { name: 'api.pay.svc.cluster.local.', labels: ['api', 'pay', 'svc', 'cluster', 'local'] },
    { name: '.', labels: [] },
    { name: 'do\\.t.example.org.', labels: ['do\\.t', 'example', 'org'] },
    { name: 'back\\\\.example.org.', labels: ['back\\\\', 'example', 'org'] },
    { name: '\\"\\ noerror\\ qr.example.org.', labels: ['\\"\\ noerror\\ qr', 'example', 'org'] },
  ])('of $name', ({ name, labels }) => {
    expect(toLabels(name)).toEqual(labels);
    expect(firstLabel(name)).toBe(labels[0] ?? '');
  });
});

describe('the trailing dot', () => {
  it.each([
    { typed: 'cluster.local', full: 'cluster.local.', bare: 'cluster.local' },
    { typed: 'cluster.local.', full: 'cluster.local.', bare: 'cluster.local' },
    { typed: '.', full: '.', bare: '.' },
    { typed: 'dot\\.', full: 'dot\\..', bare: 'dot\\.' },
  ])('of $typed', ({ typed, full, bare }) => {
    expect(withTrailingDot(typed)).toBe(full);
    expect(withoutTrailingDot(typed)).toBe(bare);
  });
});

describe('lying in a zone', () => {
  it.each([
    { name: 'a.example.org.', zone: 'example.org.', expected: true },
    { name: 'example.org.', zone: 'example.org.', expected: true },
    { name: 'badexample.org.', zone: 'example.org.', expected: false },
    { name: 'a\\.example.org.', zone: 'example.org.', expected: false },
    { name: 'anything.', zone: '.', expected: true },
  ])('$name in $zone: $expected', ({ name, zone, expected }) => {
    expect(isInZone(name, zone)).toBe(expected);
  });
});
