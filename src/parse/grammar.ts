/**
 * The pieces of a CoreDNS query line, as sources of regular expressions.
 *
 * Each piece reads only characters that cannot begin what follows it, so that whatever is put together from them
 * reads a line once: time grows with the length, never with its square. CoreDNS `plugin/pkg/replacer`.
 */

/** IPv6 stands in brackets, with its zone. Empty for a DoH client whose address did not parse. */
export const ADDRESS = String.raw`\[[^\] "]*\]|[0-9.]*`;

/** Fifteen digits are exact as a JavaScript number. */
export const UINT = String.raw`\d{1,15}`;

/** A type or class: `A`, `NSAP-PTR`, `TYPE65280`, `CLASS255`. */
export const MNEMONIC = '[A-Za-z0-9-]*';

/** One byte of a name that is neither printable nor plain: three decimal digits up to 255. */
const BYTE = String.raw`\\(?:[01]\d\d|2[0-4]\d|25[0-5])`;

/**
 * A name as miekg/dns prints it. A blank or a quote occurs only behind a backslash; the three alternatives
 * begin differently, so there is one way to read a name.
 */
export const NAME = String.raw`(?:${BYTE}|\\\D|[^ "\\])+`;

/**
 * The same without whatever else CoreDNS puts a backslash or a number for, so that a FORMAT may end a name with
 * it. Not for the default formats: CoreDNS 1.2.6–1.9.3 wrote `%!s(MISSING)` into names.
 */
export const STRICT_NAME = String.raw`(?:${BYTE}|\\\D|[^ "\\'@;()\t])+`;

export const TRANSPORT = 'udp|tcp';

export const BOOLEAN = 'true|false';

/** A mnemonic, a bare number where miekg/dns knows none, or `-` for "no message". */
export const RCODE = String.raw`-|[A-Z]+\d*|\d{1,5}`;

/** Comma-separated, or `-` for "no message". */
export const FLAGS = '-|[a-z,]*';

/** Decimal seconds; before CoreDNS 1.1.4 whatever Go prints, such as `102.2µs` or `1m2.5s`. */
export const DURATION = String.raw`-|(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m))+`;
