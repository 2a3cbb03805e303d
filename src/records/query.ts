/** A query: one logged question with its outcome. */
import type { LogFile } from './line.ts';

/**
 * What was asked, and how: everything inside the quotes of a query line. Questions repeat far more often than
 * clients do, so equal ones are one object, and what is worked out of one is kept with it.
 */
export interface Question {
  /** As logged: lower case, escaped, with the trailing dot. */
  readonly qname: string;
  readonly qtype: string;
  readonly qclass: string;
  /** What CoreDNS saw: DoT, DoH and gRPC are tcp, DoQ is udp. */
  readonly transport: 'udp' | 'tcp' | 'unknown';
  /** Bytes of the request; undefined where the format has none. */
  readonly size: number | undefined;
  readonly dnssecOk: boolean | undefined;
  /** EDNS buffer size: 512 without EDNS, always 65535 on tcp (CoreDNS request.Size). */
  readonly bufsize: number | undefined;
  /** First label of the name: what all expansions of one name share. */
  readonly stem: string;
  /** Of no other name than this one; but a name that was forgotten meanwhile gets a new number. */
  readonly nameId: number;
  /** Equal for equal names (`hashOfName`); of two different ones it is mostly not. */
  readonly nameHash: number;
}

/** True if both ask for one name. The numbers spare nearly all looks at texts, which lie far apart in memory. */
export function isSameName(a: Question, b: Question): boolean {
  return a.nameHash === b.nameHash && (a.nameId === b.nameId || a.qname === b.qname);
}

/**
 * How CoreDNS logs a query that got no usable answer. Three generations write three shapes, and only the last
 * tells which failure it was (coredns #4724, #6532, #8200).
 */
export type FailureShape =
  /** ≤ 1.8.4: `NOERROR - 0`; the dash for the flags means "no message", whatever the rcode says. */
  | 'noerror_without_message'
  /** 1.8.5–1.14.4: `- - 0`; one of SERVFAIL, REFUSED, FORMERR, NOTIMP. */
  | 'without_message'
  /** A response code that was written or, from 1.14.5, synthesised. */
  | 'rcode';

export interface Query {
  readonly file: LogFile;
  /** Byte offset of the line in its file; with the file's id it names the query for good. */
  readonly offset: number;
  /** End of the query in milliseconds since the epoch. */
  readonly time: number;
  /** Duration in whole nanoseconds. */
  readonly duration: number;
  /** The client's address in canonical form; "" if the line has none. */
  readonly client: string;
  readonly port: number;
  /** Message id; undefined where the format has none. */
  readonly id: number | undefined;
  readonly question: Question;
  /** Mnemonic or bare number; `none` where no response was recorded. */
  readonly rcode: string;
  /** Comma-separated header flags; "" where the line does not tell. */
  readonly flags: string;
  /** Bytes of the response; undefined where the line has none. */
  readonly size: number | undefined;
  /** Undefined unless the query failed. */
  readonly failure: FailureShape | undefined;
  /** Values of `{/label}` in a custom FORMAT; undefined if it has none. */
  readonly metadata: ReadonlyMap<string, string> | undefined;
}

/** Start of the query in milliseconds since the epoch. */
export function startOf(query: Query): number {
  return query.time - query.duration / 1e6;
}
