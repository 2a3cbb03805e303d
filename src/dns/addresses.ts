/** IP addresses as text: canonical form, ranges, and the reverse names that stand for them. */
import { isIP, SocketAddress } from 'node:net';

/**
 * The one spelling of an address that corespan compares: RFC 5952 for IPv6, IPv4 for an IPv4-mapped address,
 * no zone. Go (CoreDNS, Kubernetes) prints the same; undefined if the text is no address.
 */
export function toCanonicalAddress(text: string): string | undefined {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  switch (isIP(bare)) {
    case 4:
      return bare;
    case 6: {
      const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
      return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
    }
    default:
      return undefined;
  }
}

/**
 * A set of CIDR ranges, one hash lookup per distinct prefix length: `net.BlockList` walks its rules one by one,
 * and a large cluster has thousands of pod ranges of one length.
 */
export interface AddressRanges {
  /** True if that is a new range, false if the text is none. Host bits are ignored: `10.244.1.7/24` is `10.244.1.0/24`. */
  add(cidr: string): boolean;
  has(address: string): boolean;
}

/** Of more than `maxPerLength` ranges of one prefix length the one that was added longest ago is forgotten. */
export function createAddressRanges(maxPerLength = Infinity): AddressRanges {
  /** For each family: prefix length → networks, shifted down to their prefix, in the order in which they were added last. */
  const families = { 32: new Map<number, Set<bigint>>(), 128: new Map<number, Set<bigint>>() };
  return {
    add(cidr) {
      const [network = '', prefix = ''] = cidr.split('/');
      const bits = toBits(network);
      if (bits === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits.width) return false;
      const length = Number(prefix);
      const known = families[bits.width].get(length) ?? new Set();
      const value = bits.value >> BigInt(bits.width - length);
      const isNew = !known.delete(value);
      known.add(value);
      families[bits.width].set(length, known);
      const [oldest] = known;
      if (oldest !== undefined && known.size > maxPerLength) known.delete(oldest);
      return isNew;
    },
    has(address) {
      const bits = toBits(address);
      if (bits === undefined) return false;
      for (const [length, known] of families[bits.width]) {
        if (known.has(bits.value >> BigInt(bits.width - length))) return true;
      }
      return false;
    },
  };
}

function toBits(address: string): { readonly width: 32 | 128; readonly value: bigint } | undefined {
  switch (isIP(address)) {
    case 4:
      return {
        width: 32,
        value: address.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n),
      };
    case 6:
      return { width: 128, value: BigInt(`0x${toHextets(address).join('')}`) };
    default:
      return undefined;
  }
}

/** The eight groups of an IPv6 address, four digits each; a trailing dotted quad counts as two groups. */
function toHextets(address: string): string[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...quad: string[]) => {
    const [a, b, c, d] = quad.slice(0, 4).map((octet) => Number(octet).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(gap).fill('0'), ...right].map((group) => group.padStart(4, '0'));
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** 169.254.0.0/16 and fe80::/10: where NodeLocal DNSCache listens (169.254.20.10 by default). */
export function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(address);
}

/** The address that a PTR name asks for (RFC 1035 3.5, RFC 3596 2.5); undefined if it is not a whole one. */
export function fromReverseName(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa.')) {
    const octets = name.slice(0, -'.in-addr.arpa.'.length).split('.');
    return octets.length === 4 ? toCanonicalAddress(octets.reverse().join('.')) : undefined;
  }
  if (name.endsWith('.ip6.arpa.')) {
    const nibbles = name.slice(0, -'.ip6.arpa.'.length).split('.');
    if (nibbles.length !== 32 || nibbles.some((nibble) => !/^[0-9a-f]$/.test(nibble))) return undefined;
    return toCanonicalAddress(
      nibbles
        .reverse()
        .join('')
        .replace(/(.{4})(?!$)/g, '$1:'),
    );
  }
  return undefined;
}

/** True for any name below the two reverse trees, whole address or not. */
export function isReverseName(name: string): boolean {
  return name.endsWith('.in-addr.arpa.') || name.endsWith('.ip6.arpa.');
}
