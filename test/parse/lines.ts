/** Builds `Lines` for the parser's tests, from texts or from a generated log. */
import type { QueryFields } from '../../src/parse/fields.ts';
import type { Lines, LogFile } from '../../src/records/line.ts';
import type { Query } from '../../src/records/query.ts';

/** A query as its line writes it: without what the parser adds so that questions can share it. */
export type WrittenQuery = Pick<Query, 'file' | 'offset' | 'time'> & QueryFields;

export function toWritten({
  question: { stem: _stem, nameId: _nameId, nameHash: _nameHash, ...question },
  ...query
}: Query): WrittenQuery {
  return { ...query, question };
}

export const FILE: LogFile = {
  path: '/var/log/pods/kube-system_coredns-0_uid-0/coredns/0.log',
  id: 'file-0',
  pod: { namespace: 'kube-system', name: 'coredns-0', uid: 'uid-0', container: 'coredns' },
};

/** 2026-11-21T12:00:00Z */
export const NOON = Date.UTC(2026, 10, 21, 12);

/** What a line without anything special asks. */
export const QUESTION = {
  qname: 'example.org.',
  qtype: 'A',
  qclass: 'IN',
  transport: 'udp',
  size: 29,
  dnssecOk: false,
  bufsize: 512,
} as const;

export interface LinesOptions {
  readonly file?: LogFile;
  /** Time of each line; NOON and 1 ms later for each further one, unless told otherwise. */
  readonly timeOf?: (index: number) => number;
}

/** One line a text, as a source hands them over: without wrapping and newline, in one buffer. */
export function toLines(texts: readonly string[], options: LinesOptions = {}): Lines {
  return fromBytes(Buffer.from(texts.map((text) => `${text}\n`).join('')), options);
}

/** Every newline of `bytes` ends a line; its wrapping, if it has one, is taken for text. */
export function fromBytes(bytes: Buffer, options: LinesOptions = {}): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0, newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, at)) {
    starts.push(at);
    ends.push(newline);
    at = newline + 1;
  }
  const { file = FILE, timeOf = (index: number) => NOON + index } = options;
  return {
    file,
    bytes,
    from: 0,
    to: starts.length,
    time: Float64Array.from(starts, (_, index) => timeOf(index)),
    start: Int32Array.from(starts),
    end: Int32Array.from(ends),
    offset: Float64Array.from(starts),
  };
}

/** Takes the runtime's wrapping off: the text begins behind the third blank. */
export function unwrapped(bytes: Buffer): Lines {
  const lines = fromBytes(bytes);
  for (let index = lines.from; index < lines.to; index++) {
    let start = lines.start[index] ?? 0;
    for (let blanks = 0; blanks < 3; blanks++) start = bytes.indexOf(32, start) + 1;
    lines.time[index] = Date.parse(
      bytes.toString('latin1', lines.start[index], bytes.indexOf(32, lines.start[index])),
    );
    lines.start[index] = start;
  }
  return lines;
}
