/**
 * A log line is a prefix (time, level, what a viewer put in front) and a message; this file finds the border.
 *
 * Times only come off: what they say the source has read already.
 */
import { endOfTime } from './times.ts';

const LEVELS = ['INFO', 'ERROR', 'WARNING', 'DEBUG', 'FATAL'] as const;
export type Level = (typeof LEVELS)[number];

export interface Message {
  /** Undefined for lines without `[LEVEL] `: the banner, and query lines up to CoreDNS 1.2.5. */
  readonly level: Level | undefined;
  readonly text: string;
}

/** journald's `Jun 05 16:41:03 host coredns[123]: ` and `2026-05-05 19:48:40.015 host name[530]: `. */
const JOURNAL = /(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d(?:\.\d+)? \S+ [^\s[]+\[\d+\]: /y;

/** Viewers' prefixes are short; behind a longer one no JSON object is looked for. */
const PREFIX_LIMIT = 256;

/**
 * Splits a line at its level. Scanning for the first `[LEVEL] ` is safe: names are lower case and have no bare
 * blank, so no client can write one (CoreDNS escapes blanks in names as `\ `: miekg/dns sprintName).
 */
export function toMessage(line: string): Message {
  for (let at = line.indexOf('['); at >= 0; at = line.indexOf('[', at + 1)) {
    const level = levelAt(line, at);
    if (level !== undefined) {
      return { level, text: line.slice(at + level.length + 3) };
    }
  }
  return toBareMessage(line);
}

/**
 * Where the JSON object of a line begins: at its first byte, or behind a viewer's prefix; -1 if it is a text line.
 * A client cannot write `{"time":"` into one: CoreDNS puts a backslash before each quote of a name.
 */
export function jsonStart(line: string): number {
  if (line.startsWith('{')) return 0;
  const start = line.indexOf('{"time":"');
  const isPrefixed =
    start > 0 && start <= PREFIX_LIMIT && toMessage(line.slice(0, start)).level === undefined;
  return isPrefixed ? start : -1;
}

function levelAt(line: string, at: number): Level | undefined {
  return LEVELS.find(
    (level) => line.startsWith(level, at + 1) && line.startsWith('] ', at + 1 + level.length),
  );
}

/** Without a level only times and journald's prefix come off: indentation tells what a Corefile's line is. */
function toBareMessage(line: string): Message {
  JOURNAL.lastIndex = 0;
  let at = JOURNAL.test(line) ? JOURNAL.lastIndex : 0;
  for (let end = endOfTime(line, at); end >= 0; end = endOfTime(line, at)) at = end;
  return { level: undefined, text: line.slice(at) };
}
