/**
 * The fast path of JSON lines: queries with the members that CoreDNS 1.15.0 writes, in its order.
 *
 *     {"time":"2026-11-21T12:01:41.243842291Z","level":"INFO","msg":"192.0.2.7:37252 - 43934 \"NS IN . tcp 17 false
 *     65535\" NXDOMAIN qr,aa,rd 59 0.0005999s","plugin":"log","client_ip":"192.0.2.7","client_port":37252,"qname":".",
 *     "qtype":"NS","qclass":"IN","protocol":"tcp","id":43934,"opcode":0,"request_size":17,"dnssec_ok":false,
 *     "bufsize":65535,"rcode":"NXDOMAIN","response_size":59,"duration_seconds":0.000602263}
 *
 * The message says all of it once more, and flags besides. So its quoted part is the key of the question, the same
 * as a text line has, and the members only have to say the same: their bytes are compared where they stand, and no
 * string is made. Whatever is out of the ordinary (another order, an escape, no response, an exponent, a message in
 * another FORMAT) is left to the plain parser, as in `fast.ts`.
 */
import { BLANK, CLOSING_BRACE, NINE, OPENING, PERCENT, ZERO } from '../text/ascii.ts';
import { createWindow, type Window } from './byteTable.ts';
import type { FastReader } from './fast.ts';
import { createMessageReader, type Message } from './fastMessage.ts';
import { createTimeReader } from './fastTime.ts';
import type { Answer } from './fields.ts';
import type { Interning } from './interning.ts';
import { countSame, endOfLiteral, toLiteral } from './literals.ts';
import { createNumbers, isUint16, NONE } from './numbers.ts';
import { offsetOf } from './offsets.ts';

const TIME = toLiteral('{"time":"');
const MESSAGE = toLiteral('","level":"INFO","msg":"');
const CLIENT = toLiteral('","plugin":"log","client_ip":"');
const PORT = toLiteral('","client_port":');
const NAME = toLiteral(',"qname":"');
const TYPE = toLiteral('","qtype":"');
const CLASS = toLiteral('","qclass":"');
const TRANSPORT = toLiteral('","protocol":"');
const ID = toLiteral('","id":');
const OPCODE = toLiteral(',"opcode":');
const SIZE = toLiteral(',"request_size":');
const DNSSEC = toLiteral(',"dnssec_ok":');
const BUFSIZE = toLiteral(',"bufsize":');
const RCODE = toLiteral(',"rcode":"');
const RESPONSE_SIZE = toLiteral('","response_size":');
const DURATION = toLiteral(',"duration_seconds":');

/** The literals alone are 231 bytes; and the first loads need some. */
const MIN_LENGTH = 256;

/** Below, nanoseconds are the nearest whole number to what the plain parser multiplies. */
const MAX_DURATION = 1e15;

/** What the members say; NONE where a number is none. */
interface Members {
  port: number;
  id: number;
  opcode: number;
  size: number;
  bufsize: number;
  responseSize: number;
  duration: number;
}

