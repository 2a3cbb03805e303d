/** From the texts of a line's fields to the terms of a query; ranges are checked here, shapes by the grammar. */
import { toCanonicalAddress } from '../dns/addresses.ts';
import { NO_RCODE, toOutcome } from '../dns/rcodes.ts';
import type { FailureShape, Query, Question } from '../records/query.ts';
import { toNanoseconds } from './durations.ts';

/** A question as a line writes it, before it is shared. */
export type QuestionFields = Omit<Question, 'stem' | 'nameId' | 'nameHash'>;

/** What a query line says by itself; the parser adds where the line stood and when it was written. */
export type QueryFields = Omit<Query, 'file' | 'offset' | 'time' | 'question'> & {
  readonly question: QuestionFields;
};

/** Texts as the grammar cut them out; undefined where the format has no such field. */
export interface QuestionTexts {
  readonly type?: string | undefined;
  readonly class?: string | undefined;
  readonly name?: string | undefined;
  readonly transport?: string | undefined;
  readonly size?: string | undefined;
  readonly dnssecOk?: string | undefined;
  readonly bufsize?: string | undefined;
}

export interface AnswerTexts {
  readonly remote?: string | undefined;
  readonly port?: string | undefined;
  readonly id?: string | undefined;
  readonly rcode?: string | undefined;
  readonly flags?: string | undefined;
  readonly responseSize?: string | undefined;
  readonly duration?: string | undefined;
}

/** How a query ended. */
export type Answer = Pick<Query, 'rcode' | 'flags' | 'failure'>;

export const MAX_UINT16 = 65_535;

/** Undefined if a number is out of its range. */
export function toQuestion(texts: QuestionTexts): QuestionFields | undefined {
  const bufsize = toOptionalNumber(texts.bufsize);
  if (bufsize !== undefined && bufsize > MAX_UINT16) return undefined;
  return {
    qname: texts.name ?? '',
    qtype: texts.type ?? '',
    qclass: texts.class ?? '',
    transport: toTransport(texts.transport),
    size: toOptionalNumber(texts.size),
    dnssecOk: texts.dnssecOk === undefined ? undefined : texts.dnssecOk === 'true',
    bufsize,
  };
}

/** Undefined if the address is none, a number is out of its range or the duration too long to be exact. */
export function toQueryFields(
  question: QuestionFields,
  texts: AnswerTexts,
  metadata: ReadonlyMap<string, string> | undefined,
): QueryFields | undefined {
  const client = toClient(texts.remote ?? '');
  const port = toOptionalNumber(texts.port) ?? 0;
  const id = toOptionalNumber(texts.id);
  const duration = toDuration(texts.duration);
  if (client === undefined || port > MAX_UINT16 || (id ?? 0) > MAX_UINT16 || duration === undefined) {
    return undefined;
  }
  const { rcode, flags, failure } = toAnswer(texts.rcode ?? '', texts.flags ?? '');
  return {
    duration,
    client,
    port,
    id,
    question,
    rcode,
    flags,
    size: texts.responseSize === '-' ? undefined : toOptionalNumber(texts.responseSize),
    failure,
    metadata,
  };
}

/** Brackets and zone come off; "" stays (a DoH client whose address did not parse); undefined if it is no address. */
export function toClient(remote: string): string | undefined {
  if (remote === '') return '';
  return toCanonicalAddress(remote.startsWith('[') ? remote.slice(1, -1) : remote);
}

/** `rcode` and `flags` as logged; the failure's shape follows from both (see `FailureShape`). */
export function toAnswer(rcode: string, flags: string): Answer {
  if (rcode === '-') return toFailedAnswer('without_message', flags);
  if (flags === '-') return toFailedAnswer('noerror_without_message', flags);
  const isFailure = rcode !== '' && toOutcome(rcode) === 'error';
  return { rcode, flags, failure: isFailure ? 'rcode' : undefined };
}

function toFailedAnswer(failure: FailureShape, flags: string): Answer {
  return { rcode: NO_RCODE, flags: flags === '-' ? '' : flags, failure };
}

/** A literal, not the text that was read: V8 finds a member by that without a look at its letters. */
export function toTransport(text: string | undefined): Question['transport'] {
  if (text === 'udp') return 'udp';
  return text === 'tcp' ? 'tcp' : 'unknown';
}

/** A format without durations, or a `-`, counts as no time at all: start and end are then the same. */
function toDuration(text: string | undefined): number | undefined {
  return text === undefined || text === '-' ? 0 : toNanoseconds(text);
}

function toOptionalNumber(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
