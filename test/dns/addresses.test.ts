import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createAddressRanges,
  fromReverseName,
  isLinkLocal,
  isLoopback,
  toCanonicalAddress,
} from '../../src/dns/addresses.ts';

describe('the canonical form', () => {
  it.each([
    { text: '192.0.2.1', canonical: '192.0.2.1' },
    { text: '2001:0DB8:0:0::1', canonical: '2001:db8::1' },
    { text: 'fe80::1%eth0', canonical: 'fe80::1' },
    { text: '::ffff:192.0.2.1', canonical: '192.0.2.1' },
    { text: '192.0.2.256', canonical: undefined },
    { text: '', canonical: undefined },
    { text: 'constructor', canonical: undefined },
  ])('of "$text" is $canonical', ({ text, canonical }) => {
    expect(toCanonicalAddress(text)).toBe(canonical);
  });
});

describe('ranges', () => {
  it.each([
    { cidr: '10.244.1.0/24', inside: '10.244.1.255', outside: '10.244.2.0' },
    { cidr: '10.244.1.7/24', inside: '10.244.1.0', outside: '10.244.0.255' },
    { cidr: '0.0.0.0/0', inside: '198.51.100.7', outside: '2001:db8::1' },
    { cidr: '2001:db8:1::/64', inside: '2001:db8:1::ffff', outside: '2001:db8:1:1::' },
    { cidr: '::/0', inside: 'fd00::1', outside: '192.0.2.1' },
  ])('$cidr has $inside and not $outside', ({ cidr, inside, outside }) => {
    const ranges = createAddressRanges();
    expect(ranges.add(cidr)).toBe(true);
    expect(ranges.has(inside)).toBe(true);
    expect(ranges.has(outside)).toBe(false);
  });

  it.each(['', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', 'x/8', '2001:db8::/129'])('"%s" is none', (cidr) => {
    expect(createAddressRanges().add(cidr)).toBe(false);
  });

  it('of more than it may keep of one length it forgets the one that was added longest ago', () => {
    const ranges = createAddressRanges(2);
    const added = ['10.0.1.0/24', '10.0.2.0/24', '10.1.0.0/16', '10.0.1.7/24', '10.0.3.0/24'];
    expect(added.map((cidr) => ranges.add(cidr))).toEqual([true, true, true, false, true]);
    const addresses = ['10.0.1.1', '10.0.2.1', '10.0.3.1', '10.1.0.1'];
    expect(addresses.map((address) => ranges.has(address))).toEqual([true, false, true, true]);
  });

  it('has every address of a range that holds it (property)', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, fc.nat(128), (text, length) => {
        const prefix = isIP(text) === 4 ? length % 33 : length;
        const ranges = createAddressRanges();
        ranges.add(`${text}/${prefix}`);
        expect(ranges.has(text)).toBe(true);
      }),
      // Each of the 33 + 129 lengths a few times.
      { numRuns: 2_000 },
    );
  });
});

describe('reverse names', () => {
  it.each([
    { name: '20.0.96.10.in-addr.arpa.', address: '10.96.0.20' },
    { name: '0.96.10.in-addr.arpa.', address: undefined },
    { name: '300.0.96.10.in-addr.arpa.', address: undefined },
    {
      name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.',
      address: '2001:db8::1',
    },
    { name: '1.0.0.2.ip6.arpa.', address: undefined },
    { name: 'api.pay.svc.cluster.local.', address: undefined },
  ])('$name stands for $address', ({ name, address }) => {
    expect(fromReverseName(name)).toBe(address);
  });
});

it('knows loopback and link-local addresses', () => {
  expect(['127.0.0.1', '::1', '10.0.0.1'].map(isLoopback)).toEqual([true, true, false]);
  expect(['169.254.20.10', 'fe80::1', 'fd00::1'].map(isLinkLocal)).toEqual([true, true, false]);
});
