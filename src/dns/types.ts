/** Query types and classes: which mnemonics may become a metric label, and which two belong together. */

/** Types that appear in real traffic or in abuse of it; the rest share the label `other`. */
export const LABELLED_TYPES = [
  'A',
  'AAAA',
  'ANY',
  'AXFR',
  'CAA',
  'CNAME',
  'DNSKEY',
  'DS',
  'HINFO',
  'HTTPS',
  'IXFR',
  'MX',
  'NAPTR',
  'NS',
  'NULL',
  'PTR',
  'SOA',
  'SRV',
  'SVCB',
  'TLSA',
  'TXT',
] as const;

const LABELLED = new Set<string>(LABELLED_TYPES);

/** The bounded label of a query type: its mnemonic, or `other`. */
export function toTypeLabel(qtype: string): string {
  return LABELLED.has(qtype) ? qtype : 'other';
}

/** True for A and AAAA, which stub resolvers ask as a pair (RFC 3596, getaddrinfo). */
export function isAddressType(qtype: string): boolean {
  return qtype === 'A' || qtype === 'AAAA';
}