export function createFastJsonReader({ questions, clients, answers }: Interning): FastReader {
  let window: Window = createWindow(Buffer.alloc(0));
  const numbers = createNumbers();
  const { readNumber, readSeconds } = numbers;
  const readTime = createTimeReader(numbers);
  const { message, readMessage } = createMessageReader(numbers);
  /** Where the word of the message stands that the next member has to say. */
  let word = 0;
  // One object, filled anew each time, so that nothing is allocated.
  const members: Members = {
    port: 0,
    id: 0,
    opcode: 0,
    size: 0,
    bufsize: 0,
    responseSize: 0,
    duration: 0,
  };

  /**
   * Fills `members`; where the last of them ends, NONE if they are not in order or say other than the message. A number
   * that is none goes unseen until `isInRange`.
   */
  function readMembers(from: number, to: number): number {
    const { quoted, quotedEnd, answer, answerEnd } = message;
    const clientEnd = endOfClient(window, message, endOfLiteral(window, from, CLIENT));
    members.port = readUint(endOfLiteral(window, clientEnd, PORT), to);

    const name = behindWord(window.bytes, behindWord(window.bytes, quoted, quotedEnd), quotedEnd);
    word = name;
    const nameEnd = endOfSame(endOfLiteral(window, numbers.stop, NAME));
    const transport = word;
    word = quoted;
    const typeEnd = endOfSame(endOfLiteral(window, nameEnd, TYPE));
    const classEnd = endOfSame(endOfLiteral(window, typeEnd, CLASS));
    if (word !== name) return NONE;
    word = transport;
    const transportEnd = endOfSame(endOfLiteral(window, classEnd, TRANSPORT));
    members.id = readUint(endOfLiteral(window, transportEnd, ID), to);
    members.opcode = readUint(endOfLiteral(window, numbers.stop, OPCODE), to);
    const size = endOfLiteral(window, numbers.stop, SIZE);
    members.size = readUint(size, to);
    const dnssecEnd = endOfSame(endOfLiteral(window, endOfSame(size), DNSSEC));
    const bufsize = endOfLiteral(window, dnssecEnd, BUFSIZE);
    members.bufsize = readUint(bufsize, to);
    const bufsizeEnd = endOfSame(bufsize);
    if (word !== quotedEnd + 1) return NONE;

    word = answer;
    const rcodeEnd = endOfSame(endOfLiteral(window, bufsizeEnd, RCODE));
    if (word !== behindWord(window.bytes, answer, answerEnd)) return NONE;
    members.responseSize = readUint(endOfLiteral(window, rcodeEnd, RESPONSE_SIZE), to);
    const duration = endOfLiteral(window, numbers.stop, DURATION);
    if (duration === NONE || hasLeadingZero(window.bytes, duration)) return NONE;
    members.duration = readSeconds(window.bytes, duration, to);
    return numbers.stop;
  }

  /**
   * Where the member at `at` ends if it says what the message's next word says. Or its next few: `readMembers` checks by
   * `word` that none said more than its own.
   */
  function endOfSame(at: number): number {
    if (at === NONE) return NONE;
    const count = countSame(window, word, at);
    const end = word + count;
    if (window.bytes[end] !== BLANK && end !== message.quotedEnd) return NONE;
    word = end + 1;
    return at + count;
  }

  /** A whole number as JSON has it. */
  function readUint(from: number, to: number): number {
    return from === NONE || hasLeadingZero(window.bytes, from) ? NONE : readNumber(window.bytes, from, to);
  }

  return (lines, index) => {
    if (lines.bytes !== window.bytes) window = createWindow(lines.bytes);
    const start = lines.start[index] ?? 0;
    const end = lines.end[index] ?? 0;
    if (end - start < MIN_LENGTH) return undefined;
    const written = endOfLiteral(window, start, TIME);
    if (written === NONE) return undefined;
    const time = readTime(window, written);
    if (Number.isNaN(time)) return undefined;
    const from = endOfLiteral(window, numbers.stop, MESSAGE);
    if (from === NONE) return undefined;
    const messageEnd = readMessage(window, from, end);
    if (messageEnd === NONE) return undefined;
    const brace = readMembers(messageEnd, end);
    if (brace === NONE || window.bytes[brace] !== CLOSING_BRACE || brace + 1 !== end) return undefined;
    if (!isInRange(members)) return undefined;

    const question = questions.at(window, message.quoted, message.quotedEnd);
    const client = clients.at(window, message.address, message.addressEnd);
    const answer = answers.at(window, message.answer, message.answerEnd);
    if (client === undefined || question === undefined || answer === undefined) return undefined;
    if (isWithoutMessage(answer)) return undefined;
    return {
      file: lines.file,
      offset: offsetOf(lines, index),
      time,
      duration: members.duration,
      client,
      port: members.port,
      id: members.id,
      question,
      rcode: answer.rcode,
      flags: answer.flags,
      size: members.responseSize,
      failure: answer.failure,
      metadata: undefined,
    };
  };
}

function isInRange({ port, id, opcode, size, bufsize, responseSize, duration }: Members): boolean {
  if (opcode === NONE || size === NONE || bufsize === NONE || responseSize === NONE) return false;
  return isUint16(port) && isUint16(id) && duration !== NONE && duration <= MAX_DURATION;
}

/** There a message and its members may tell different shapes of a failure. */
function isWithoutMessage({ failure }: Answer): boolean {
  return failure !== undefined && failure !== 'rcode';
}

/** JSON has no `007`. */
function hasLeadingZero(bytes: Buffer, at: number): boolean {
  const next = bytes[at + 1] ?? 0;
  return bytes[at] === ZERO && next >= ZERO && next <= NINE;
}

/** Behind the blank that ends a type, a class or a response code. */
function behindWord(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== BLANK) at++;
  return at + 1;
}

/** Where the client's address ends if the message begins with the same, in brackets if it is IPv6. */
function endOfClient(window: Window, { address, addressEnd }: Message, at: number): number {
  if (at === NONE) return NONE;
  const { bytes } = window;
  const brackets = bytes[address] === OPENING ? 1 : 0;
  const length = addressEnd - address - 2 * brackets;
  if (brackets > 0 && hasZone(bytes, at, at + length)) return NONE;
  return countSame(window, address + brackets, at) === length ? at + length : NONE;
}

/** In a zone anything may stand, also what JSON has another spelling for. */
function hasZone(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === PERCENT) return true;
  return false;
}
