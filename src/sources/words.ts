/** Characters as numbers, the way they are loaded out of a buffer: comparing two words beats comparing eight bytes. */

/** Exactly four characters, as `DataView.getInt32(at, true)` loads them. */
export function toWord(characters: string): number {
  return Buffer.from(characters, 'latin1').readInt32LE();
}

/** Exactly two characters, as `DataView.getUint16(at, true)` loads them. */
export function toHalfWord(characters: string): number {
  return Buffer.from(characters, 'latin1').readUInt16LE();
}

export const BLANK = 0x20;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const QUOTE = 0x22;
export const PLUS = 0x2b;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const LETTER_T = 0x54;
export const LETTER_Z = 0x5a;
export const BACKSLASH = 0x5c;
export const OPENING_BRACE = 0x7b;
export const CLOSING_BRACE = 0x7d;
