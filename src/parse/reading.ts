/** Reads any one line as text, whatever CoreDNS, its generation or its settings made of it: the slow path. */
import type { NoticeKind, RejectionReason } from '../records/line.ts';
import type { QueryFields } from './fields.ts';
import type { CompiledFormat } from './format.ts';
import { parseJsonLine } from './json.ts';
import { type OriginMessage, toNoticeKind, toOriginMessage } from './notices.ts';
import { isLikeQuery, parseQuery } from './plain.ts';
import { jsonStart, type Message, toMessage } from './prefixes.ts';

/** What one line turned out to be. */
export type Reading =
  | {
      readonly kind: 'query';
      readonly fields: QueryFields;
      /** CoreDNS's own clock in nanoseconds, as only JSON has it: it beats the source's. Milliseconds; NaN if missing. */
      readonly clock: number;
    }
  | { readonly kind: 'notice'; readonly notice: NoticeKind }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason };

/** `format` is what the Corefile's `log` has beside `common` and `combined`, which are always understood. */
export function readLine(line: string, format: CompiledFormat | undefined): Reading {
  const json = jsonStart(line);
  if (json >= 0) return readJson(line.slice(json), format);
  const message = toMessage(line);
  return readQuery(message, format) ?? readNotice(message);
}

function readJson(text: string, format: CompiledFormat | undefined): Reading {
  const line = parseJsonLine(text, (message) => format?.read(message) ?? parseQuery(message));
  if (line === undefined) return { kind: 'rejected', reason: 'bad_json' };
  return line.kind === 'query' ? line : toReading(line.message);
}

/**
 * Only CoreDNS ≤ 1.2.5 wrote queries without a level, and never in a FORMAT that is still compiled. The default
 * formats go first: they are exact, whereas a loose FORMAT may take their lines for its own.
 */
function readQuery({ level, text }: Message, format: CompiledFormat | undefined): Reading | undefined {
  if (level !== undefined && level !== 'INFO') return undefined;
  const fields = parseQuery(text) ?? (level === 'INFO' ? format?.read(text) : undefined);
  if (fields !== undefined) return { kind: 'query', fields, clock: Number.NaN };
  return isLikeQuery(text) ? { kind: 'rejected', reason: 'bad_query' } : undefined;
}

/** A query in a FORMAT that nobody told us: passing it off as a message would hide that queries go unseen. */
const FOREIGN_FORMAT = /\b(?:NOERROR|NXDOMAIN|SERVFAIL|REFUSED|FORMERR|NOTIMP)\b|\d\.\d+s\b/;

function readNotice({ level, text }: Message): Reading {
  const message = toOriginMessage(level, text);
  const reading = toReading(message);
  const isUnknown = reading.kind === 'notice' && reading.notice === 'message' && message.plugin === undefined;
  return isUnknown && level === 'INFO' && FOREIGN_FORMAT.test(text) ? UNRECOGNISED : reading;
}

const UNRECOGNISED: Reading = { kind: 'rejected', reason: 'unrecognised' };

function toReading(message: OriginMessage): Reading {
  const notice = toNoticeKind(message);
  return notice === undefined ? UNRECOGNISED : { kind: 'notice', notice };
}
