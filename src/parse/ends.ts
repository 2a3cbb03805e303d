/** Where the pieces of a query line end; NONE if what stands there is no such piece. */
import { BLANK, CLOSING, DOT, NINE, OPENING, QUOTE, SLASH } from '../text/ascii.ts';
import { NONE } from './numbers.ts';

/** An IPv6 address with a zone, and `<rcode> <flags>`, are shorter. */
const MAX_WORD = 64;

/** `192.0.2.7` before a colon, or `[2001:db8::7]`. */
export function endOfAddress(bytes: Buffer, from: number, to: number): number {
  const limit = Math.min(to, from + MAX_WORD);
  if (bytes[from] === OPENING) {
    for (let at = from + 1; at < limit; at++) {
      const byte = bytes[at];
      if (byte === CLOSING) return at + 1;
      if (byte === BLANK || byte === QUOTE) return NONE;
    }
    return NONE;
  }
  let at = from;
  while (at < limit && isDotOrDigit(bytes[at])) at++;
  return at > from ? at : NONE;
}

/** The blank behind `<rcode> <flags>`. */
export function endOfAnswer(bytes: Buffer, from: number, to: number): number {
  const limit = Math.min(to, from + MAX_WORD);
  let at = from;
  while (at < limit && bytes[at] !== BLANK) at++;
  at++;
  while (at < limit && bytes[at] !== BLANK) at++;
  return at < limit ? at : NONE;
}

function isDotOrDigit(byte = 0): boolean {
  return byte >= DOT && byte <= NINE && byte !== SLASH;
}
