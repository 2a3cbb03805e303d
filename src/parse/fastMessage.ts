/**
 * Reads the message of a JSON line: a text line without its level, its quotes behind backslashes.
 *
 *     192.0.2.7:37252 - 43934 \"NS IN . tcp 17 false 65535\" NXDOMAIN qr,aa,rd 59 0.0005999s
 */
import { BACKSLASH, BLANK, COLON, DASH, LETTER_S, QUOTE } from '../text/ascii.ts';
import type { Window } from './byteTable.ts';
import { endOfAddress, endOfAnswer } from './ends.ts';
import { isUint16, NONE, type Numbers } from './numbers.ts';

/** A backslash and a blank, 0x01 and 0x80 in each of four bytes: see `endOfQuoted`. */
const BACKSLASHES = 0x5c5c5c5c;
const BLANKS = 0x20202020;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/** Where the pieces of a message stand. */
export interface Message {
  address: number;
  addressEnd: number;
  quoted: number;
  quotedEnd: number;
  answer: number;
  answerEnd: number;
}

export interface MessageReader {
  /** What was read last: one object, filled anew each time, so that nothing is allocated. */
  readonly message: Message;
  /** Fills `message`; where it ends, NONE if it is not in the format `common` or `combined`. */
  readonly readMessage: (window: Window, from: number, to: number) => number;
}

export function createMessageReader(numbers: Numbers): MessageReader {
  const message: Message = { address: 0, addressEnd: 0, quoted: 0, quotedEnd: 0, answer: 0, answerEnd: 0 };
  const { readNumber, readSeconds } = numbers;

  function readMessage({ bytes, view }: Window, from: number, to: number): number {
    const addressEnd = endOfAddress(bytes, from, to);
    if (addressEnd === NONE || bytes[addressEnd] !== COLON) return NONE;
    if (!isUint16(readNumber(bytes, addressEnd + 1, to))) return NONE;
    const dash = numbers.stop;
    if (bytes[dash] !== BLANK || bytes[dash + 1] !== DASH || bytes[dash + 2] !== BLANK) return NONE;
    if (!isUint16(readNumber(bytes, dash + 3, to))) return NONE;

    const quoted = numbers.stop + 3;
    if (bytes[quoted - 3] !== BLANK || !isEscapedQuote(bytes, quoted - 2)) return NONE;
    const quotedEnd = endOfQuoted(view, quoted, to);
    const answer = quotedEnd + 3;
    if (quotedEnd === NONE || !isEscapedQuote(bytes, quotedEnd) || bytes[answer - 1] !== BLANK) return NONE;
    const answerEnd = endOfAnswer(bytes, answer, to);
    if (answerEnd === NONE) return NONE;
    if (readNumber(bytes, answerEnd + 1, to) === NONE || bytes[numbers.stop] !== BLANK) return NONE;
    if (readSeconds(bytes, numbers.stop + 1, to) === NONE || bytes[numbers.stop] !== LETTER_S) return NONE;

    message.address = from;
    message.addressEnd = addressEnd;
    message.quoted = quoted;
    message.quotedEnd = quotedEnd;
    message.answer = answer;
    message.answerEnd = answerEnd;
    return endOfOpcode(bytes, numbers.stop + 1, to);
  }

  /** What `combined` has behind the duration: ` \"0\"`. */
  function endOfOpcode(bytes: Buffer, at: number, to: number): number {
    if (bytes[at] !== BLANK) return at;
    if (!isEscapedQuote(bytes, at + 1) || readNumber(bytes, at + 3, to) === NONE) return NONE;
    return isEscapedQuote(bytes, numbers.stop) ? numbers.stop + 2 : NONE;
  }

  return { message, readMessage };
}

function isEscapedQuote(bytes: Buffer, at: number): boolean {
  return bytes[at] === BACKSLASH && bytes[at + 1] === QUOTE;
}

/**
 * The first backslash, unless a control character comes before it, which JSON does not allow. As in `fast.ts`; four bytes
 * less 32 each have the high bit where there was less.
 */
function endOfQuoted(view: DataView, from: number, to: number): number {
  for (let at = from; at + 4 <= to; at += 4) {
    const word = view.getInt32(at, true);
    const x = word ^ BACKSLASHES;
    const hits = (((x - LOW_BITS) & ~x) | ((word - BLANKS) & ~word)) & HIGH_BITS;
    if (hits === 0) continue;
    const place = at + ((31 - Math.clz32(hits & -hits)) >> 3);
    return view.getUint8(place) === BACKSLASH ? place : NONE;
  }
  return NONE;
}
