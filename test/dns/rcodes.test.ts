import { expect, it } from 'vitest';
import { toOutcome, toRcodeLabel } from '../../src/dns/rcodes.ts';
import { isAddressType, toTypeLabel } from '../../src/dns/types.ts';

it.each([
  { rcode: 'NOERROR', label: 'NOERROR', outcome: 'success' },
  { rcode: 'NXDOMAIN', label: 'NXDOMAIN', outcome: 'denial' },
  { rcode: 'SERVFAIL', label: 'SERVFAIL', outcome: 'error' },
  { rcode: 'none', label: 'none', outcome: 'error' },
  { rcode: '3841', label: 'other', outcome: 'error' },
  { rcode: 'constructor', label: 'other', outcome: 'error' },
])('$rcode is labelled $label and means $outcome', ({ rcode, label, outcome }) => {
  expect(toRcodeLabel(rcode)).toBe(label);
  expect(toOutcome(rcode)).toBe(outcome);
});

it.each([
  { qtype: 'AAAA', label: 'AAAA', isAddress: true },
  { qtype: 'HTTPS', label: 'HTTPS', isAddress: false },
  { qtype: 'TYPE65280', label: 'other', isAddress: false },
])('$qtype is labelled $label', ({ qtype, label, isAddress }) => {
  expect(toTypeLabel(qtype)).toBe(label);
  expect(isAddressType(qtype)).toBe(isAddress);
});
