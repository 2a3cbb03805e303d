/**
 * Reads lines of Docker's json-file driver, and takes the escapes out of their text where it stands.
 *
 *     {"log":"[INFO] \"A IN …\" …\n","stream":"stdout","attrs":{…},"time":"2016-10-20T18:39:20.57606443Z"}
 *
 * The text never grows: two bytes (`\n`) become one, six (`\u003c`) one to three, twelve (a pair) four.
 */

import { BACKSLASH, CLOSING_BRACE, LETTER_E, NEWLINE, QUOTE, RETURN, SLASH } from '../text/ascii.ts';
import type { Batch } from './batch.ts';
import { NO_TIME, type TimeReader } from './times.ts';
import type { Unwrapped } from './unwrapped.ts';
import { toWord } from './words.ts';

/** Fills `line`, which spans the whole line when it comes in, and row `index`. */
export type DockerReader = (line: Unwrapped, index: number) => void;

const BEGIN = '{"log":"';
const BEGIN_WORDS = [toWord('{"lo'), toWord('g":"')] as const;
const TIME = '"time":"';
const TIME_WORDS = [toWord('"tim'), toWord('e":"')] as const;
/** From the key of the time to the end of the line there are 56 bytes at most, unless somebody counts picoseconds. */
const TIME_LENGTH = 64;
/** Behind the closing quote of the text, the letter that tells stderr from stdout. */
const STREAM_LETTER = ',"stream":"std'.length + 1;

/** By the letter behind a backslash: the byte that both stand for (RFC 8259, section 7); 0 for any other letter. */
const ESCAPES = new Uint8Array(256);
ESCAPES.set([QUOTE], QUOTE);
ESCAPES.set([SLASH], SLASH);
ESCAPES.set([BACKSLASH], BACKSLASH);
for (const [letter, byte] of Object.entries({ b: 0x08, f: 0x0c, n: NEWLINE, r: RETURN, t: 0x09 })) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}
/** One escape, or both of a surrogate pair: only together they are a character. */
const UNICODE = /^(?:\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4})/;
const UNICODE_LENGTH = 12;

/** True if a line that begins at `at` is one of Docker's: CoreDNS's own JSON begins with another key. */
export function isDocker(view: DataView, at: number): boolean {
  return view.getInt32(at, true) === BEGIN_WORDS[0] && view.getInt32(at + 4, true) === BEGIN_WORDS[1];
}

export function createDockerReader({ bytes, view, time }: Batch, readTime: TimeReader): DockerReader {
  /** Where the text ends once its escapes are gone. */
  let textEnd = 0;

  /** Returns the place of the closing quote; -1 if there is none, or an escape is broken. */
  function readText(start: number, end: number): number {
    let to = start;
    for (let at = start; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte === QUOTE) {
        textEnd = to;
        return at;
      }
      if (byte !== BACKSLASH) {
        view.setUint8(to++, byte);
        continue;
      }
      const plain = ESCAPES[view.getUint8(at + 1)] ?? 0;
      if (plain !== 0) {
        view.setUint8(to++, plain);
        at++;
        continue;
      }
      const unicode = UNICODE.exec(bytes.toString('latin1', at, Math.min(end, at + UNICODE_LENGTH)))?.[0];
      if (unicode === undefined) return -1;
      to += bytes.write(JSON.parse(`"${unicode}"`) as string, to);
      at += unicode.length - 1;
    }
    return -1;
  }

  /** The time stands last; a text of that shape before it is the log's own. */
  function readLastTime(from: number, end: number, index: number): boolean {
    if (view.getUint8(end - 1) !== CLOSING_BRACE) return false;
    for (let at = end - TIME.length; at > from && at >= end - TIME_LENGTH; at--) {
      if (view.getInt32(at, true) !== TIME_WORDS[0] || view.getInt32(at + 4, true) !== TIME_WORDS[1])
        continue;
      const behind = readTime(at + TIME.length, index);
      return behind !== NO_TIME && view.getUint8(behind) === QUOTE;
    }
    return false;
  }

  return (line, index) => {
    const start = line.start + BEGIN.length;
    const quote = readText(start, line.end);
    time[index] = Number.NaN;
    if (quote < 0 || !readLastTime(quote, line.end, index)) {
      line.kind = 'broken';
      return;
    }
    line.stream = view.getUint8(quote + STREAM_LETTER) === LETTER_E ? 'stderr' : 'stdout';
    line.start = start;
    line.end = textEnd;
    line.kind = textEnd > start && view.getUint8(textEnd - 1) === NEWLINE ? 'whole' : 'part';
    if (line.kind === 'whole') line.end--;
    if (line.end > start && view.getUint8(line.end - 1) === RETURN) line.end--;
  };
}
