/**
 * Compiles the FORMAT of CoreDNS's `log` plugin into a reader of the lines it writes.
 *
 * The replacer's rules (`plugin/pkg/replacer`): find the next `}`, go back to the nearest `{`; a known label is
 * a field, `{/…}` a value of metadata, everything else stays as it is. So `{"q":"{name}"}` has one field.
 */
import { type QueryFields, toQueryFields, toQuestion } from './fields.ts';
import {
  ADDRESS,
  BOOLEAN,
  DURATION,
  FLAGS,
  MNEMONIC,
  RCODE,
  STRICT_NAME,
  TRANSPORT,
  UINT,
} from './grammar.ts';

export interface CompiledFormat {
  /** Reads a message (prefix taken off); undefined if this format did not write it. */
  read(message: string): QueryFields | undefined;
}

/** What can stand in a FORMAT: how it is written, and characters it may hold (so that none of them may follow). */
interface Field {
  readonly pattern: string;
  readonly holds: RegExp;
  /** Where the text goes; undefined for what corespan does not keep. */
  readonly key: FieldKey | undefined;
}

type FieldKey = keyof Parameters<typeof toQuestion>[0] | keyof Parameters<typeof toQueryFields>[1];

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'field';
      readonly label: string;
      readonly field: Field;
      readonly pattern: RegExp;
    }
  | { readonly kind: 'metadata'; readonly label: string };

