/** A log line is a prefix (time, level, what a viewer put in front) and a message; this file finds the border. */
import { readTime } from './times.ts';

const LEVELS = ['INFO', 'ERROR', 'WARNING', 'DEBUG', 'FATAL'] as const;
export type Level = (typeof LEVELS)[number];

export interface Message {
  /** Undefined for lines without `[LEVEL] `: the banner, and query lines up to CoreDNS 1.2.5. */
  readonly level: Level | undefined;
  /** The line's own time in milliseconds since the epoch; NaN if it has none. */
  readonly time: number;
  readonly text: string;
}

/** journald's `Jun 05 16:41:03 host coredns[123]: ` and `2026-05-05 19:48:40.015 host name[530]: `. */
const JOURNAL = /(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d(?:\.\d+)? \S+ [^\s[]+\[\d+\]: /y;

/** Viewers' prefixes are short; a line whose prefix is longer is read without its time. */
const PREFIX_LIMIT = 256;

/**
 * Splits a line at its level. Scanning for the first `[LEVEL] ` is safe: names are lower case and have no bare
 * blank, so no client can write one (CoreDNS escapes blanks in names as `\ `: miekg/dns sprintName).
 */
export function toMessage(line: string): Message {
  for (let at = line.indexOf('['); at >= 0; at = line.indexOf('[', at + 1)) {
    const level = levelAt(line, at);
    if (level !== undefined) {
      return { level, time: timeIn(line.slice(0, at)), text: line.slice(at + level.length + 3) };
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

/** The first time that begins at one of the prefix's words. */
function timeIn(prefix: string): number {
  const words = prefix.slice(0, PREFIX_LIMIT);
  for (let at = 0; at >= 0 && at < words.length; at = nextWord(words, at)) {
    const written = readTime(words, at);
    if (written !== undefined) return written.time;
  }
  return Number.NaN;
}

function nextWord(text: string, at: number): number {
  const blank = text.indexOf(' ', at);
  return blank < 0 ? -1 : blank + 1;
}

/** Without a level only times and journald's prefix come off: indentation tells what a Corefile's line is. */
function toBareMessage(line: string): Message {
  JOURNAL.lastIndex = 0;
  let at = JOURNAL.test(line) ? JOURNAL.lastIndex : 0;
  let time = Number.NaN;
  for (let written = readTime(line, at); written !== undefined; written = readTime(line, at)) {
    if (Number.isNaN(time)) time = written.time;
    at = written.end;
  }
  return { level: undefined, time, text: line.slice(at) };
}
