/** What corespan writes about itself: one line a message, JSON for machines, plain text on a terminal. */

import { toPrintable } from '../text/printable.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** For happenings that can come by the thousand: the first is written, then once a minute how many came, numbers added up. */
  often(level: LogLevel, message: string, fields?: LogFields): void;
  /** Writes the counts that are due. */
  tick(now: number): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Plain text instead of JSON. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly now: () => number;
}

/** What came since the first one was written. */
interface Repeated {
  readonly level: LogLevel;
  readonly since: number;
  count: number;
  readonly sums: Record<string, number>;
}

const SUMMARY_EVERY_MS = 60_000;
/** Distinct repeated messages that are remembered; messages are fixed sentences, so this is never reached. */
const MAX_REPEATED = 200;

export function createLog(options: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const repeated = new Map<string, Repeated>();

  function write(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    options.write(
      options.isTerminal ? toText(level, message, fields) : toJson(options.now(), level, message, fields),
    );
  }

  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    often(level, message, fields) {
      const seen = repeated.get(message);
      if (seen !== undefined) {
        seen.count++;
        addUp(seen.sums, fields);
        return;
      }
      if (repeated.size < MAX_REPEATED)
        repeated.set(message, { level, since: options.now(), count: 0, sums: {} });
      write(level, message, fields);
    },
    tick(now) {
      for (const [message, seen] of repeated) {
        if (now - seen.since < SUMMARY_EVERY_MS) continue;
        repeated.delete(message);
        if (seen.count > 0) write(seen.level, `${message} (again)`, { times: seen.count, ...seen.sums });
      }
    },
  };
}

/** Whoever reads only the first of many drops would take its number for that of all. */
function addUp(sums: Record<string, number>, fields: LogFields = {}): void {
  // No arrays of pairs: drops come by the thousand a second.
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'number') sums[key] = (sums[key] ?? 0) + value;
  }
}

function toJson(now: number, level: LogLevel, message: string, fields: LogFields): string {
  const own = { time: new Date(now).toISOString(), level, message };
  // Ours stand first and win, whatever a field is called.
  return `${JSON.stringify({ ...own, ...fields, ...own })}\n`;
}

function toText(level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? toFieldText(value) : value}`);
  return `${level === 'info' ? '' : `${level}: `}${toPrintable(message)}${pairs.join('')}\n`;
}

/** No byte below 0x20 and none from 0x7f reaches a terminal raw: names and paths are hostile. */
function toFieldText(text: string): string {
  const escaped = JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return /^"[\w./:@%+=,-]*"$/.test(escaped) ? escaped.slice(1, -1) : escaped;
}
