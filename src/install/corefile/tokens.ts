/**
 * Cuts a Corefile into words, as CoreDNS does (coredns/caddy, caddyfile/lexer.go).
 *
 * A quote opens a quoted word only at its beginning; inside, only `\"` is an escape and lines may end. `#` starts a
 * comment anywhere outside quotes, in the middle of a word too.
 */

export interface Token {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export function toTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.length;
  let line = 1;
  let at = text.startsWith('\uFEFF') ? 1 : 0;

  /** Behind the closing quote; an unclosed one swallows the rest. */
  function readQuoted(): void {
    const begin = line;
    let word = '';
    for (at += 1; at < end && text[at] !== '"'; at++) {
      if (text[at] === '\\' && text[at + 1] === '"') at += 1;
      if (text[at] === '\n') line += 1;
      if (text[at] !== '\r') word += text[at];
    }
    at += 1;
    tokens.push({ text: word, line: begin });
  }

  function readPlain(): void {
    let word = '';
    for (; at < end && !/[\s#]/.test(text[at] ?? ''); at++) word += text[at];
    tokens.push({ text: word, line });
  }

  while (at < end) {
    const char = text[at] ?? '';
    if (char === '\n') {
      line += 1;
      at += 1;
    } else if (/\s/.test(char)) at += 1;
    else if (char === '#') at = toLineEnd(text, at);
    else if (char === '"') readQuoted();
    else readPlain();
  }
  return tokens;
}

function toLineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
