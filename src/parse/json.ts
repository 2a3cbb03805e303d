/**
 * Lines of `-log-format=json` (CoreDNS 1.15.0): one object a line, read by name, since members may be added, left
 * out or reordered.
 *
 * A query's members carry neither flags nor metadata: these stand only in its `msg`, in whatever FORMAT the
 * Corefile chose, so whoever reads that format passes its reader in.
 */
import { MAX_UINT16, type QueryFields, toAnswer, toClient, toTransport } from './fields.ts';
import { MNEMONIC, NAME } from './grammar.ts';
import type { OriginMessage } from './notices.ts';
import type { Level } from './prefixes.ts';
import { parseTime } from './times.ts';

export type JsonLine =
  | {
      readonly kind: 'query';
      readonly fields: QueryFields;
      /** The end of the query, in milliseconds; NaN if missing. */
      readonly clock: number;
    }
  | { readonly kind: 'message'; readonly message: OriginMessage };

/** Reads flags and metadata out of a `msg`; undefined if it is not of the expected shape. */
export type MessageReader = (message: string) => Pick<QueryFields, 'flags' | 'metadata'> | undefined;

/** Undefined if the text is no JSON object, or none that CoreDNS is known to write. */
export function parseJsonLine(text: string, readMessage: MessageReader): JsonLine | undefined {
  const members = parseObject(text);
  if (members === undefined) return undefined;
  if (members['plugin'] === 'log' && members['qname'] !== undefined) {
    const fields = isQuery(members) ? toFields(members, readMessage) : undefined;
    return fields && { kind: 'query', fields, clock: toClock(members['time']) };
  }
  const { msg, plugin, level } = members;
  if (!isText(msg)) return undefined;
  const message = { level: toLevel(level), plugin: isText(plugin) ? plugin : undefined, text: msg };
  return { kind: 'message', message };
}

type Members = Readonly<Record<string, unknown>>;

function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every member but the name may be missing. */
interface QueryMembers {
  readonly msg?: string;
  readonly client_ip?: string;
  readonly client_port?: number;
  readonly qname: string;
  readonly qtype?: string;
  readonly qclass?: string;
  readonly protocol?: string;
  readonly id?: number;
  readonly request_size?: number;
  readonly dnssec_ok?: boolean;
  readonly bufsize?: number;
  /** Null where no response was recorded; never a success. */
  readonly rcode?: string | null;
  readonly response_size?: number;
  readonly duration_seconds?: number;
}

const WHOLE_NAME = new RegExp(`^${NAME}$`);
const WHOLE_MNEMONIC = new RegExp(`^${MNEMONIC}$`);
const MAX_SECONDS = Number.MAX_SAFE_INTEGER / 1e9;

const RULES: Readonly<Record<keyof QueryMembers, (value: unknown) => boolean>> = {
  msg: isText,
  client_ip: isText,
  client_port: (value) => isUint(value, MAX_UINT16),
  qname: (value) => isText(value) && WHOLE_NAME.test(value),
  qtype: (value) => isText(value) && WHOLE_MNEMONIC.test(value),
  qclass: (value) => isText(value) && WHOLE_MNEMONIC.test(value),
  protocol: isText,
  id: (value) => isUint(value, MAX_UINT16),
  request_size: (value) => isUint(value),
  dnssec_ok: (value) => typeof value === 'boolean',
  bufsize: (value) => isUint(value, MAX_UINT16),
  rcode: (value) => value === null || (isText(value) && /^(?:[A-Z]+\d*|\d{1,5})$/.test(value)),
  response_size: (value) => isUint(value),
  duration_seconds: (value) => typeof value === 'number' && value >= 0 && value <= MAX_SECONDS,
};

const RULE_LIST = Object.entries(RULES);

function isQuery(members: Members): members is Members & QueryMembers {
  return RULE_LIST.every(([name, isRight]) => members[name] === undefined || isRight(members[name]));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isUint(value: unknown, max = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max;
}

/** `duration_seconds` is taken some microseconds after the duration in `msg`; it is there in every FORMAT. */
function toFields(members: QueryMembers, readMessage: MessageReader): QueryFields | undefined {
  const client = toClient(members.client_ip ?? '');
  if (client === undefined) return undefined;
  const written = members.msg === undefined ? undefined : readMessage(members.msg);
  return {
    duration: Math.round((members.duration_seconds ?? 0) * 1e9),
    client,
    port: members.client_port ?? 0,
    id: members.id,
    question: {
      qname: members.qname,
      qtype: members.qtype ?? '',
      qclass: members.qclass ?? '',
      transport: toTransport(members.protocol),
      size: members.request_size,
      dnssecOk: members.dnssec_ok,
      bufsize: members.bufsize,
    },
    ...toAnswer(members.rcode === null ? '-' : (members.rcode ?? ''), written?.flags ?? ''),
    size: members.response_size,
    metadata: written?.metadata,
  };
}

function toClock(time: unknown): number {
  return isText(time) ? parseTime(time) : Number.NaN;
}

function toLevel(level: unknown): Level | undefined {
  switch (level) {
    case 'WARN':
      return 'WARNING';
    case 'DEBUG':
    case 'INFO':
    case 'ERROR':
    case 'FATAL':
      return level;
    default:
      return undefined;
  }
}