const DIGIT = /\d/;
const LETTER = /[a-z]/;
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['{remote}', { pattern: ADDRESS, holds: /[0-9.]/, key: 'remote' }],
  ['{local}', { pattern: ADDRESS, holds: /[0-9.]/, key: undefined }],
  ['{port}', { pattern: UINT, holds: DIGIT, key: 'port' }],
  ['{>id}', { pattern: UINT, holds: DIGIT, key: 'id' }],
  ['{>opcode}', { pattern: UINT, holds: DIGIT, key: undefined }],
  ['{type}', { pattern: MNEMONIC, holds: /[A-Za-z0-9-]/, key: 'type' }],
  ['{class}', { pattern: MNEMONIC, holds: /[A-Za-z0-9-]/, key: 'class' }],
  ['{name}', { pattern: STRICT_NAME, holds: /[^ "'@;()\t]/, key: 'name' }],
  ['{proto}', { pattern: TRANSPORT, holds: LETTER, key: 'transport' }],
  ['{size}', { pattern: UINT, holds: DIGIT, key: 'size' }],
  ['{>do}', { pattern: BOOLEAN, holds: LETTER, key: 'dnssecOk' }],
  ['{>bufsize}', { pattern: UINT, holds: DIGIT, key: 'bufsize' }],
  ['{rcode}', { pattern: RCODE, holds: /[A-Z0-9]/, key: 'rcode' }],
  ['{>rflags}', { pattern: FLAGS, holds: /[a-z,]/, key: 'flags' }],
  ['{rsize}', { pattern: `-|${UINT}`, holds: DIGIT, key: 'responseSize' }],
  ['{duration}', { pattern: DURATION, holds: /[0-9.a-zµμ]/, key: 'duration' }],
]);

const COMMON =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
const COMBINED = `${COMMON} "{>opcode}"`;

/** The words that stand for a whole format; the message of a JSON line has the common one unless told otherwise. */
const FORMAT_NAMES: ReadonlyMap<string, string> = new Map([
  ['common', COMMON],
  ['combined', COMBINED],
  ['json', COMMON],
]);

/**
 * Takes a FORMAT as it stands in the Corefile, or `common`, `combined`, `json`.
 *
 * A problem is a sentence for whoever configured it. Beside a format without name and client, every format is
 * one whose lines could be read in two ways: names are chosen by clients, so the border after each field must
 * not be something that the field itself can hold.
 */
export function compileFormat(text: string): CompiledFormat | { readonly problem: string } {
  const written = FORMAT_NAMES.get(text) ?? text;
  const segments = toSegments(written.replaceAll('{common}', COMMON).replaceAll('{combined}', COMBINED));
  const problem = findProblem(segments);
  return problem === undefined ? { read: (message) => readFields(segments, message) } : { problem };
}

function toSegments(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let literal = '';
  let rest = text;
  for (let close = rest.indexOf('}'); close >= 0; close = rest.indexOf('}')) {
    const open = rest.lastIndexOf('{', close);
    const segment = open < 0 ? undefined : toSegment(rest.slice(open, close + 1));
    if (segment === undefined) {
      literal += rest.slice(0, close + 1);
    } else {
      literal += rest.slice(0, open);
      if (literal !== '') segments.push({ kind: 'literal', text: literal });
      segments.push(segment);
      literal = '';
    }
    rest = rest.slice(close + 1);
  }
  literal += rest;
  if (literal !== '') segments.push({ kind: 'literal', text: literal });
  return segments;
}

function toSegment(label: string): Segment | undefined {
  if (label.startsWith('{/')) return { kind: 'metadata', label: label.slice(2, -1) };
  const field = FIELDS.get(label);
  return field && { kind: 'field', label, field, pattern: new RegExp(field.pattern, 'y') };
}

function findProblem(segments: readonly Segment[]): string | undefined {
  const keys = segments.map((segment) => (segment.kind === 'field' ? segment.field.key : undefined));
  if (!keys.includes('name') && !keys.includes('remote')) {
    return 'the format has neither {name} nor {remote}: its lines tell nothing about who asked for whom';
  }
  for (const [at, segment] of segments.entries()) {
    const next = segments[at + 1];
    if (segment.kind === 'literal' || next === undefined) continue;
    const label = segment.kind === 'field' ? segment.label : `{/${segment.label}}`;
    if (next.kind !== 'literal') return `nothing stands between ${label} and what follows it`;
    if (segment.kind === 'field' && segment.field.holds.test(next.text.charAt(0))) {
      return `${label} may itself hold the ${JSON.stringify(next.text.charAt(0))} that follows it; put a blank there`;
    }
  }
  return undefined;
}

/** One pass from left to right; every segment ends where it ends, nothing is tried twice. */
function readFields(segments: readonly Segment[], message: string): QueryFields | undefined {
  const texts: Partial<Record<FieldKey, string>> = {};
  const metadata = new Map<string, string>();
  let at = 0;
  for (const [index, segment] of segments.entries()) {
    const end = endOf(segment, segments[index + 1], { message, at });
    if (end < 0) return undefined;
    if (segment.kind === 'field' && segment.field.key !== undefined) {
      texts[segment.field.key] = message.slice(at, end);
    }
    if (segment.kind === 'metadata') metadata.set(segment.label, message.slice(at, end));
    at = end;
  }
  if (message.slice(at).trim() !== '' || !isWholeName(texts.name)) return undefined;
  const question = toQuestion(texts);
  return question && toQueryFields(question, texts, metadata.size === 0 ? undefined : metadata);
}

/** Where `segment` ends if it begins at `at`; -1 if it does not stand there. */
function endOf(
  segment: Segment,
  next: Segment | undefined,
  { message, at }: { readonly message: string; readonly at: number },
): number {
  switch (segment.kind) {
    case 'literal':
      return message.startsWith(segment.text, at) ? at + segment.text.length : -1;
    case 'field':
      segment.pattern.lastIndex = at;
      return segment.pattern.test(message) ? segment.pattern.lastIndex : -1;
    case 'metadata':
      return next?.kind === 'literal' ? message.indexOf(next.text, at) : message.length;
    default:
      return segment satisfies never;
  }
}

/** Names end in a dot: so a loose format does not take other messages for queries. */
function isWholeName(name: string | undefined): boolean {
  return name === undefined || name.endsWith('.');
}
