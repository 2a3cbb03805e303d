/** Response codes as CoreDNS prints them (miekg/dns `RcodeToString`), and what they mean for a lookup. */

/** The mnemonics that may become a metric label; 16 is BADSIG and BADVERS alike. */
export const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
  'DSOTYPENI',
  'BADSIG',
  'BADKEY',
  'BADTIME',
  'BADMODE',
  'BADNAME',
  'BADALG',
  'BADTRUNC',
  'BADCOOKIE',
] as const;

/** What a log writes where no message was recorded: the query failed, nobody knows how. */
export const NO_RCODE = 'none';

/** success: an answer; denial: the name (or type) does not exist; error: no usable answer. */
export type Outcome = 'success' | 'denial' | 'error';

const KNOWN = new Set<string>(RCODES);

/** The bounded label for a response code: a mnemonic, `none`, or `other` for bare numbers such as 3841. */
export function toRcodeLabel(rcode: string): string {
  return KNOWN.has(rcode) || rcode === NO_RCODE ? rcode : 'other';
}

/** One query's outcome. NODATA looks like success here: the default log formats carry no answer count. */
export function toOutcome(rcode: string): Outcome {
  if (rcode === 'NOERROR') return 'success';
  if (rcode === 'NXDOMAIN') return 'denial';
  return 'error';
}
