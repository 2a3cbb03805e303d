/** Text from outside on its way into an attribute: no control characters, bounded length. */

/** Longest attribute value; a name has at most 255 bytes, escapes may quadruple it. */
const MAX_LENGTH = 255;
/** Control characters and lone halves of surrogate pairs. */
const UNCLEAN = /[\p{Cc}\p{Cs}]/u;

/** CoreDNS has escaped control bytes as `\DDD` already; what reaches us raw comes from annotations. */
export function toAttributeText(text: string): string {
  if (text.length <= MAX_LENGTH && !UNCLEAN.test(text)) return text;
  const clean = text.replaceAll(/\p{Cc}/gu, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`);
  return clean.slice(0, MAX_LENGTH).toWellFormed();
}
