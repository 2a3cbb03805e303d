/**
 * The parser: lines in, queries out. Every line that goes in is counted once, as what it was or as rejected with a
 * reason.
 *
 *     lines ──► fast paths ──► query
 *                  │ anything out of the ordinary
 *                  ▼
 *               reading ──► query │ notice: counted │ rejected: counted
 */
import { randomBytes } from 'node:crypto';
import { type Lines, NOTICE_KINDS, REJECTION_REASONS, toDnsPodLabel } from '../records/line.ts';
import type { Query } from '../records/query.ts';
import type { ParseSelf } from '../self/parse.ts';
import { createFastReader } from './fast.ts';
import { createFastJsonReader } from './fastJson.ts';
import { type CompiledFormat, compileFormat } from './format.ts';
import { createInterning, type SharedFields } from './interning.ts';
import { offsetOf } from './offsets.ts';
import { readLine } from './reading.ts';

export interface ParserOptions {
  /** CoreDNS FORMAT string, 'common', 'combined', 'json', or undefined: recognised by itself. */
  readonly format: string | undefined;
  /** Seed of the tables' hashes, 32 bits; random unless a test fixes it. */
  readonly hashSeed?: number;
}

export interface Parser {
  /** An array of its own for each call, in the order of the lines. */
  accept(lines: Lines): readonly Query[];
}

/** Bytes of a rejected line that its log message may show. */
const SAMPLE_BYTES = 120;

const SETS = { kinds: ['query', ...NOTICE_KINDS], reasons: REJECTION_REASONS };

/** Throws if `format` does not compile: the configuration is checked before, with `compileFormat`. */
export function createParser(options: ParserOptions, self: ParseSelf): Parser {
  const format = toCustomFormat(options.format);
  const interning = createInterning(options.hashSeed ?? randomBytes(4).readInt32LE());
  const readFast = createFastReader(interning);
  // What a message in a FORMAT of its own tells beside the members takes the plain parser.
  const readFastJson = format === undefined ? createFastJsonReader(interning) : undefined;

  return {
    accept(lines) {
      const pod = toDnsPodLabel(lines.file);
      const queries: Query[] = [];
      self.met(pod, SETS);
      for (let index = lines.from; index < lines.to; index++) {
        const query = readFast(lines, index) ?? readFastJson?.(lines, index);
        if (query !== undefined) {
          queries.push(query);
          continue;
        }
        const reading = readLine(textOf(lines, index, Infinity), format);
        switch (reading.kind) {
          case 'query':
            queries.push(toQuery(toPlace(lines, index, reading.clock), interning.share(reading.fields)));
            break;
          case 'notice':
            self.parsed(pod, reading.notice, 1);
            break;
          case 'rejected':
            self.rejected(pod, reading.reason, textOf(lines, index, SAMPLE_BYTES));
            break;
          default:
            reading satisfies never;
        }
      }
      self.parsed(pod, 'query', queries.length);
      return queries;
    },
  };
}

/** What the parser understands without being told needs no format of its own. */
function toCustomFormat(text: string | undefined): CompiledFormat | undefined {
  switch (text) {
    case undefined:
    case 'common':
    case 'combined':
    case 'json':
      return undefined;
    default: {
      const compiled = compileFormat(text);
      if ('problem' in compiled) throw new Error(`log format ${JSON.stringify(text)}: ${compiled.problem}`);
      return compiled;
    }
  }
}

/** At most `limit` bytes of line `index`, copied as exactly this range. */
function textOf(lines: Lines, index: number, limit: number): string {
  const start = lines.start[index] ?? 0;
  const end = lines.end[index] ?? 0;
  return lines.bytes.toString('utf8', start, Math.min(end, start + limit));
}

type Place = Pick<Query, 'file' | 'offset' | 'time'>;

/** Where and when line `index` was written: by CoreDNS's own clock if the line has it. */
function toPlace(lines: Lines, index: number, clock: number): Place {
  const time = Number.isNaN(clock) ? (lines.time[index] ?? Number.NaN) : clock;
  return { file: lines.file, offset: offsetOf(lines, index), time };
}

/** Members in the fast path's order: queries of both paths share one hidden class. */
function toQuery({ file, offset, time }: Place, fields: SharedFields): Query {
  const { duration, client, port, id, question, rcode, flags, size, failure, metadata } = fields;
  return {
    file,
    offset,
    time,
    duration,
    client,
    port,
    id,
    question,
    rcode,
    flags,
    size,
    failure,
    metadata,
  };
}
