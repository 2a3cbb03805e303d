/** Bytes that readers of logs look for (US-ASCII, RFC 20). */

export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const BLANK = 0x20;
export const QUOTE = 0x22;
export const PERCENT = 0x25;
export const PLUS = 0x2b;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const LETTER_T = 0x54;
export const LETTER_Z = 0x5a;
export const OPENING = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING = 0x5d;
export const LETTER_E = 0x65;
export const LETTER_S = 0x73;
export const OPENING_BRACE = 0x7b;
export const CLOSING_BRACE = 0x7d;
