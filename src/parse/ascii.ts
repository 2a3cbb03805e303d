/** Bytes that the fast paths look for (US-ASCII, RFC 20), and what they say where something is not found. */

export const BLANK = 0x20;
export const QUOTE = 0x22;
export const PERCENT = 0x25;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const LETTER_Z = 0x5a;
export const OPENING = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING = 0x5d;
export const LETTER_S = 0x73;
export const CLOSING_BRACE = 0x7d;

/** Not here: the plain parser's turn. */
export const NONE = -1;
